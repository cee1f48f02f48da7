// Files of arrays that are not what they should be: every rank hears of it, with file, place and
// remedy.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "array_files.h"
#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

struct Arrays {
  TestFolder folder;
  DataOptions options;
  Numbers numbers;
  std::string path;

  explicit Arrays(const std::string& format = "hdf5") : path(folder.path("samples." + format)) {
    options.format = format;
    options.train = path;
    options.validation = 0;
    options.scaling = Scaling::none;
  }

  Dataset loaded() const {
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    PanelLayout layout;
    layout.train_bounds = {0, shape.train};
    return load(options, shape, 1, grid, layout);
  }

  void reject(const std::vector<std::string>& texts) {
    std::vector<std::string> parts = {path};
    parts.insert(parts.end(), texts.begin(), texts.end());
    require_bad_input([&] { loaded(); }, parts);
  }

  void reject_bytes(const std::string& bytes, const std::vector<std::string>& parts) {
    folder.write_unpacked(std::filesystem::path(path).filename(), bytes);
    reject(parts);
  }

  void reject_npz(const std::string& x, const std::vector<std::string>& parts) {
    const std::string labels =
        npy_bytes("'|u1'", "(120,)", false, elements_of(numbers.labels(), "|u1"));
    reject_bytes(zip_bytes({{"x.npy", x}, {"y.npy", labels}}, false), parts);
  }
};

}  // namespace

TEST_CASE("what is missing in an HDF5 file, and what stands there in its place") {
  Arrays arrays;
  {
    Hdf5Maker file(arrays.path);
    file.add(arrays.numbers, H5T_IEEE_F64LE, DataLayout::contiguous);
    file.add("/list", {120}, arrays.numbers.labels(), H5T_STD_I32LE);
    file.add("/cube", {4, 10, 15}, arrays.numbers.values(), H5T_IEEE_F64LE);
    file.add("/few", {119}, arrays.numbers.labels(), H5T_STD_I32LE);
    file.add("/none", {0, 5}, {}, H5T_STD_I32LE);
    std::vector<double> odd = arrays.numbers.labels();
    odd[7] = 4.5;
    file.add("/fractions", {120}, odd, H5T_IEEE_F64LE);
    odd = arrays.numbers.values();
    odd[5 * 100 + 2] = std::nan("");
    file.add("/nan", {120, 5}, odd, H5T_IEEE_F64LE, DataLayout::deflated);
    file.add_texts("/words", std::vector<std::string>(120, "tree"), false);
    file.on_file([](hid_t id) {
      const Handle group(H5Gcreate2(id, "/folder", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose,
                         "test");
      const Handle pair(H5Tcreate(H5T_COMPOUND, 16), H5Tclose, "test");
      H5Tinsert(pair, "a", 0, H5T_NATIVE_DOUBLE);
      H5Tinsert(pair, "b", 8, H5T_NATIVE_DOUBLE);
      const hsize_t extents[] = {120, 5};
      const Handle space(H5Screate_simple(2, extents, nullptr), H5Sclose, "test");
      const Handle set(H5Dcreate2(id, "/pairs", pair, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       H5Dclose, "test");
      const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "test");
      H5Pset_chunk(creation, 2, extents);
      H5Pset_filter(creation, 32001, H5Z_FLAG_OPTIONAL, 0, nullptr);
      const Handle packed_set(
          H5Dcreate2(id, "/blosc", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT),
          H5Dclose, "test");
    });
  }
  const auto rows = [&](const char* name, const std::vector<std::string>& parts) {
    INFO(name);
    arrays.options.path = name;
    arrays.options.target_path = "/y";
    arrays.reject(parts);
  };
  rows("/z", {":/z: there is no such thing", "/x (120, 5)", "/y (120)", "-data_path"});
  rows("/folder", {":/folder: is no data set", "/x (120, 5)", "-data_path"});
  rows("/x/z", {"/x/z", "there is no such thing"});
  rows("/list", {":/list: has the shape (120)", "(samples, features)"});
  rows("/cube", {":/cube: has the shape (4, 10, 15)", "reshape"});
  rows("/pairs", {":/pairs", "compounds"});
  rows("/blosc", {":/blosc: is packed by the filter 32001", "HDF5_PLUGIN_PATH"});
  rows("/words", {":/words", "features are numbers"});
  rows("/none", {":/none: holds no samples"});
  rows("/nan", {":/nan, sample 101, feature 3: is", "nan, not a finite number", "replace"});
  const auto labels = [&](const char* name, const std::vector<std::string>& parts) {
    INFO(name);
    arrays.options.path = "/x";
    arrays.options.target_path = name;
    arrays.options.task = Task::classification;
    arrays.reject(parts);
  };
  labels("/few", {":/x: holds 120 samples", "/few holds 119 labels", "-data_target_path"});
  labels("/x", {"labels are real targets", "-data_task is classification"});
  labels("/cube", {":/cube: has the shape (4, 10, 15)", "labels are a list"});
  labels("/fractions", {":/fractions, sample 8: the label '4.5'", "is not an integer"});
  labels("/lost", {":/lost: there is no such thing", "-data_target_path", "-data_weight_path"});
}

TEST_CASE("HDF5 files that are cut, or are none") {
  Arrays arrays;
  Hdf5Maker(arrays.path).add(arrays.numbers, H5T_IEEE_F64LE, DataLayout::contiguous);
  if (rank_of(MPI_COMM_WORLD) == 0)
    std::filesystem::resize_file(arrays.path, std::filesystem::file_size(arrays.path) / 2);
  MPI_Barrier(MPI_COMM_WORLD);
  arrays.reject({"truncated", "fetch it again"});
  arrays.reject_bytes("1,2,3\n", {"HDF5"});
  arrays.options.train = arrays.path = arrays.folder.path("not_there.h5");
  arrays.reject({"no such file", "-data_train"});
  arrays.options.train = arrays.path = arrays.folder.path("x*.h5");
  arrays.reject({"no file has such a name"});
  arrays.path = arrays.folder.path("pipe");
  if (rank_of(MPI_COMM_WORLD) == 0) mkfifo(arrays.path.c_str(), 0600);
  MPI_Barrier(MPI_COMM_WORLD);
  arrays.options.train = arrays.path;
  arrays.reject({"is not a regular file"});
}

TEST_CASE("what lies in other files is read only when that is asked for") {
  Arrays arrays;
  Hdf5Maker(arrays.folder.path("other.h5"))
      .add(arrays.numbers, H5T_IEEE_F64LE, DataLayout::contiguous);
  arrays.folder.write("raw.bin", elements_of(arrays.numbers.values(), "<f8"));
  if (rank_of(MPI_COMM_WORLD) == 0) mkfifo(arrays.folder.path("pipe").c_str(), 0600);
  {
    Hdf5Maker file(arrays.path);
    file.add("/y", {120}, arrays.numbers.labels(), H5T_STD_I32LE);
    file.on_file([&](hid_t id) {
      H5Lcreate_external("other.h5", "/x", id, "/external", H5P_DEFAULT, H5P_DEFAULT);
      H5Lcreate_external("pipe", "/x", id, "/pipe", H5P_DEFAULT, H5P_DEFAULT);
      H5Lcreate_external("other.h5", "/", id, "/through", H5P_DEFAULT, H5P_DEFAULT);
      H5Lcreate_soft("/raw", id, "/soft", H5P_DEFAULT, H5P_DEFAULT);
      const hsize_t extents[] = {120, 5};
      const Handle space(H5Screate_simple(2, extents, nullptr), H5Sclose, "test");
      const auto create = [&](const char* name, hid_t creation) {
        const Handle set(
            H5Dcreate2(id, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT),
            H5Dclose, "test");
      };
      const std::string raw = arrays.folder.path("raw.bin");
      const Handle external(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "test");
      H5Pset_external(external, raw.c_str(), 0, 120 * 5 * 8);
      create("/raw", external);
      const Handle virtual_(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "test");
      H5Pset_virtual(virtual_, space, "other.h5", "/x", space);
      create("/virtual", virtual_);
      const Handle lost(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "test");
      H5Pset_virtual(lost, space, "lost.h5", "/x", space);
      create("/lost", lost);
    });
  }
  arrays.options.train = arrays.folder.path("other.h5");
  const std::uint64_t direct = arrays.loaded().values_checksum;
  arrays.options.train = arrays.path;
  for (const auto& [name, what] : std::vector<std::pair<std::string, std::string>>{
           {"/external", "is an external link"},
           {"/pipe", "is an external link"},
           {"/through/x", "is an external link"},
           {"/soft", "is a soft link"},
           {"/raw", "its values stand in another file"},
           {"/virtual", "its values stand in another file"}}) {
    INFO(name);
    arrays.options.path = name;
    arrays.options.follow_links = false;
    arrays.reject({what, "-data_follow_links true"});
    arrays.options.follow_links = true;
    if (name == "/pipe")
      arrays.reject({"is not a regular file"});
    else
      CHECK(on_all_ranks(arrays.loaded().values_checksum == direct));
  }
  arrays.options.path = "/lost";
  arrays.reject({"lost.h5", "which is not there"});
}

TEST_CASE("sparse matrices in HDF5 that are none") {
  Arrays arrays;
  const auto with = [&](const std::string& broken, const std::vector<double>& values,
                        const std::vector<std::string>& parts) {
    INFO(broken);
    {
      Hdf5Maker file(arrays.path);
      file.add_sparse("/x", arrays.numbers);
      file.add("/y", {120}, arrays.numbers.labels(), H5T_STD_I32LE);
      file.on_file([&](hid_t id) { H5Ldelete(id, broken.c_str(), H5P_DEFAULT); });
      if (!values.empty()) file.add(broken, {values.size()}, values, H5T_STD_I64LE);
    }
    arrays.reject(parts);
  };
  const std::size_t entries = 120 + 120 / 3 * 4;
  with("/x/data", {}, {":/x/data: there is no such thing"});
  with("/x/data", {1, 2}, {":/x: is no CSR matrix", "data has 2"});
  with("/x/indptr", std::vector<double>(121, 1e6), {":/x/indptr", "do not ascend"});
  with("/x/indices", std::vector<double>(entries, 5.0), {":/x/indices, sample", "the index 5"});
  with("/x/indices", std::vector<double>(entries, 1.0), {":/x/indices, sample", "stands twice"});
}

TEST_CASE("archives and arrays of numpy that are none") {
  Arrays arrays("npz");
  const std::string values = elements_of(arrays.numbers.values(), "<f8");
  const std::string good = npy_bytes("'<f8'", "(120, 5)", false, values);
  arrays.reject_bytes("no archive at all", {"is no zip archive", "numpy.savez"});
  arrays.reject_bytes(zip_bytes({{"a.npy", good}}, true), {"has no array 'x'", "it has 'a'"});
  arrays.reject_npz("text", {":/x: is no array of numpy"});
  arrays.reject_npz(good.substr(0, good.size() - 1), {":/x: is truncated"});
  arrays.reject_npz(npy_bytes("'|O'", "(120, 5)", false, "pickle"), {":/x", "never unpickled"});
  arrays.reject_npz(npy_bytes("'>f8'", "(120, 5)", false, values), {":/x", "big-endian"});
  arrays.reject_npz(npy_bytes("'<c16'", "(120, 5)", false, values + values), {":/x", "'<c16'"});
  arrays.reject_npz(npy_bytes("[('a', '<f8')]", "(600,)", false, values), {":/x", "compounds"});
  arrays.reject_npz(npy_bytes("'<f8'", "(600,)", false, values), {":/x: has the shape (600)"});
  arrays.reject_npz(npy_bytes("'<f8'", "(100, 6)", false, values),
                    {":/x: holds 100 samples", "holds 120 labels"});
  arrays.reject_npz(npy_bytes("'<f8'", "(1152921504606846976, 64)", false, values),
                    {":/x: its header says a shape that no array has"});
  arrays.reject_npz(npy_bytes("'<f8'", "(120, x)", false, values), {":/x: has a header without"});
  const std::string labels =
      npy_bytes("'|u1'", "(120,)", false, elements_of(arrays.numbers.labels(), "|u1"));
  std::string changed = zip_bytes({{"x.npy", good}, {"y.npy", labels}}, true);
  changed[changed.find("PK\1\2") + 16] ^= 1;  // of x the checksum
  arrays.reject_bytes(changed, {"x.npy has not the checksum"});
  std::string damaged = zip_bytes({{"x.npy", good}, {"y.npy", labels}}, true);
  damaged[200] = static_cast<char>(damaged[200] ^ 0x55);
  arrays.reject_bytes(damaged, {"is damaged"});
  arrays.reject_bytes(damaged.substr(0, damaged.size() - 30), {"truncated"});
}
