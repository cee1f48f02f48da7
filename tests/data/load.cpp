// What load puts where, against the rule in dataset.h, applied here in the other direction (from
// the position to the sample) and with plain loops.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/dataset.h"
#include "data/split.h"
#include "runtime/communicator.h"
#include "runtime/random.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::Pattern;
using test::TestFolder;

namespace {

constexpr Index kSeed = 11;

/// How many samples of each class are held out: proportional, by largest remainder.
std::vector<Index> shares(const std::vector<std::vector<Index>>& members, Index samples,
                          Index held_out) {
  std::vector<Index> result(members.size(), 0);
  Index given = 0;
  for (std::size_t c = 0; c < members.size(); ++c) {
    result[c] = held_out * static_cast<Index>(members[c].size()) / samples;
    given += result[c];
  }
  for (; given < held_out; ++given) {
    std::size_t best = members.size();
    const auto missing = [&](std::size_t c) {
      return held_out * static_cast<Index>(members[c].size()) - result[c] * samples;
    };
    for (std::size_t c = 0; c < members.size(); ++c)
      if (best == members.size() || missing(c) > missing(best)) best = c;
    ++result[best];
  }
  return result;
}

/// Which samples of the file stand in the training, the validation and, with -data_test_last, the
/// test set, in order.
struct Expected {
  std::vector<Index> train, validation, test;

  Expected(const Pattern& pattern, std::vector<std::string> classes, Index limit, Index held_out,
           Index last = 0) {
    if (classes.empty())
      for (int c = 0; c < pattern.classes; ++c)
        classes.push_back(std::to_string(pattern.first_label + c));
    std::sort(classes.begin(), classes.end());
    std::vector<Index> selected;
    std::vector<std::vector<Index>> members(classes.size());
    for (Index s = 0; s < pattern.samples; ++s)
      if (std::find(classes.begin(), classes.end(), std::to_string(pattern.label(s))) !=
          classes.end())
        selected.push_back(s);
    test.assign(selected.end() - last, selected.end());
    selected.resize(selected.size() - static_cast<std::size_t>(last));
    if (limit > 0) selected.resize(static_cast<std::size_t>(limit));
    for (const Index s : selected) {
      const auto label =
          std::find(classes.begin(), classes.end(), std::to_string(pattern.label(s)));
      members[static_cast<std::size_t>(label - classes.begin())].push_back(s);
    }
    const auto share = shares(members, static_cast<Index>(selected.size()), held_out);
    for (std::size_t c = 0; c < classes.size(); ++c) {
      const Shuffle lots(static_cast<Index>(members[c].size()), kSeed, Stream::held_out,
                         static_cast<int>(c));
      for (Index p = 0; p < share[c]; ++p)
        validation.push_back(members[c][static_cast<std::size_t>(lots(p))]);
    }
    std::sort(validation.begin(), validation.end());
    std::vector<Index> rest;
    for (const Index s : selected)
      if (!std::binary_search(validation.begin(), validation.end(), s)) rest.push_back(s);
    const Shuffle order(static_cast<Index>(rest.size()), kSeed, Stream::shuffle);
    for (Index p = 0; p < order.size(); ++p)
      train.push_back(rest[static_cast<std::size_t>(order(p))]);
  }
};

/// True when the set holds these samples of the pattern in this order, scaled by `factor`, with
/// their labels in the sample layout. Collective on the grid.
bool holds(const SampleSet& set, const Pattern& pattern, const std::vector<Index>& samples,
           const std::vector<std::string>& class_labels, double factor, bool bias,
           const ProcessGrid& grid) {
  bool right = set.samples == static_cast<Index>(samples.size());
  Index next = 0;
  const Index slab = slab_width(set.widest, grid.size());
  for (const auto& panel : set.panels) {
    right = right && panel.first == next && panel.count > 0 && panel.count <= set.widest;
    right = right && panel.inputs.rows() == pattern.features + (bias ? 1 : 0);
    right = right && panel.inputs.col_block() == slab_width(set.widest, grid.cols());
    const std::vector<double> all = gather(panel.inputs);
    const Index first_mine = std::min(grid.rank() * slab, panel.count);
    const Index mine = std::min(slab, panel.count - first_mine);
    right = right && static_cast<Index>(panel.targets.classes.size()) == mine;
    for (Index j = 0; right && j < panel.count; ++j) {
      const Index sample = samples[static_cast<std::size_t>(next + j)];
      const double* x = all.data() + j * panel.inputs.rows();
      for (Index i = 0; i < pattern.features; ++i)
        right = right && x[i] == pattern.value(sample, i) * factor;  // one product: exact
      if (bias) right = right && x[pattern.features] == 1.0;
    }
    for (Index j = 0; right && j < mine; ++j) {
      const Index sample = samples[static_cast<std::size_t>(next + first_mine + j)];
      right = class_labels[static_cast<std::size_t>(
                  panel.targets.classes[static_cast<std::size_t>(j)])] ==
              std::to_string(pattern.label(sample));
    }
    next += panel.count;
  }
  return right && next == set.samples;
}

std::vector<Index> ascending(Index count) {
  std::vector<Index> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return numbers;
}

std::vector<std::pair<int, int>> grids_of(int ranks) {
  std::vector<std::pair<int, int>> grids = {{1, ranks}};
  if (ranks > 1) grids.emplace_back(ranks, 1);
  if (ranks == 4) grids.emplace_back(2, 2);
  if (ranks == 6) grids.insert(grids.end(), {{2, 3}, {3, 2}, {2, 2}});  // the last leaves two over
  return grids;
}

struct Files {
  TestFolder folder;
  Pattern train{83, 6, 4, 0}, test{23, 6, 4, 0};

  DataOptions idx(bool packed, char dash) const {
    const std::string end = std::string(1, dash) + "idx", gz = packed ? ".gz" : "";
    folder.write("train-images" + end + "3-ubyte" + gz, train.idx_images());
    folder.write("train-labels" + end + "1-ubyte" + gz, train.idx_labels());
    folder.write("t10k-images" + end + "3-ubyte" + gz, test.idx_images());
    folder.write("t10k-labels" + end + "1-ubyte" + gz, test.idx_labels());
    DataOptions options;
    options.dir = folder.path();
    options.scaling = Scaling::none;
    return options;
  }

  DataOptions csv(LabelColumn label_column, bool header, const std::string& end) const {
    DataOptions options;
    options.format = "csv";
    options.label_column = label_column;
    options.train = folder.write("train" + end, train.csv(label_column, header));
    options.test = folder.write("test" + end, test.csv(label_column, header));
    options.scaling = Scaling::none;
    return options;
  }
};

/// Whether every panel is stored in float and has the entries of `set`, rounded. Collective.
bool is_rounded(const SampleSet& single, const SampleSet& set) {
  bool right = single.panels.size() == set.panels.size();
  for (std::size_t p = 0; right && p < set.panels.size(); ++p) {
    const SingleSamples* samples = single.panels[p].a().in_float();
    if (samples == nullptr) return false;
    BlockCyclicMatrix widened;
    samples->widen(widened);
    const std::vector<double> rounded = gather(widened), exact = gather(set.panels[p].inputs);
    right = rounded.size() == exact.size() &&
            std::equal(rounded.begin(), rounded.end(), exact.begin(),
                       [](double r, double e) { return r == static_cast<float>(e); });
  }
  return right;
}

/// Loads with panels of unequal width on every grid and compares all three sets.
void check_load(const Files& files, const DataOptions& options, double factor, Index unit_block,
                bool bias) {
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const Expected expected(files.train, options.classes, options.train_limit, shape.validation);
  REQUIRE(shape.features == files.train.features);
  REQUIRE(shape.train == static_cast<Index>(expected.train.size()));
  for (const auto& [rows, cols] : grids_of(size_of(MPI_COMM_WORLD))) {
    INFO("grid " << rows << " x " << cols << ", block " << unit_block);
    const ProcessGrid grid(MPI_COMM_WORLD, rows, cols);
    bool right = true;
    if (grid.contains_this_rank()) {
      PanelLayout layout{unit_block, bias, {0, 7, 19, 20, shape.train}, 5};
      const Dataset data = load(options, shape, kSeed, grid, layout);
      layout.in_float = true;
      const Dataset single = load(options, shape, kSeed, grid, layout);
      const auto& labels = shape.class_labels;
      right =
          holds(data.train, files.train, expected.train, labels, factor, bias, grid) &&
          holds(data.validation, files.train, expected.validation, labels, factor, bias, grid) &&
          holds(data.test, files.test, ascending(shape.test), labels, factor, bias, grid) &&
          data.train.panels.size() == 4;
      for (const bool rounded :
           {is_rounded(single.train, data.train), is_rounded(single.validation, data.validation),
            is_rounded(single.test, data.test)})
        right = right && rounded;
    }
    REQUIRE_ALL(right);
  }
}

}  // namespace

TEST_CASE("IDX files load in the order of the seed on every grid") {
  const Files files;
  const bool packed = GENERATE(false, true);
  const char dash = packed ? '.' : '-';
  const Index unit_block = GENERATE(1, 3, 64);
  const DataOptions options = files.idx(packed, dash);
  check_load(files, options, 1.0 / 255.0, unit_block, unit_block != 3);
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE(shape.validation == 8);  // a tenth of 83
  REQUIRE((shape.image_rows == 2 && shape.image_cols == 3));
  REQUIRE((shape.test_has_labels && !shape.test_missing));
}

TEST_CASE("CSV files load like IDX files") {
  const Files files;
  const auto label_column = GENERATE(LabelColumn::first, LabelColumn::last);
  const bool header = GENERATE(false, true);
  const DataOptions options = files.csv(label_column, header, header ? ".csv.gz" : ".csv");
  check_load(files, options, 1.0, 3, true);
  REQUIRE(probe(options, MPI_COMM_WORLD).notes.size() == (header ? 2 : 0));
}

TEST_CASE("class filter, limit and hold-out") {
  Files files;
  files.train.first_label = files.test.first_label = 3;  // labels 3 .. 6
  DataOptions options = files.idx(false, '-');
  options.classes = {"6", "4"};
  options.train_limit = 25;
  options.validation = 3;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE(shape.class_labels == std::vector<std::string>{"4", "6"});
  REQUIRE((shape.train == 22 && shape.validation == 3));
  const auto wanted = [](int label) { return label == 4 || label == 6; };
  std::vector<Index> test_samples;
  for (Index s = 0; s < files.test.samples; ++s)
    if (wanted(files.test.label(s))) test_samples.push_back(s);
  REQUIRE(shape.test == static_cast<Index>(test_samples.size()));

  const Expected expected(files.train, options.classes, 25, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, kSeed, grid, {2, true, {0, 22}, 100});
  const double factor = 1.0 / 255.0;
  REQUIRE_ALL(holds(data.train, files.train, expected.train, {"4", "6"}, factor, true, grid));
  REQUIRE_ALL(
      holds(data.validation, files.train, expected.validation, {"4", "6"}, factor, true, grid));
  REQUIRE_ALL(holds(data.test, files.test, test_samples, {"4", "6"}, factor, true, grid));
}

TEST_CASE("the last samples of the training file as test set, on every grid") {
  Files files;
  const bool csv = GENERATE(false, true);
  DataOptions options = csv ? files.csv(LabelColumn::last, false, ".csv") : files.idx(false, '-');
  options.test.clear();
  options.test_last = 13;
  options.classes = {"3", "1", "2"};
  options.train_limit = GENERATE(0, 31);
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  const Expected expected(files.train, options.classes, options.train_limit, shape.validation, 13);
  REQUIRE((shape.test == 13 && shape.test_has_labels && !shape.test_missing));
  REQUIRE(shape.train == static_cast<Index>(expected.train.size()));
  REQUIRE(shape.notes.size() == (csv ? 0 : 1));  // t10k files are there
  const double factor = csv ? 1.0 : 1.0 / 255.0;
  const std::vector<std::string> labels = {"1", "2", "3"};
  for (const auto& [rows, cols] : grids_of(size_of(MPI_COMM_WORLD))) {
    const ProcessGrid grid(MPI_COMM_WORLD, rows, cols);
    bool right = true;
    if (grid.contains_this_rank()) {
      const Dataset data = load(options, shape, kSeed, grid, {3, true, {0, 9, shape.train}, 6});
      right =
          holds(data.train, files.train, expected.train, labels, factor, true, grid) &&
          holds(data.validation, files.train, expected.validation, labels, factor, true, grid) &&
          holds(data.test, files.train, expected.test, labels, factor, true, grid);
    }
    REQUIRE_ALL(right);
  }
  // The same for a plan without files.
  options.validation.reset();
  const DataShape imagined = imagined_shape(options, shape.train + shape.validation + 13, 6, 3);
  REQUIRE((imagined.test == 13 && imagined.train == shape.train));
  // And for prediction, from the same file.
  const DataShape alone = probe_test(options, {6, labels, {}}, MPI_COMM_WORLD);
  REQUIRE((alone.test == 13 && alone.test_file.path == shape.train_file.path));
  const Preprocessing given{
      Scaling::none, std::vector<double>(6, 0.0), std::vector<double>(6, factor), {}, {}, 1};
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = load_test(options, alone, given, grid, {64, true, {0}, 9});
  REQUIRE_ALL(holds(set, files.train, expected.test, labels, factor, true, grid));
}

TEST_CASE("images averaged over squares of pixels") {
  Files files;
  files.train.features = files.test.features = 12;  // 2 x 6
  DataOptions options = files.idx(GENERATE(false, true), '-');
  options.pool = 2;
  options.validation = 0;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE((shape.features == 3 && shape.image_rows == 1 && shape.image_cols == 3));
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, kSeed, grid, {64, false, {0, shape.train}, 100});
  REQUIRE(data.preprocessing.pool == 2);
  const auto all = gather(data.test.panels[0].inputs);
  bool right = true;
  for (Index s = 0; s < shape.test; ++s)
    for (Index i = 0; i < 3; ++i) {
      int sum = 0;
      for (const Index pixel : {2 * i, 2 * i + 1, 2 * i + 6, 2 * i + 7})
        sum += files.test.value(s, pixel);
      right = right && all[static_cast<std::size_t>(3 * s + i)] == sum / 4.0 * (1.0 / 255.0);
    }
  REQUIRE_ALL(right);
}

TEST_CASE("shares of the classes in what is held out") {
  using Sizes = std::vector<Index>;
  CHECK(held_out_of_classes({50, 30, 20}, 10) == Sizes{5, 3, 2});
  CHECK(held_out_of_classes({1, 1, 98}, 10) == Sizes{0, 0, 10});
  CHECK(held_out_of_classes({3, 3, 3}, 4) == Sizes{2, 1, 1});
  CHECK(held_out_of_classes({1, 0, 5}, 4) == Sizes{0, 0, 4});  // a single sample stays
  CHECK(held_out_of_classes({2, 2, 2}, 3) == Sizes{1, 1, 1});
  CHECK(held_out_of_classes({}, 0).empty());
  CHECK(held_out_of_classes({3000000000000000000, 1000000000000000000}, 4) == Sizes{3, 1});
  const std::vector<int> classes = {kNotSelected, 1, 1, 0, 1, kNotSelected, 0, 1, 1, 0};
  const TrainingSplit split(classes, 8, 3, 5);
  for (Index p = 0; p < 5; ++p) {
    const auto place = split(split.training_sample(p));
    CHECK((!place.held_out && place.position == p));
  }
}

TEST_CASE("no validation and no test set") {
  const Files files;
  DataOptions options = files.idx(false, '-');
  options.validation = 0;
  files.folder.remove("t10k-images-idx3-ubyte");
  files.folder.remove("t10k-labels-idx1-ubyte");
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE((shape.test_missing && shape.test == 0 && shape.validation == 0));
  REQUIRE(shape.notes.size() == 1);
  const ProcessGrid grid(MPI_COMM_WORLD, size_of(MPI_COMM_WORLD), 1);
  const Dataset data = load(options, shape, kSeed, grid, {4, true, {0, 30, shape.train}, 10});
  const Expected expected(files.train, {}, 0, 0);
  REQUIRE_ALL(
      holds(data.train, files.train, expected.train, shape.class_labels, 1.0 / 255.0, true, grid));
  REQUIRE_ALL(data.validation.panels.empty());
  REQUIRE_ALL(data.test.panels.empty());
}

TEST_CASE("test samples alone, for prediction, with and without labels") {
  const Files files;
  const bool labelled = GENERATE(true, false);
  const DataOptions options = files.idx(false, '-');
  if (!labelled) files.folder.remove("t10k-labels-idx1-ubyte");
  const std::vector<std::string> known = {"0", "1", "2", "3", "9"};
  const DataShape shape = probe_test(options, {files.test.features, known, {}}, MPI_COMM_WORLD);
  REQUIRE(shape.test == files.test.samples);
  REQUIRE(shape.test_has_labels == labelled);
  const auto n = static_cast<std::size_t>(shape.features);
  const Preprocessing given{
      Scaling::standard, std::vector<double>(n, 0.0), std::vector<double>(n, 0.5), {}, {}, 1};
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = load_test(options, shape, given, grid, {64, true, {0}, 9});
  REQUIRE(set.panels.size() == 3);
  if (labelled) {
    REQUIRE_ALL(holds(set, files.test, ascending(shape.test), known, 0.5, true, grid));
  } else {
    bool unlabelled = true;
    for (const auto& panel : set.panels)
      for (const int label : panel.targets.classes) unlabelled = unlabelled && label == kNoLabel;
    REQUIRE_ALL(unlabelled);
  }
}
