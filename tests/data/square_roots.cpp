// The scaling sqn against its formula in square_roots.h and preprocessing.h, by plain loops.
#include "data/square_roots.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "support/worst.h"
#include "test_files.h"

using namespace admmnet;
using test::Pattern;
using test::TestFolder;
using test::Worst;

namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
/// Sums of some hundred terms of size one, taken in another order: 1e-14; times ten.
constexpr double kRounding = 1e-13;

using Samples = std::vector<std::vector<double>>;

Samples roots(const Samples& x, double unit) {
  Samples q = x;
  for (auto& sample : q) {
    double sum = 0.0, present = 0.0;
    for (const double value : sample)
      if (!std::isnan(value)) {
        sum += value / unit;
        present += 1.0;
      }
    for (double& value : sample) value = std::sqrt(value / unit) / std::sqrt(sum / present + 1e-3);
  }
  return q;
}

/// (q_i - mu_i) / sd of the samples `of`, mu and sd being those of `q`; 0 for what is missing.
std::vector<double> centred(const Samples& q, const Samples& of) {
  const std::size_t n = q.front().size();
  std::vector<double> mean(n, 0.0), result;
  double variance = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    double present = 0.0, squares = 0.0;
    for (const auto& sample : q)
      if (!std::isnan(sample[i])) {
        mean[i] += sample[i];
        present += 1.0;
      }
    mean[i] /= present;
    for (const auto& sample : q)
      if (!std::isnan(sample[i])) squares += (sample[i] - mean[i]) * (sample[i] - mean[i]);
    variance += squares / present / static_cast<double>(n);
  }
  for (const auto& sample : of)
    for (std::size_t i = 0; i < n; ++i)
      result.push_back(std::isnan(sample[i]) ? 0.0 : (sample[i] - mean[i]) / std::sqrt(variance));
  return result;
}

std::string csv(const Samples& samples) {
  std::string text;
  char field[40];
  for (std::size_t s = 0; s < samples.size(); ++s) {
    for (const double value : samples[s]) {
      std::snprintf(field, sizeof field, "%.17g,", value);
      text += std::isnan(value) ? "NA," : field;
    }
    text += s % 2 == 0 ? "0\n" : "1\n";
  }
  return text;
}

/// Counts, among them a sample of zeros and missing values.
Samples counts() {
  Samples samples;
  for (int s = 0; s < 23; ++s) {
    samples.emplace_back();
    for (int i = 0; i < 5; ++i) samples.back().push_back((7 * s + 3 * i * i) % 17);
  }
  samples[4].assign(5, 0.0);
  samples[6][2] = samples[7][2] = samples[8][0] = kGap;
  return samples;
}

struct CountTable {
  TestFolder folder;
  DataOptions options;

  explicit CountTable(const Samples& train, Index validation = 0) {
    options.format = "csv";
    options.scaling = Scaling::sqn;
    options.missing = Missing::mean;
    options.validation = validation;
    options.train = folder.write("train.csv", csv(train));
  }
};

/// Inputs of all panels, sample after sample.
std::vector<double> values_of(const SampleSet& set) {
  std::vector<double> all;
  for (const SamplePanel& panel : set.panels) {
    const auto columns = gather(panel.inputs);
    all.insert(all.end(), columns.begin(), columns.end());
  }
  return all;
}

bool close(std::vector<double> a, std::vector<double> b) {
  Worst worst;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) worst.add(std::abs(a[i] - b[i]));
  return a.size() == b.size() && worst <= kRounding;
}

/// The training samples in the order of training, so that they can be compared.
std::vector<double> in_order(const DataShape& shape, const std::vector<double>& values) {
  const TrainingSplit split(shape.train_file.classes, shape.train, 0, 1, HoldOut::of_each_class);
  const std::size_t n = static_cast<std::size_t>(shape.features);
  std::vector<double> result;
  for (Index p = 0; p < shape.train; ++p) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(
                                            n * static_cast<std::size_t>(split.training_sample(p)));
    result.insert(result.end(), first, first + static_cast<std::ptrdiff_t>(n));
  }
  return result;
}

int tall() {
  return size_of(MPI_COMM_WORLD) % 2 == 0 ? 2 : 1;
}

}  // namespace

TEST_CASE("sqn of a table: the formula, also where values are missing; predict does the same") {
  const Samples train = counts();
  CountTable table(train);
  const Samples test{{1, 4, 9, 16, 25}, {0, 0, 0, 0, 0}, {kGap, 3, kGap, 1e6, 2}};
  table.options.test = table.folder.write("test.csv", csv(test));
  const DataShape shape = probe(table.options, MPI_COMM_WORLD);
  for (const int rows : {1, tall()}) {
    const ProcessGrid grid(MPI_COMM_WORLD, rows, size_of(MPI_COMM_WORLD) / rows);
    const Dataset data = load(table.options, shape, 1, grid, {2, false, {0, 5, shape.train}, 2});
    const Samples q = roots(train, 1.0);
    REQUIRE_ALL(close(values_of(data.train), in_order(shape, centred(q, q))));
    REQUIRE_ALL(close(values_of(data.test), centred(q, roots(test, 1.0))));
    CHECK(data.preprocessing.scale == std::vector<double>(5, data.preprocessing.scale[0]));
    CHECK(data.preprocessing.unit == 1.0);

    const DataShape alone = probe_test(table.options, {5, {"0", "1"}, {}}, MPI_COMM_WORLD);
    const SampleSet predicted =
        load_test(table.options, alone, data.preprocessing, grid, {2, false, {0}, 3});
    REQUIRE_ALL(values_of(predicted) == values_of(data.test));
  }
}

TEST_CASE("sqn of images: bytes count as 0 to 1, also when they are averaged") {
  const TestFolder folder;
  const Pattern pattern{41, 12, 2, 0};
  DataOptions options;
  options.dir = folder.path();
  options.scaling = Scaling::sqn;
  options.validation = 0;
  options.pool = GENERATE(1, 2);
  folder.write("train-images-idx3-ubyte", pattern.idx_images());
  folder.write("train-labels-idx1-ubyte", pattern.idx_labels());
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, 1, grid, {64, false, {0, shape.train}, 8});
  Samples x;
  for (Index s = 0; s < pattern.samples; ++s) {
    x.emplace_back();
    for (Index i = 0; i < shape.features; ++i) {
      double sum = 0.0;  // squares of 2 x 2 of the 2 x 6 pixels
      for (const Index pixel : {2 * i, 2 * i + 1, 2 * i + 6, 2 * i + 7})
        if (options.pool == 2) sum += pattern.value(s, pixel) / 4.0;
      x.back().push_back(options.pool == 2 ? sum : pattern.value(s, i));
    }
  }
  const Samples q = roots(x, 255.0);
  REQUIRE_ALL(close(values_of(data.train), in_order(shape, centred(q, q))));
  CHECK(data.preprocessing.unit == 255.0);
}

TEST_CASE("sqn: the smallest negative value is named, wherever it stands") {
  Samples train = counts();
  const std::vector<std::string> remedy = {"-data_scaling sqn", "-data_scaling standard"};
  const auto said = [&](std::vector<std::string> parts) {
    parts.insert(parts.end(), remedy.begin(), remedy.end());
    return parts;
  };
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const auto load_all = [&](const CountTable& table) {
    const DataShape shape = probe(table.options, MPI_COMM_WORLD);
    load(table.options, shape, 1, grid, {2, false, {0, shape.train}, 2});
  };
  SECTION("in the training file, held out or not") {
    train[11][3] = -2.5;
    train[17][0] = -1e-9;
    const CountTable table(train, GENERATE(0, 12));
    test::require_bad_input([&] { load_all(table); },
                            said({"train.csv, line 12, column 4: -2.5 is the smallest"}));
  }
  SECTION("in the test file, of a run and of a prediction") {
    CountTable table(train);
    table.options.test = table.folder.write("test.csv", csv({{1, 2, 3, 4, 5}, {1, -7, 3, -7, 5}}));
    const auto parts = said({"test.csv, line 2, column 2: -7 is the smallest"});
    test::require_bad_input([&] { load_all(table); }, parts);
    const std::vector<double> none(5, 0.0), ones(5, 1.0);
    const Preprocessing trained{Scaling::sqn, none, ones, {}, {}, 1};
    const DataShape alone = probe_test(table.options, {5, {"0", "1"}, {}}, MPI_COMM_WORLD);
    test::require_bad_input(
        [&] {
          load_test(table.options, alone, trained, grid, {2, false, {0}, 3});
        },
        parts);
  }
  SECTION("-0 is 0, and other scalings take all") {
    train[3][1] = -0.0;
    load_all(CountTable(train));
    train[3][1] = -3.0;
    CountTable table(train);
    table.options.scaling = Scaling::standard;
    load_all(table);
  }
}

TEST_CASE("sqn: no finite value gives one that is not", "[ranks:1]") {
  const double most = std::numeric_limits<double>::max();
  std::vector<double> x{most, most, 0.0, 5e-324, kGap};
  sample_map(Scaling::sqn, 1.0)(5, x.data());
  CHECK(x[0] == Approx(std::sqrt(2.0)).epsilon(1e-14));
  CHECK(x[2] == 0.0);
  CHECK(x[3] < 1e-300);
  CHECK(std::isnan(x[4]));
  std::vector<double> missing{kGap, kGap};
  sample_map(Scaling::sqn, 255.0)(2, missing.data());
  CHECK(std::isnan(missing[1]));
  CHECK_FALSE(sample_map(Scaling::centred, 1.0));
}
