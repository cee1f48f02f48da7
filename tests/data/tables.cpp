// Tables from the file to the ranks: order of the columns, names of classes, missing values.
#include <algorithm>
#include <cmath>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::require_bad_input;
using test::TestFolder;

namespace {

constexpr Index kSeed = 11;

/// Means of a few numbers, added in another order.
bool close(double a, double b) {
  return std::abs(a - b) < 1e-14;
}

}  // namespace

TEST_CASE("CSV: what is tolerated") {
  const TestFolder folder;
  DataOptions options;
  options.format = "csv";
  options.scaling = Scaling::none;
  options.validation = 0;
  options.train = folder.write("odd.csv", "\xEF\xBB\xBF\n 1.5 ,\t-2e1,-1\r\n\n+3, 1e-400 , 7.0");
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE((shape.features == 2 && shape.train == 2 && shape.test_missing));
  REQUIRE(shape.class_labels == std::vector<std::string>{"-1", "7"});
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, kSeed, grid, {1, false, {0, 2}, 1});
  std::vector<double> values = gather(data.train.panels[0].inputs);
  std::sort(values.begin(), values.end());
  const std::vector<double> expected = {-20.0, 0.0, 1.5, 3.0};
  REQUIRE_ALL(values == expected);
}

TEST_CASE("CSV: a test file with its columns in another order, and names for labels") {
  const TestFolder folder;
  DataOptions options;
  options.format = "csv";
  options.scaling = Scaling::none;
  options.validation = 0;
  options.train = folder.write("train.csv", "a,b,kind\n1,2,x y\n3,4,\"p,q\"\n5,6,x y\n");
  options.test = folder.write("test.csv", "kind,b,a\n\"p,q\",20,10\nx y,40,30\n");
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const std::vector<std::string> labels = {"p,q", "x y"}, names = {"a", "b"};
  REQUIRE_ALL(shape.class_labels == labels);
  REQUIRE_ALL(shape.feature_names == names);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, kSeed, grid, {1, false, {0, 3}, 2});
  const std::vector<double> expected = {10, 20, 30, 40};
  REQUIRE_ALL(gather(data.test.panels[0].inputs) == expected);
  bool right = true;
  for (std::size_t j = 0; j < data.test.panels[0].targets.classes.size(); ++j)
    right = right &&
            data.test.panels[0].targets.classes[j] ==
                static_cast<int>(grid.rank() * slab_width(2, grid.size())) + static_cast<int>(j);
  REQUIRE_ALL(right);
}

TEST_CASE("CSV: missing values") {
  const TestFolder folder;
  DataOptions options;
  options.format = "csv";
  options.validation = 0;
  options.train = folder.write("train.csv", "1,NA,0\n3,4,1\n,8,1\n8,9,0\n");
  options.test = folder.write("test.csv", "?,1,1\n4,null,0\n5,6,1\n");
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const PanelLayout whole{1, false, {0, 4}, 3};
  SECTION("are refused") {
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); },
                      {"train.csv, line 1, field 2", "-data_missing drop"});
  }
  SECTION("go with their sample") {
    options.missing = Missing::drop;
    options.scaling = Scaling::none;
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    REQUIRE_ALL((shape.train == 2 && shape.test == 1));
    const Dataset data = load(options, shape, kSeed, grid, {1, false, {0, 2}, 3});
    std::vector<double> values = gather(data.train.panels[0].inputs);
    std::sort(values.begin(), values.end());
    REQUIRE_ALL((values == std::vector<double>{3, 4, 8, 9}));
    REQUIRE_ALL((gather(data.test.panels[0].inputs) == std::vector<double>{5, 6}));
  }
  SECTION("become the mean of training: (1 + 3 + 8) / 3 and (4 + 8 + 9) / 3") {
    options.missing = Missing::mean;
    options.scaling = GENERATE(Scaling::none, Scaling::unit, Scaling::centred, Scaling::standard);
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const Dataset data = load(options, shape, kSeed, grid, whole);
    const auto& p = data.preprocessing;
    REQUIRE_ALL((close(p.fill[0], 4) && close(p.fill[1], 7)));
    const std::vector<double> test = gather(data.test.panels[0].inputs);
    REQUIRE_ALL(close(test[0], (4 - p.shift[0]) * p.scale[0]));
    REQUIRE_ALL(close(test[3], (7 - p.shift[1]) * p.scale[1]));
    REQUIRE_ALL(close(test[4], (5 - p.shift[0]) * p.scale[0]));
    double sum = 0.0;
    for (const double x : gather(data.train.panels[0].inputs)) sum += x;
    REQUIRE_ALL(std::isfinite(sum));
    const DataShape alone = probe_test(options, {2, {"0", "1"}, {}}, MPI_COMM_WORLD);
    const SampleSet again = load_test(options, alone, p, grid, whole);
    REQUIRE_ALL(gather(again.panels[0].inputs) == test);
  }
  SECTION("have no mean where no sample has a value") {
    options.missing = Missing::mean;
    options.train = folder.write("train.csv", "a,b,c\n,1,0\n,2,1\n?,3,1\n,4,0\n");
    options.test.clear();
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const Dataset data = load(options, shape, kSeed, grid, whole);
    REQUIRE_ALL(data.warnings.size() == 1);
    REQUIRE_ALL(data.warnings[0].find("column 1 ('a')") != std::string::npos);
  }
  SECTION("cannot be filled by a network that was trained without") {
    options.missing = Missing::mean;
    const DataShape alone = probe_test(options, {2, {"0", "1"}, {}}, MPI_COMM_WORLD);
    const Preprocessing none{Scaling::none, {0, 0}, {1, 1}, {}, {}, 1};
    require_bad_input([&] { load_test(options, alone, none, grid, whole); },
                      {"-data_missing mean", "was trained without it"});
    const Preprocessing centred{Scaling::centred, {4, 7}, {1, 1}, {}, {}, 1};
    const SampleSet set = load_test(options, alone, centred, grid, whole);
    REQUIRE_ALL((gather(set.panels[0].inputs) == std::vector<double>{0, -6, 0, 0, 1, -1}));
  }
}
