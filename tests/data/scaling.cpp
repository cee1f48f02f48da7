// Each scaling against its formula in preprocessing.h, evaluated with plain loops on all samples.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "data/dataset.h"
#include "data/moments.h"
#include "data/staging.h"
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

  explicit Files(Scaling scaling, const std::string& format = "csv") {
    options.format = format;
    options.scaling = scaling;
    options.validation = 10;
    if (format == "csv") {
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
  double variance = 0.0;
  for (Index i = 0; i < n; ++i) {
    REQUIRE(std::abs(scaled.mean(i)) < kRounding);
    variance += scaled.covariance(i, i) / static_cast<double>(n);
  }
  REQUIRE(std::abs(variance - 1.0) < kRounding);
  const auto& scale = scaled.preprocessing.scale;
  REQUIRE(scale == std::vector<double>(n, scale[0]));
  for (Index j = 0; j < scaled.samples; ++j) REQUIRE(scaled.at(n - 1, j) == 0.0);
}

TEST_CASE("standard: zero means, unit deviations, constant features zero") {
  const Files files(Scaling::standard, "idx");
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
  options.format = "csv";
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
  const Scaled bytes(Files(Scaling::unit, "idx").options, 1);
  REQUIRE(bytes.preprocessing.shift == std::vector<double>(n, 0.0));
  REQUIRE(bytes.preprocessing.scale == std::vector<double>(n, 1.0 / 255.0));
}

TEST_CASE("unit: CSV by the range of the training samples") {
  const Files files(Scaling::unit);
  Scaled scaled(files.options, tall());
  Worst outside;
  for (const double x : scaled.columns) outside.add(std::max(-x, x - 1.0));
  REQUIRE(outside <= kRounding);
  std::sort(scaled.columns.begin(), scaled.columns.end());
  REQUIRE(scaled.columns.front() == 0.0);
  REQUIRE(std::abs(scaled.columns.back() - 1.0) < kRounding);
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

namespace {

/// Samples of two features and an alternating label, column by column as numbers.
struct TestTable {
  TestFolder folder;
  DataOptions options;

  TestTable(const std::vector<double>& first, const std::vector<double>& second, Scaling scaling) {
    std::string text;
    char line[80];
    for (std::size_t s = 0; s < first.size(); ++s) {
      std::snprintf(line, sizeof line, "%.17g,%.17g,%d\n", first[s], second[s],
                    static_cast<int>(s % 2));
      text += line;
    }
    options.format = "csv";
    options.scaling = scaling;
    options.validation = 0;
    options.train = folder.write("table.csv", text);
  }

  Dataset load_all() const {
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    return load(options, shape, 1, grid, {2, false, {0, shape.train}, 8});
  }
};

std::vector<double> values_of(const Dataset& data) {
  return gather(data.train.panels[0].inputs);
}

std::vector<double> numbers(std::size_t count, int step) {
  std::vector<double> result;
  for (std::size_t s = 0; s < count; ++s)
    result.push_back(0.1 * static_cast<double>(step * s % 37) - 1.3);
  return result;
}

std::vector<double> times(std::vector<double> x, int exponent) {
  for (double& value : x) value = std::ldexp(value, exponent);
  return x;
}

void require_usable(const Preprocessing& p) {
  for (const double scale : p.scale) REQUIRE((std::isfinite(scale) && scale != 0.0));
  for (const double shift : p.shift) REQUIRE(std::isfinite(shift));
}

}  // namespace

TEST_CASE("any unit gives the same scaled values, from 1e-300 to 1e308") {
  const auto x = numbers(40, 7), y = numbers(40, 11);
  const auto [high, low] = GENERATE(std::pair{1021, -990}, std::pair{600, 600}, std::pair{0, -700});
  const Dataset here = TestTable(x, y, Scaling::standard).load_all();
  const Dataset there = TestTable(times(x, high), times(y, low), Scaling::standard).load_all();
  require_usable(there.preprocessing);
  REQUIRE_ALL(values_of(there) == values_of(here));
  // One deviation for all: both columns in one unit.
  const Dataset centred = TestTable(x, y, Scaling::centred).load_all();
  for (const int unit : {high, low})
    REQUIRE_ALL(values_of(TestTable(times(x, unit), times(y, unit), Scaling::centred).load_all()) ==
                values_of(centred));
}

TEST_CASE("no finite value gives a scale of 0, infinity or NaN, or a value that is not finite",
          "[ranks:1]") {
  const auto scaling =
      GENERATE(Scaling::none, Scaling::unit, Scaling::centred, Scaling::standard, Scaling::whiten);
  std::vector<double> x = numbers(40, 7), y = numbers(40, 11);
  const double most = std::numeric_limits<double>::max();
  SECTION("the largest numbers") {
    x[3] = most;
    y[4] = -most;
    for (std::size_t s = 5; s < 30; ++s) x[s] = -most;
  }
  SECTION("a cell of 1e200") {
    x[3] = 1e200;
  }
  SECTION("the smallest numbers") {
    for (double& value : x) value = value > 0 ? 5e-324 : 0.0;
    y = times(y, -1040);
  }
  SECTION("nothing but zeros") {
    x.assign(x.size(), 0.0);
    y = x;
  }
  const Dataset data = TestTable(x, y, scaling).load_all();
  require_usable(data.preprocessing);
  const double bound = scaling == Scaling::none ? most : 1e100;
  for (const double value : values_of(data)) REQUIRE(std::abs(value) <= bound);
}

TEST_CASE("values far outside the rest are named by line and column", "[ranks:1-2]") {
  std::vector<double> x = numbers(40, 7), y = numbers(40, 11);
  const auto warnings = [&] {
    TestTable table(x, y, Scaling::standard);
    table.options.validation = GENERATE(0, 20);  // whether they are held out or not
    const DataShape shape = probe(table.options, MPI_COMM_WORLD);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    return load(table.options, shape, 1, grid, {2, false, {0, shape.train}, 8}).warnings;
  };
  SECTION("a fill value, twice") {
    const double fill = GENERATE(-999.25e30, 1e35, 9.96921e36);
    y[6] = y[30] = fill;
    const auto said = warnings();
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("table.csv, line 7, column 2: ") != std::string::npos);
    CHECK(said[0].find("far outside the other values (as 2 values") != std::string::npos);
  }
  SECTION("too large to be squared, all of a column") {
    x = times(x, 900);
    const auto said = warnings();
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("line 1, column 1") != std::string::npos);
    CHECK(said[0].find("too large to be squared") != std::string::npos);
  }
  SECTION("an outlier of 1e20 is data") {
    x[5] = 1e20;
    CHECK(warnings().empty());
  }
}

TEST_CASE("columns are counted and named as the file has them", "[ranks:1-2]") {
  const TestFolder folder;
  DataOptions options;
  options.format = "csv";
  options.label_column = LabelColumn::first;
  options.validation = 0;
  options.scaling = Scaling::centred;
  std::string text = "species;width;height\n";
  for (int s = 0; s < 40; ++s)
    text += std::to_string(s % 2) + ";" + std::to_string(s * 7 % 11) + ",5;" +
            (s == 20 ? "1e35" : std::to_string(s * 5 % 13)) + "\n";
  options.train = folder.write("table.csv", text);
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, 1, grid, {2, false, {0, 40}, 8});
  REQUIRE(data.warnings.size() == 1);
  CHECK(data.warnings[0].find("line 22, column 3 ('height'): 1e+35") != std::string::npos);
  REQUIRE(data.notes.size() == 1);
  CHECK(data.notes[0].find("(column 2 ('width')) to ") != std::string::npos);
}

TEST_CASE("auto: centred for images, standard for tables, each in its own right", "[ranks:1]") {
  Files csv(Scaling::none), idx(Scaling::none, "idx");
  csv.options.scaling.reset();
  idx.options.scaling.reset();
  CHECK(Scaled(csv.options, 1).preprocessing.kind == Scaling::standard);
  CHECK(Scaled(idx.options, 1).preprocessing.kind == Scaling::centred);
}

TEST_CASE("centred for columns in very different units is noted") {
  const auto x = numbers(40, 7), y = numbers(40, 11);
  const Dataset apart = TestTable(x, times(y, 7), Scaling::centred).load_all();
  REQUIRE(apart.notes.size() == 1);
  CHECK(apart.notes[0].find("(column 1) to ") != std::string::npos);
  CHECK(apart.notes[0].find("(column 2)") != std::string::npos);
  CHECK(TestTable(x, times(y, 6), Scaling::centred).load_all().notes.empty());
  CHECK(TestTable(x, times(y, 20), Scaling::standard).load_all().notes.empty());
}

TEST_CASE("missing values are left out of the moments and taken as the mean") {
  const double gap = std::numeric_limits<double>::quiet_NaN();
  const int rank = rank_of(MPI_COMM_WORLD), ranks = size_of(MPI_COMM_WORLD);
  const std::vector<std::vector<double>> samples = {{1, gap}, {gap, 5}, {3, 7}, {8, gap}};
  StagedSet set(PanelColumns({0, 4}, ranks), 2, ValueType::real, rank);
  for (Index s = 0; s < 4; ++s) {
    const auto slot = set.columns().locate(s);
    if (slot.rank == rank)
      set.store(
          slot.panel, slot.column, 0,
          reinterpret_cast<const unsigned char*>(samples[static_cast<std::size_t>(s)].data()));
  }
  const Moments moments(set, MPI_COMM_WORLD);
  CHECK(moments.present == std::vector<double>{3, 2});
  CHECK(moments.mean == std::vector<double>{4, 6});
  CHECK(moments.deviation[1] == 1.0);
  CHECK(std::abs(moments.deviation[0] - std::sqrt(26.0 / 3.0)) < 4e-15);
  for (const auto kind : {Scaling::none, Scaling::unit, Scaling::standard}) {
    const auto p = fit_preprocessing(kind, false, moments, set, MPI_COMM_WORLD);
    CHECK(p.fill == moments.mean);
    std::vector<double> out(static_cast<std::size_t>(2 * set.local_count(0)));
    apply_preprocessing(p, set, 0, out.data(), 2);
    for (Index j = 0; j < set.local_count(0); ++j)
      for (std::size_t i = 0; i < 2; ++i) {
        const auto s = static_cast<std::size_t>(rank * set.columns().slab + j);
        const double x = std::isnan(samples[s][i]) ? moments.mean[i] : samples[s][i];
        CHECK(out[static_cast<std::size_t>(2 * j) + i] == (x - p.shift[i]) * p.scale[i]);
      }
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
