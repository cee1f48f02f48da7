// Components of the features against brute force: the Gram matrix by plain loops.
#include "data/components.h"

#include <algorithm>
#include <cmath>

#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "support/worst.h"
#include "test_files.h"

using namespace admmnet;
using test::Pattern;
using test::TestFolder;
using test::Worst;

namespace {

constexpr Index n = 6;

/// Images of n pixels, the last one constant.
struct Files {
  TestFolder folder;
  Pattern train{97, n, 3, 0};
  DataOptions options;
  DataShape shape;

  explicit Files(Scaling scaling) {
    options.dir = folder.path();
    options.scaling = scaling;
    options.validation = 10;
    folder.write("train-images-idx3-ubyte", train.idx_images());
    folder.write("train-labels-idx1-ubyte", train.idx_labels());
    shape = probe(options, MPI_COMM_WORLD);
  }
};

/// The inputs of training, k x N, on every rank, on a grid of so many rows.
std::vector<double> inputs(const Files& files, int rows, const Preprocessing* learned) {
  const ProcessGrid grid(MPI_COMM_WORLD, rows, size_of(MPI_COMM_WORLD) / rows);
  const Dataset data =
      load(files.options, files.shape, 1, grid, {2, false, {0, 5, files.shape.train}, 8},
           HoldOut::of_each_class, learned);
  std::vector<double> columns;
  for (const SamplePanel& panel : data.train.panels) {
    const auto part = gather(panel.inputs);
    columns.insert(columns.end(), part.begin(), part.end());
  }
  return columns;
}

std::vector<double> gram(const std::vector<double>& X, Index rows) {
  std::vector<double> G(static_cast<std::size_t>(rows * rows), 0.0);
  for (std::size_t s = 0; s < X.size(); s += static_cast<std::size_t>(rows))
    for (Index j = 0; j < rows; ++j)
      for (Index i = 0; i < rows; ++i)
        G[static_cast<std::size_t>(i + j * rows)] +=
            X[s + static_cast<std::size_t>(i)] * X[s + static_cast<std::size_t>(j)];
  return G;
}

}  // namespace

TEST_CASE("components: inputs U' x have the Gram matrix diag(lambda), whatever grid and scaling") {
  const Scaling scaling = GENERATE(Scaling::centred, Scaling::standard, Scaling::none);
  const Index k = GENERATE(Index{3}, n);
  const Files files(scaling);
  const std::vector<double> X = inputs(files, 1, nullptr), G = gram(X, n);
  Preprocessing learned = learn_eigenvectors(files.options, files.shape, 1, MPI_COMM_WORLD);
  const std::vector<double> lambda = learned.eigenvalues;
  REQUIRE(std::is_sorted(lambda.rbegin(), lambda.rend()));
  keep_components(k, learned);
  REQUIRE(learned.inputs() == k);
  const auto u = [&](Index i, Index j) {
    return learned.rotation[static_cast<std::size_t>(i + j * n)];
  };
  Worst equation, product, diagonal;
  for (Index j = 0; j < k; ++j)  // G U = U diag(lambda)
    for (Index i = 0; i < n; ++i) {
      double sum = -lambda[static_cast<std::size_t>(j)] * u(i, j);
      for (Index p = 0; p < n; ++p) sum += G[static_cast<std::size_t>(i + p * n)] * u(p, j);
      equation.add(std::abs(sum) / lambda[0], i, j);
    }
  REQUIRE_ALL(equation <= 1e-13);
  const int ranks = size_of(MPI_COMM_WORLD);
  const std::vector<double> x = inputs(files, ranks % 2 == 0 ? 2 : 1, &learned);
  REQUIRE(x.size() * static_cast<std::size_t>(n) == X.size() * static_cast<std::size_t>(k));
  for (Index s = 0; s < files.shape.train; ++s)
    for (Index j = 0; j < k; ++j) {
      double sum = -x[static_cast<std::size_t>(j + s * k)];
      for (Index i = 0; i < n; ++i) sum += u(i, j) * X[static_cast<std::size_t>(i + s * n)];
      product.add(std::abs(sum), "sample", s, j);
    }
  REQUIRE_ALL(product <= 1e-12);
  const std::vector<double> rotated = gram(x, k);
  double trace = 0.0, left = 0.0;
  for (Index i = 0; i < n; ++i) trace += G[static_cast<std::size_t>(i + i * n)];
  for (Index j = 0; j < k; ++j)
    for (Index i = 0; i < k; ++i)
      diagonal.add(std::abs(rotated[static_cast<std::size_t>(i + j * k)] -
                            (i == j ? lambda[static_cast<std::size_t>(i)] : 0.0)) /
                       lambda[0],
                   i, j);
  REQUIRE_ALL(diagonal <= 1e-13);
  for (Index i = 0; i < k; ++i) left += rotated[static_cast<std::size_t>(i + i * k)];
  CHECK(std::abs(learned.left_out() - (trace - left)) <= 1e-12 * trace);
}

TEST_CASE("components: how many a share takes", "[ranks:1]") {
  const std::vector<double> lambda = {6, 2, 1, 1, 0, 0};
  Components share(Components::share);
  const auto count = [&](double part, double most) {
    share.part = part;
    share.most_inputs = most;
    return component_count(share, 6, lambda);
  };
  CHECK(count(0.6, 1) == 1);
  CHECK(count(0.61, 1) == 2);
  CHECK(count(0.8, 0.5) == 2);
  CHECK(count(0.9, 0.5) == 3);
  CHECK(count(0.91, 0.5) == 0);  // half of the features hold less
  CHECK(most_components(share, 7) == 3);
  CHECK(component_count(Components::all, 6, lambda) == 6);
  CHECK(component_count(Components::none, 6, lambda) == 0);
  CHECK(component_count(Components::of(6), 6, lambda) == 6);
  test::require_bad_input([&] { component_count(Components::of(7), 6, lambda); },
                          {"-data_components 7", "6 features"});
  CHECK(component_count(share, 2, {0, 0}) == 1);  // nothing varies
  const std::vector<double> largest = {6, 2};     // of the same six
  share.most_inputs = 1.0;
  share.part = 0.8;
  CHECK(component_count(share, 6, largest, 2.0) == 2);
  share.part = 0.81;
  CHECK(component_count(share, 6, largest, 2.0) == 0);
}

TEST_CASE("components: auto is for centred images, where the method wants them", "[ranks:1]") {
  DataOptions options;
  CHECK(default_components(options, true) == Components::share);
  CHECK(default_components(options, false) == Components::none);
  options.scaling = GENERATE(Scaling::none, Scaling::unit, Scaling::whiten);
  CHECK(default_components(options, true) == Components::none);
  options.components = Components::of(3);
  CHECK(has_uncorrelated_inputs(options) == (options.scaling == Scaling::whiten));
  options.scaling = Scaling::standard;
  CHECK(has_uncorrelated_inputs(options));
  options.format = "csv";
  CHECK(default_components(options, true) == Components::none);
}
