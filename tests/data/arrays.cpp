// Samples that stand in arrays (hdf5, npz, npy): what is loaded is the formula, from every type,
// storage and order, on every number of ranks.
#include <algorithm>
#include <map>

#include "array_files.h"
#include "data/conversion.h"
#include "data/dataset.h"
#include "data/hdf5_sparse.h"
#include "data/recognise.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

Dataset load_all(DataOptions options) {
  options.scaling = Scaling::none;
  options.validation = 0;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  PanelLayout layout;
  layout.bias = false;
  layout.train_bounds = {0, shape.train / 3, shape.train};
  return load(options, shape, 5, grid, layout);
}

/// Whether the training set has each sample of the formula once, with its label. `labels`: of the
/// classes, in their order.
template <class F>
bool holds(const Dataset& data, const Numbers& numbers, F&& value,
           const std::vector<std::string>& labels) {
  bool good = data.train.samples == numbers.samples && data.shape.features == numbers.features &&
              data.shape.class_labels == labels;
  std::vector<int> seen(static_cast<std::size_t>(numbers.samples), 0);
  const Index ranks = size_of(MPI_COMM_WORLD), rank = rank_of(MPI_COMM_WORLD);
  const Index slab = (data.train.widest + ranks - 1) / ranks;
  for (const SamplePanel& panel : data.train.panels) {
    const std::vector<double> all = gather(panel.inputs);
    for (Index j = 0; good && j < panel.count; ++j) {
      const double* x = all.data() + j * numbers.features;
      const auto s = static_cast<Index>(x[0]);
      good = s >= 0 && s < numbers.samples && ++seen[static_cast<std::size_t>(s)] == 1;
      for (Index f = 0; good && f < numbers.features; ++f) good = x[f] == value(s, f);
      const Index own = j - rank * slab;  // labels stand in the sample layout
      if (good && own >= 0 && own < static_cast<Index>(panel.targets.classes.size()))
        good = panel.targets.classes[static_cast<std::size_t>(own)] == numbers.label(s) - 4;
    }
  }
  return good;
}

const std::vector<std::string> kLabels = {"4", "5", "6"};

bool holds(const Dataset& data, const Numbers& numbers) {
  return holds(
      data, numbers, [&](Index s, Index f) { return numbers.value(s, f); }, kLabels);
}

DataOptions options_of(const std::string& format, const std::string& train) {
  DataOptions options;
  options.format = format;
  options.train = train;
  return options;
}

}  // namespace

TEST_CASE("HDF5 data sets of every type and storage") {
  const TestFolder folder;
  const std::map<std::string, hid_t> types = {
      {"i8", H5T_STD_I8LE},   {"u8", H5T_STD_U8LE},    {"i16 big-endian", H5T_STD_I16BE},
      {"u64", H5T_STD_U64LE}, {"f32", H5T_IEEE_F32LE}, {"f64 big-endian", H5T_IEEE_F64BE}};
  for (const auto& [name, type] : types)
    for (const DataLayout storage :
         {DataLayout::contiguous, DataLayout::compact, DataLayout::chunked, DataLayout::deflated}) {
      INFO(name << ", storage " << static_cast<int>(storage));
      const Numbers numbers;
      const std::string path = folder.path("samples.h5");
      Hdf5Maker(path).add(numbers, type, storage);
      CHECK(on_all_ranks(holds(load_all(options_of("hdf5", path)), numbers)));
    }
}

TEST_CASE("reals are what they are, and other names can be given") {
  const TestFolder folder;
  const Numbers numbers{50, 4, 0.25};
  const std::string path = folder.path("samples.h5");
  {
    Hdf5Maker file(path);
    file.add("/features", {50, 4}, numbers.values(), H5T_IEEE_F32LE);
    file.add("/kind", {50}, numbers.labels(), H5T_IEEE_F64LE);
  }
  DataOptions options = options_of("hdf5", path);
  options.path = "features";
  options.target_path = "/kind";
  CHECK(on_all_ranks(holds(load_all(options), numbers)));
}

TEST_CASE("several files are one") {
  const TestFolder folder;
  const Numbers numbers;
  const std::vector<double> values = numbers.values(), labels = numbers.labels();
  const std::vector<Index> begins = {0, 37, 38, 120};
  for (std::size_t k = 0; k < 3; ++k) {
    const Index count = begins[k + 1] - begins[k];
    Hdf5Maker file(folder.path("run" + std::to_string(k) + ".h5"));
    file.add("/x", {static_cast<hsize_t>(count), 5},
             {values.begin() + begins[k] * 5, values.begin() + begins[k + 1] * 5}, H5T_IEEE_F64LE,
             k == 2 ? DataLayout::deflated : DataLayout::contiguous);
    file.add("/y", {static_cast<hsize_t>(count)},
             {labels.begin() + begins[k], labels.begin() + begins[k + 1]}, H5T_STD_I32LE);
  }
  const std::string list =
      folder.path("run0.h5") + ", " + folder.path("run1.h5") + "," + folder.path("run2.h5");
  for (const std::string& train : {list, folder.path("run*.h5")}) {
    INFO(train);
    CHECK(on_all_ranks(holds(load_all(options_of("hdf5", train)), numbers)));
  }
  DataOptions limited = options_of("hdf5", list);
  limited.train_limit = 60;
  limited.test_last = 20;
  const DataShape shape = probe(limited, MPI_COMM_WORLD);
  CHECK(on_all_ranks(shape.train + shape.validation == 60 && shape.test == 20));
}

TEST_CASE("labels that are texts name the classes") {
  const TestFolder folder;
  const Numbers numbers;
  const std::vector<std::string> names = {"birch", "oak", "yew"};
  std::vector<std::string> labels;
  for (Index s = 0; s < numbers.samples; ++s)
    labels.push_back(names[static_cast<std::size_t>(numbers.label(s) - 4)]);
  for (const bool variable : {false, true}) {
    const std::string path = folder.path("samples.h5");
    {
      Hdf5Maker file(path);
      file.add("/x", {120, 5}, numbers.values(), H5T_STD_I32LE);
      file.add_texts("/y", labels, variable);
    }
    const Dataset data = load_all(options_of("hdf5", path));
    const auto value = [&](Index s, Index f) { return numbers.value(s, f); };
    CHECK(on_all_ranks(holds(data, numbers, value, names)));
  }
}

TEST_CASE("a sparse matrix is read as CSR, and converted as such") {
  const TestFolder folder;
  const Numbers numbers;
  const std::string path = folder.path("sparse.h5"), again = folder.path("again.h5");
  {
    Hdf5Maker file(path);
    file.add_sparse("/x", numbers);
    file.add("/y", {120}, numbers.labels(), H5T_STD_U8LE);
  }
  collectively(MPI_COMM_WORLD, [&] {
    if (rank_of(MPI_COMM_WORLD) != 0) return;
    const Conversion done = convert_samples(
        options_of("hdf5", path), SamplePart::train, again, [](Index, Index) {},
        [] { return false; });
    const SparseRows rows = Hdf5SparseMatrix(Hdf5Input(path, false), "/x").read(3, 110);
    CHECK(rows.begins.size() == 111);
    for (std::size_t i = 0; i + 1 < rows.begins.size(); ++i)
      CHECK(
          std::is_sorted(rows.cols.data() + rows.begins[i], rows.cols.data() + rows.begins[i + 1]));
    CHECK(done.sparse);
    CHECK(done.finished);
  });
  const auto value = [&](Index s, Index f) {
    return (s + f) % 3 != 0 && f != 0 ? 0.0 : numbers.value(s, f);
  };
  for (const std::string& file : {path, again}) {
    INFO(file);
    CHECK(on_all_ranks(holds(load_all(options_of("hdf5", file)), numbers, value, kLabels)));
  }
}

TEST_CASE("arrays of numpy, alone and in archives") {
  const TestFolder folder;
  const Numbers numbers;
  const std::string labels =
      npy_bytes("'<i8'", "(120,)", false, elements_of(numbers.labels(), "<i8"));
  for (const std::string descr : {"<f4", "<f8", "<i2", "<i8", "|u1"})
    for (const bool by_columns : {false, true}) {
      INFO(descr << (by_columns ? ", column by column" : ""));
      const std::vector<double> values =
          by_columns ? transposed(numbers.values(), 120, 5) : numbers.values();
      const std::string rows =
          npy_bytes("'" + descr + "'", "(120, 5)", by_columns, elements_of(values, descr));
      for (const bool deflate : {false, true}) {
        INFO(deflate);
        const std::string archive = folder.write_unpacked(
            "samples.npz", zip_bytes({{"x.npy", rows}, {"y.npy", labels}}, deflate));
        CHECK(on_all_ranks(holds(load_all(options_of("npz", archive)), numbers)));
      }
      for (const char* name : {"x.npy", "x.npy.gz"}) {
        DataOptions options = options_of("npy", folder.write(name, rows));
        options.target_path = folder.write("y.npy", labels);
        CHECK(on_all_ranks(holds(load_all(options), numbers)));
      }
    }
}

TEST_CASE("the same values have the same checksum in every format") {
  const TestFolder folder;
  const Numbers numbers{90, 5, 0.25};
  const Dataset table = load_all(options_of("csv", folder.write("samples.csv", numbers.csv())));
  const std::string path = folder.path("samples.h5");
  Hdf5Maker(path).add(numbers, H5T_IEEE_F64LE, DataLayout::chunked);
  const Dataset array = load_all(options_of("hdf5", path));
  CHECK(on_all_ranks(table.values_checksum == array.values_checksum));
  CHECK(on_all_ranks(holds(table, numbers) && holds(array, numbers)));
}

TEST_CASE("samples to predict need no labels, and may stand under names of their own") {
  const TestFolder folder;
  const Numbers numbers;
  DataOptions options;
  options.format = "hdf5";
  options.test = folder.path("samples.h5");
  options.test_path = "new";
  {
    Hdf5Maker file(options.test);
    file.add("/new", {120, 5}, numbers.values(), H5T_STD_I32LE);
    file.add("/kind", {120}, numbers.labels(), H5T_STD_I32LE);
  }
  const TrainedCoding network{5, kLabels, {}};
  const DataShape unknown = probe_test(options, network, MPI_COMM_WORLD);
  CHECK(on_all_ranks(unknown.test == 120 && !unknown.test_has_labels));
  options.test_target_path = "kind";
  const DataShape known = probe_test(options, network, MPI_COMM_WORLD);
  CHECK(on_all_ranks(known.test == 120 && known.test_has_labels));
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  PanelLayout layout;
  layout.bias = false;
  layout.evaluation_columns = 50;
  Preprocessing none;
  none.shift.assign(5, 0.0);
  none.scale.assign(5, 1.0);
  const SampleSet samples = load_test(options, known, none, grid, layout);
  bool good = samples.samples == 120;
  for (const SamplePanel& panel : samples.panels) {
    const std::vector<double> all = gather(panel.inputs);
    for (Index j = 0; j < panel.count; ++j)
      for (Index f = 0; f < 5; ++f)
        good =
            good && all[static_cast<std::size_t>(j * 5 + f)] == numbers.value(panel.first + j, f);
  }
  CHECK(on_all_ranks(good));
}

TEST_CASE("formats are known by what files begin with") {
  const TestFolder folder;
  const Numbers numbers;
  const std::string hdf5 = folder.path("a");
  Hdf5Maker(hdf5).add(numbers, H5T_STD_U8LE, DataLayout::contiguous);
  const std::string array = npy_bytes("'|u1'", "(2,)", false, "ab");
  const std::string npy = folder.write("b", array), packed_npy = folder.write("c.gz", array),
                    npz = folder.write("d", zip_bytes({{"x.npy", array}}, true)),
                    svmlight = folder.write("e", "# of three\n1\n-1 3:4.5 7:1\n"),
                    csv = folder.write("f.gz", numbers.csv()),
                    times = folder.write("g", "12:30 a,4\n13:30 b,5\n");
  if (rank_of(MPI_COMM_WORLD) != 0) return;
  CHECK(recognised_format(folder.path()) == "idx");
  CHECK(recognised_format(hdf5) == "hdf5");
  CHECK(recognised_format(npy) == "npy");
  CHECK(recognised_format(packed_npy) == "npy");
  CHECK(recognised_format(npz) == "npz");
  CHECK(recognised_format(svmlight) == "svmlight");
  CHECK(recognised_format(csv) == "csv");
  CHECK(recognised_format(times) == "csv");
}
