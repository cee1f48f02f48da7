// Components of sparse samples against those of the same samples held dense, and those against
// brute force in components.cpp.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "data/components.h"
#include "data/sparse_dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "support/worst.h"
#include "test_files.h"

using namespace admmnet;
using test::require_bad_input;
using test::TestFolder;
using test::Worst;

namespace {

constexpr Index kFeatures = 60, kSamples = 130;

/// An eighth of the values is not 0; every seventh feature is in no sample, and every ninth sample
/// has none. Feature f is of a size of its own. The first eight eigenvalues are at least
/// lambda_1/100 apart.
double value(Index s, Index f) {
  if (f % 7 == 3 || s % 9 == 5 || (7 * s * s + 13 * f * f + 11 * s * f + 3 * s) % 101 % 6 != 0)
    return 0.0;
  return std::sin(1.0 + 0.7 * static_cast<double>(s) + static_cast<double>(s * f % 17)) *
             std::pow(0.97, static_cast<double>(f)) +
         0.2;
}

struct Files {
  TestFolder folder;
  DataOptions options;
  DataShape shape;

  explicit Files(Scaling scaling) {
    std::ostringstream text;
    text.precision(17);
    for (Index s = 0; s < kSamples; ++s) {
      text << s % 3;
      for (Index f = 0; f < kFeatures; ++f)
        if (value(s, f) != 0.0) text << ' ' << f + 1 << ':' << value(s, f);
      text << '\n';
    }
    options.format = "svmlight";
    options.train = folder.write("train.svm", text.str());
    options.features = kFeatures;
    options.scaling = scaling;
    options.storage = Storage::sparse;
    options.validation = 12;
    shape = probe(options, MPI_COMM_WORLD);
  }

  Preprocessing sparse(const Components& asked) const {
    return learn_sparse_components(options, shape, asked, 1, MPI_COMM_WORLD);
  }
  Preprocessing dense() const {
    DataOptions as_dense = options;
    as_dense.storage = Storage::dense;
    return learn_eigenvectors(as_dense, shape, 1, MPI_COMM_WORLD);
  }
  Preprocessing dense(Index count) const {
    Preprocessing learned = dense();
    keep_components(count, learned);
    whiten_components(shape.train, learned);
    return learned;
  }
  /// The inputs of training and of validation with these components, on a grid of so many rows.
  std::vector<double> inputs(Storage storage, const Preprocessing& learned, int rows) const {
    DataOptions used = options;
    used.storage = storage;
    const ProcessGrid grid(MPI_COMM_WORLD, rows, size_of(MPI_COMM_WORLD) / rows);
    const Dataset data = load(used, shape, 1, grid, {2, true, {0, 50, shape.train}, 8},
                              HoldOut::of_each_class, &learned);
    REQUIRE(data.train.left_out == learned.left_out());
    std::vector<double> columns;
    for (const SampleSet* set : {&data.train, &data.validation})
      for (const SamplePanel& panel : set->panels) {
        REQUIRE_FALSE(panel.sparse.has_value());
        const auto part = gather(panel.inputs);
        columns.insert(columns.end(), part.begin(), part.end());
      }
    return columns;
  }
};

Components share_of(double part) {
  Components share(Components::share);
  share.part = part;
  return share;
}

}  // namespace

TEST_CASE("components of sparse samples are those of dense ones, on any grid") {
  const Scaling scaling =
      GENERATE(Scaling::deviation, Scaling::standard, Scaling::none, Scaling::whiten);
  const Index k = GENERATE(Index{1}, Index{7});
  const Files files(scaling);
  const Preprocessing sparse = files.sparse(Components::of(k));
  const Preprocessing dense = files.dense(k);
  REQUIRE(sparse.inputs() == k);
  REQUIRE(static_cast<Index>(sparse.eigenvalues.size()) == k);
  const std::vector<double>& lambda = dense.eigenvalues;
  Worst values, vectors;
  for (std::size_t i = 0; i < sparse.eigenvalues.size(); ++i)
    values.add(std::abs(sparse.eigenvalues[i] / lambda[i] - 1.0), "eigenvalue", i);
  REQUIRE_ALL(values <= 1e-8);
  // Residuals of 1e-11 lambda over distances of lambda_1/100; signs are the same by convention.
  for (std::size_t i = 0; i < sparse.rotation.size(); ++i)
    vectors.add(std::abs(sparse.rotation[i] - dense.rotation[i]), "entry", i);
  REQUIRE_ALL(vectors <= 1e-8);
  REQUIRE(sparse.left_out() == Approx(dense.left_out()).epsilon(1e-10));

  // The same directions from both storages
  const std::vector<double> expected = files.inputs(Storage::dense, sparse, 1);
  const std::vector<double> x =
      files.inputs(Storage::sparse, sparse, size_of(MPI_COMM_WORLD) % 2 == 0 ? 2 : 1);
  Worst inputs;
  REQUIRE(x.size() == expected.size());
  for (std::size_t i = 0; i < x.size(); ++i) inputs.add(std::abs(x[i] - expected[i]), "entry", i);
  REQUIRE_ALL(inputs <= 1e-12 * std::sqrt(lambda[0]));  // sums of 60 products
}

TEST_CASE("whitened components of sparse samples have the covariance L / (L + e)") {
  constexpr Index k = 9;
  const Files files(Scaling::whiten);
  const Preprocessing learned = files.sparse(Components::of(k));
  const std::vector<double> x = files.inputs(Storage::sparse, learned, 1);
  const auto samples = static_cast<double>(files.shape.train);
  Worst covariance;
  for (Index i = 0; i <= k; ++i)  // the ones are the last
    for (Index j = 0; j <= k; ++j) {
      double sum = 0.0;
      for (Index s = 0; s < files.shape.train; ++s)
        sum += x[static_cast<std::size_t>(i + s * (k + 1))] *
               x[static_cast<std::size_t>(j + s * (k + 1))] / samples;
      const double lambda =
          i < k ? learned.eigenvalues[static_cast<std::size_t>(i)] / samples : 1.0;
      const double expected = i != j ? 0.0 : i < k ? lambda / (lambda + kWhiteningRidge) : 1.0;
      covariance.add(std::abs(sum - expected), i, j);
    }
  REQUIRE_ALL(covariance <= 1e-10);  // residuals of 1e-11 lambda
  REQUIRE(learned.left_out() == 0.0);
  REQUIRE(learned.accounted_features() == k);
}

TEST_CASE("components of sparse samples: a share takes as many as of dense ones") {
  const double part = GENERATE(0.3, 0.8, 0.99);  // within 16, 32 and all eigenvalues
  const Files files(Scaling::standard);
  const Preprocessing sparse = files.sparse(share_of(part)), dense = files.dense();
  const Index k = component_count(share_of(part), kFeatures, dense.eigenvalues);
  REQUIRE(sparse.inputs() == k);
  const double sum = std::accumulate(sparse.eigenvalues.begin(), sparse.eigenvalues.end(), 0.0);
  const double trace = std::accumulate(dense.eigenvalues.begin(), dense.eigenvalues.end(), 0.0);
  REQUIRE(sum + sparse.rest_of_trace == Approx(trace).epsilon(1e-12));
  REQUIRE(component_count(share_of(part), kFeatures, sparse.eigenvalues, sparse.rest_of_trace) ==
          k);
}

TEST_CASE("components of sparse samples: what cannot be is said") {
  const Files files(Scaling::none);
  require_bad_input([&] { files.sparse(Components::of(61)); }, {"-data_components 61", "60"});
  // Nine features are nowhere, and what is nowhere is no direction.
  require_bad_input([&] { files.sparse(Components::of(55)); },
                    {"-data_components 55", "lie in 51 directions", "set 51"});
  Files few(Scaling::none);
  few.options.train_limit = 30;
  few.shape = probe(few.options, MPI_COMM_WORLD);
  require_bad_input([&] { few.sparse(Components::of(19)); }, {"18 training samples", "set 18"});
  check_sparse_components(Components::of(134), 1000000, 1000000);
  require_bad_input([&] { check_sparse_components(Components::of(135), 1000000, 1000000); },
                    {"-data_components 135", "1000000 features", "set 134"});
}
