// Each scaling against its formula in preprocessing.h, evaluated with plain loops on all samples.
#include <algorithm>
#include <cmath>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::Pattern;
using test::TestFolder;

namespace {

constexpr Index n = 6;

/// Sums of some hundred terms of size one, taken in another order: 1e-14; times ten.
constexpr double kRounding = 1e-13;

/// The training set after scaling, n x N in the order of the file, put together again on every
/// rank.
struct Scaled {
  Preprocessing preprocessing;
  std::vector<double> columns;  // in the order of training
  Index samples = 0;

  Scaled(const DataOptions& options, int rows) {
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const ProcessGrid grid(MPI_COMM_WORLD, rows, size_of(MPI_COMM_WORLD) / rows);
    Dataset data = load(options, shape, 1, grid, {2, false, {0, 5, shape.train}, 8});
    preprocessing = data.preprocessing;
    samples = shape.train;
    for (const auto& panel : data.train.panels) {
      const auto all = gather(panel.inputs);
      columns.insert(columns.end(), all.begin(), all.end());
    }
  }

  double mean(Index i) const {
    double sum = 0.0;
    for (Index j = 0; j < samples; ++j) sum += at(i, j);
    return sum / static_cast<double>(samples);
  }
  double covariance(Index i, Index k) const {
    double sum = 0.0;
    for (Index j = 0; j < samples; ++j) sum += (at(i, j) - mean(i)) * (at(k, j) - mean(k));
    return sum / static_cast<double>(samples);
  }
  double at(Index i, Index j) const { return columns[static_cast<std::size_t>(i + j * n)]; }
};

struct Files {
  TestFolder folder;
  Pattern train{97, n, 3, 0};
  DataOptions options;

  explicit Files(Scaling scaling, DataFormat format = DataFormat::csv) {
    options.format = format;
    options.scaling = scaling;
    options.validation = 10;
    if (format == DataFormat::csv) {
      options.train = folder.write("train.csv", train.csv(LabelColumn::last, false));
    } else {
      options.dir = folder.path();
      folder.write("train-images-idx3-ubyte.gz", train.idx_images());
      folder.write("train-labels-idx1-ubyte", train.idx_labels());
    }
  }
};

int tall() {
  return size_of(MPI_COMM_WORLD) % 2 == 0 ? 2 : 1;
}

}  // namespace

TEST_CASE("centred: zero means, one global deviation") {
  const Files files(Scaling::centred);
  const Scaled scaled(files.options, tall());
  double variance = 0.0, smallest = 1e9, largest = 0.0;
  for (Index i = 0; i < n; ++i) {
    REQUIRE(std::abs(scaled.mean(i)) < kRounding);
    variance += scaled.covariance(i, i) / static_cast<double>(n);
    const double scale = scaled.preprocessing.scale[static_cast<std::size_t>(i)];
    smallest = std::min(smallest, scale);
    largest = std::max(largest, scale);
  }
  REQUIRE(std::abs(variance - 1.0) < kRounding);
  REQUIRE(smallest == largest);
  for (Index j = 0; j < scaled.samples; ++j) REQUIRE(scaled.at(n - 1, j) == 0.0);
}

TEST_CASE("standard: zero means, unit deviations, constant features zero") {
  const Files files(Scaling::standard, DataFormat::idx);
  const Scaled scaled(files.options, 1);
  for (Index i = 0; i < n - 1; ++i) {
    REQUIRE(std::abs(scaled.mean(i)) < kRounding);
    REQUIRE(std::abs(scaled.covariance(i, i) - 1.0) < kRounding);
  }
  for (Index j = 0; j < scaled.samples; ++j) REQUIRE(scaled.at(n - 1, j) == 0.0);
  REQUIRE(scaled.preprocessing.scale.back() == 1.0);
}

TEST_CASE("a constant that has no finite binary expansion stays without variance") {
  const TestFolder folder;
  DataOptions options;
  options.format = DataFormat::csv;
  options.scaling = Scaling::standard;
  options.validation = 0;
  std::string text;
  for (int s = 0; s < 49; ++s)
    text += "0.1," + std::to_string(s) + "," + std::to_string(s % 2) + "\n";
  options.train = folder.write("train.csv", text);
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, 0, grid, {1, false, {0, 49}, 1});
  const auto all = gather(data.train.panels[0].inputs);
  for (std::size_t j = 0; j < 49; ++j) REQUIRE(all[2 * j] == 0.0);
}

TEST_CASE("unit: bytes by 255") {
  const Scaled bytes(Files(Scaling::unit, DataFormat::idx).options, 1);
  REQUIRE(bytes.preprocessing.shift == std::vector<double>(n, 0.0));
  REQUIRE(bytes.preprocessing.scale == std::vector<double>(n, 1.0 / 255.0));
}

TEST_CASE("unit: CSV by the range of the training samples") {
  const Files files(Scaling::unit);
  const Scaled scaled(files.options, tall());
  const auto [low, high] = std::minmax_element(scaled.columns.begin(), scaled.columns.end());
  REQUIRE(*low == 0.0);
  REQUIRE(std::abs(*high - 1.0) < kRounding);
}

TEST_CASE("whiten: the covariance becomes U L / (L + e) U', the map is symmetric") {
  const Files files(Scaling::whiten);
  const Scaled white(files.options, tall());
  DataOptions same = files.options;
  same.scaling = Scaling::centred;
  const Scaled centred(same, tall());
  const auto& R = white.preprocessing.rotation;
  REQUIRE(R.size() == static_cast<std::size_t>(n * n));
  const auto r = [&](Index i, Index k) { return R[static_cast<std::size_t>(i + k * n)]; };
  // R (C + e I) R = I determines the symmetric positive definite R; C from the centred samples.
  for (Index i = 0; i < n; ++i)
    for (Index k = 0; k < n; ++k) {
      double sum = 0.0;
      for (Index p = 0; p < n; ++p)
        for (Index q = 0; q < n; ++q)
          sum += r(i, p) * (centred.covariance(p, q) + (p == q ? kWhiteningRidge : 0.0)) * r(q, k);
      // The condition number of C + e I is at most some 1e3 here: 1e3 times the rounding of a sum.
      REQUIRE(std::abs(sum - (i == k ? 1.0 : 0.0)) < 1e3 * kRounding);
      REQUIRE(std::abs(r(i, k) - r(k, i)) < 1e3 * kRounding);
    }
  for (Index j = 0; j < white.samples; ++j)
    for (Index i = 0; i < n; ++i) {
      double sum = 0.0;
      for (Index k = 0; k < n; ++k) sum += r(i, k) * centred.at(k, j);
      REQUIRE(std::abs(white.at(i, j) - sum) < 1e3 * kRounding);
    }
}

TEST_CASE("only training samples enter the scaling") {
  const Files files(Scaling::centred);
  // The same training samples with a test set far away: the same scaling, and the test set scaled
  // by it.
  DataOptions options = files.options;
  options.test = files.folder.write("test.csv", "900,900,900,900,900,900,0\n");
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, 1, grid, {2, false, {0, shape.train}, 8});
  const Scaled without(files.options, 1);
  const auto far = gather(data.test.panels[0].inputs);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    // The panels differ, so the sums run in another order.
    const auto& p = without.preprocessing;
    REQUIRE(std::abs(data.preprocessing.shift[i] - p.shift[i]) < 255 * kRounding);
    REQUIRE(std::abs(data.preprocessing.scale[i] / p.scale[i] - 1.0) < kRounding);
    REQUIRE(std::abs(far[i] - (900.0 - p.shift[i]) * p.scale[i]) < 10 * kRounding);
  }
}

TEST_CASE("whitening too many features is refused") {
  const TestFolder folder;
  constexpr std::uint32_t wide = 4097;
  folder.write("train-images-idx3-ubyte",
               test::idx_bytes({2, 1, wide}, std::string(2 * wide, 'x')));
  folder.write("train-labels-idx1-ubyte", test::idx_bytes({2}, std::string("\0\1", 2)));
  DataOptions options;
  options.dir = folder.path();
  options.scaling = Scaling::whiten;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  test::require_bad_input(
      [&] {
        load(options, shape, 0, grid, {64, true, {0, 2}, 1});
      },
      {"-data_scaling whiten", "4097", "4096", "standard"});
}
