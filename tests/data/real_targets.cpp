// Real targets on every grid, and how they spread.
#include "data/real_targets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "linalg/whole_columns.h"
#include "runtime/error.h"
#include "support/mpi_check.h"
#include "test_files.h"

namespace admmnet::test {
namespace {

constexpr Index kSamples = 61, kTests = 11, kSeed = 3;

double first_target(Index s) {
  return 100.0 + std::sqrt(static_cast<double>(s));
}
double second_target(Index s) {
  return s % 5 == 0 ? 1e4 : 0.25 * static_cast<double>(s % 7);
}

/// Feature 0 is the number of the sample; every tenth sample lacks a value and is left out.
std::string table(Index samples, Index first) {
  std::string text;
  for (Index i = 0; i < samples; ++i) {
    const Index s = first + i;
    text += std::to_string(s) + "," + (s % 10 == 3 ? "NA" : "1") + "," +
            std::to_string(first_target(s)) + "," + std::to_string(second_target(s)) + "\n";
  }
  return text;
}

DataOptions options_in(const TestFolder& folder) {
  DataOptions options;
  options.format = "csv";
  options.train = folder.write("train.csv", table(kSamples, 0));
  options.test = folder.write("test.csv", table(kTests, 500));
  options.targets = 2;
  options.missing = Missing::drop;
  options.scaling = Scaling::none;
  return options;
}

std::vector<std::pair<int, int>> grids_of(int ranks) {
  std::vector<std::pair<int, int>> grids;
  for (int rows = 1; rows <= ranks; ++rows)
    if (ranks % rows == 0) grids.emplace_back(rows, ranks / rows);
  return grids;
}

/// Whether every sample has the targets that belong to its feature 0.
bool belong(const SampleSet& set, const ProcessGrid& grid) {
  const Index first = slab_width(set.widest, grid.size()) * grid.rank();
  bool right = true;
  for (const SamplePanel& panel : set.panels) {
    const std::vector<double> all = gather(panel.inputs);
    const Index rows = panel.inputs.rows();
    for (Index j = 0; j < panel.targets.count(); ++j) {
      const auto s = static_cast<Index>(all[static_cast<std::size_t>((first + j) * rows)]);
      const double* y = panel.targets.reals_of(j);
      right = right && panel.targets.given(j) && panel.targets.width == 2 &&
              std::abs(y[0] - first_target(s)) < 1e-6 && y[1] == second_target(s);
    }
  }
  return right;
}

}  // namespace

TEST_CASE("real targets stay with their samples on every grid") {
  const TestFolder folder;
  DataOptions options = options_in(folder);
  const bool last = GENERATE(false, true);
  if (last) {
    options.test.clear();
    options.test_last = 9;
  }
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE(shape.targets == 2);
  REQUIRE(shape.class_labels.empty());
  REQUIRE(shape.train + shape.validation + (last ? 9 : 0) == 55);  // 6 of 61 are left out
  for (const auto& [rows, cols] : grids_of(size_of(MPI_COMM_WORLD))) {
    INFO("grid " << rows << " x " << cols);
    const ProcessGrid grid(MPI_COMM_WORLD, rows, cols);
    bool right = true;
    if (grid.contains_this_rank()) {
      const Dataset data = load(options, shape, kSeed, grid, {2, true, {0, 17, shape.train}, 4});
      right = belong(data.train, grid) && belong(data.validation, grid) &&
              belong(data.test, grid) && data.validation.samples == shape.validation;
    }
    REQUIRE_ALL(right);
  }
}

TEST_CASE("how real targets of the training samples spread") {
  const TestFolder folder;
  DataOptions options = options_in(folder);
  options.validation = 0;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  std::vector<double> of_first, of_second;
  for (Index s = 0; s < kSamples; ++s) {
    if (s % 10 == 3) continue;
    of_first.push_back(first_target(s));
    of_second.push_back(second_target(s));
  }
  const auto n = static_cast<double>(of_second.size());
  const double mean = std::accumulate(of_first.begin(), of_first.end(), 0.0) / n;
  double squares = 0.0;
  for (const double y : of_first) squares += (y - mean) * (y - mean);
  const TargetSpread plain = spread_of_targets(shape, kSeed, false);
  CHECK(plain.centre[0] == Approx(mean).epsilon(1e-8));  // six decimals stand in the file
  CHECK(plain.scale[0] == Approx(std::sqrt(squares / n)).epsilon(1e-5));
  CHECK(plain.scale[1] > 1000.0);

  // A fifth of the second target are outliers, and move nothing.
  std::sort(of_second.begin(), of_second.end());
  const double median = of_second[of_second.size() / 2];
  std::vector<double> off;
  for (const double y : of_second) off.push_back(std::abs(y - median));
  std::sort(off.begin(), off.end());
  const TargetSpread robust = spread_of_targets(shape, kSeed, true);
  CHECK(robust.centre[1] == median);
  CHECK(robust.scale[1] == Approx(1.4826 * off[off.size() / 2]));
}

TEST_CASE("numbers far from 1 spread without overflow") {
  DataShape shape;
  shape.targets = 1;
  shape.target_names = {"y"};
  shape.train = 2;
  shape.train_file.classes = {0, 0};
  shape.train_file.reals = {-1e200, 3e200};
  const TargetSpread spread = spread_of_targets(shape, 0, false);
  CHECK(spread.centre[0] == Approx(1e200));
  CHECK(spread.scale[0] == Approx(2e200));
}

}  // namespace admmnet::test
