// Whatever a file holds, reading it ends in an IoFailure on every rank, never in a crash or a hang.
#include <algorithm>
#include <filesystem>
#include <sys/stat.h>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/hostile_files.h"
#include "checkpoint/sample_run.h"
#include "checkpoint/store.h"
#include "hdf5/handle.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

/// A good checkpoint, and a place for what becomes of it.
struct Scene {
  ScratchFolder folder;
  ProcessGrid grid{MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
  bool root = grid.rank() == 0;
  CheckpointStore store{folder.name(), "run", MPI_COMM_WORLD};
  std::string good = store.path_of({2}), bad = folder / "bad.h5";
  std::string bytes;  ///< of the good one
  std::vector<DataSet> data_sets;

  Scene() {
    SampleState state(grid, 2);
    state.fill(2);
    CheckpointContents contents = sample_contents(2);
    contents.state = state.view();
    REQUIRE_ALL(store.write(contents, 1).ok);
    bytes = read_bytes(good);
    data_sets = CheckpointFile::open(good, MPI_COMM_WORLD).catalogue().data_sets;
  }

  /// Rank 0 prepares the bad file; all try to read it. Empty when it is valid, else the message.
  std::string reading(const std::function<void()>& prepare) const {
    collectively(MPI_COMM_WORLD, [&] {
      if (root) prepare();
    });
    try {
      const CheckpointFile file = CheckpointFile::open(bad, MPI_COMM_WORLD);
      file.verify();
      return same_contents(file.contents(), sample_contents(2)) ? ""
                                                                : "other contents were accepted";
    } catch (const Error& error) {
      MPI_Barrier(MPI_COMM_WORLD);
      return error.code() == ExitCode::io_failure ? error.what()
                                                  : "wrong code: " + std::string(error.what());
    }
  }
  std::string reading_bytes(const std::string& text) const {
    return reading([&] { write_bytes(bad, text); });
  }
  std::string reading_changed(const std::function<void(hid_t)>& change) const {
    return reading([&] {
      write_bytes(bad, bytes);
      change_by_hdf5(bad, change);
    });
  }
};

void check_refused(const std::string& said, const std::string& reason) {
  CHECK_THAT(said, Catch::Contains("is not a usable checkpoint") && Catch::Contains(reason));
}

}  // namespace

TEST_CASE("files that are no checkpoints") {
  const Scene scene;
  CHECK(scene.reading_bytes(scene.bytes).empty());
  check_refused(scene.reading_bytes(""), "it is empty");
  check_refused(scene.reading_bytes("net: {hidden: [7]}\n"), "not an HDF5 file");
  check_refused(scene.reading_bytes(std::string(100000, '\0')), "not an HDF5 file");
  check_refused(scene.reading_bytes(scene.bytes.substr(0, 8) + std::string(5000, '\xff')),
                "cannot open");
  check_refused(scene.reading([&] { std::filesystem::remove(scene.bad); }), "No such file");
  check_refused(scene.reading([&] { std::filesystem::create_directory(scene.bad); }),
                "it is not a file");
  const auto make_pipe = [&] {
    std::filesystem::remove(scene.bad);
    mkfifo(scene.bad.c_str(), 0600);
  };
  check_refused(scene.reading(make_pipe), "it is not a file");
  const auto make_hdf5 = [&] {
    std::filesystem::remove(scene.bad);
    H5Fclose(H5Fcreate(scene.bad.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  };
  check_refused(scene.reading(make_hdf5), "not a checkpoint of this program");
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("truncated at any place") {
  const Scene scene;
  const std::size_t size = scene.bytes.size();
  for (std::size_t length = 1; length < size; length += std::max<std::size_t>(size / 60, 1)) {
    const std::string said = scene.reading_bytes(scene.bytes.substr(0, length));
    INFO("of " << size << " bytes only " << length << ": " << said);
    CHECK_FALSE(said.empty());
    CHECK_THAT(said, Catch::Contains("is not a usable checkpoint"));
  }
}

TEST_CASE("a flipped bit anywhere is noticed, or was in an unused byte") {
  // Strides without a common factor with 8, so that every bit of a byte gets its turn; few places
  // on several ranks, where it is agreement that is tested.
  const Scene scene;
  const std::size_t stride = scene.grid.size() == 1 ? 11 : 397;
  std::size_t refusals = 0, accepted_elements = 0;
  for (std::size_t place = 0; place < scene.bytes.size(); place += stride) {
    std::string flipped = scene.bytes;
    flipped[place] = static_cast<char>(flipped[place] ^ (1 << (place * 7 % 8)));
    const std::string said = scene.reading_bytes(flipped);
    INFO("byte " << place << ": " << said);
    if (!said.empty()) {
      REQUIRE_THAT(said, Catch::Contains("is not a usable checkpoint"));
      ++refusals;
    }
    const bool in_element =
        std::any_of(scene.data_sets.begin(), scene.data_sets.end(), [&](const DataSet& d) {
          const auto offset = static_cast<std::size_t>(d.offset);
          return d.bytes() > 0 && place >= offset &&
                 place < offset + static_cast<std::size_t>(d.bytes());
        });
    accepted_elements += in_element && said.empty();
  }
  CHECK(refusals > 0);
  CHECK(accepted_elements == 0);
}

TEST_CASE("sound HDF5 files that claim wrong things") {
  const Scene scene;
  const auto reading = [&](const std::function<void(hid_t)>& change) {
    return scene.reading_changed(change);
  };
  check_refused(reading([](hid_t f) {
                  set_integers(f, "/", "format_version", {3, 0});
                }),
                "format version 3.0, this program reads 1.x and 2.x");
  CHECK(reading([](hid_t f) {
          set_integers(f, "/", "format_version", {1, 7});
          reseal(f);
        }).empty());
  check_refused(reading([](hid_t f) { set_integers(f, "/", "format_version", {1}); }),
                "'format_version' of / is an array of 1 integer");
  check_refused(reading([](hid_t f) { set_text(f, "/", "format", "something else"); }),
                "not a checkpoint of this program");
  check_refused(reading([](hid_t f) { set_integer(f, "/", "complete", 0); }),
                "not written to its end");
  check_refused(reading([](hid_t f) { delete_attribute(f, "/", "deck"); }),
                "'deck' of / is missing");
  check_refused(reading([](hid_t f) { set_text(f, "/", "iteration", "three"); }),
                "'iteration' of / is one text of 6 bytes; expected one integer");
  check_refused(reading([](hid_t f) { H5Ldelete(f, "/index", H5P_DEFAULT); }),
                "cannot open the data set /index");
  check_refused(reading([](hid_t f) { H5Ldelete(f, "/network", H5P_DEFAULT); }), "/network");
  check_refused(reading([](hid_t f) { H5Ldelete(f, "/state/z", H5P_DEFAULT); }),
                "cannot open the data set /state/z");
  check_refused(reading([](hid_t f) {
                  set_text(f, "/network", "activation", "swish");
                  reseal(f);
                }),
                "'activation' of /network is 'swish'; this program knows relu");
}

TEST_CASE("absurd shapes are found before anything is allocated") {
  const Scene scene;
  const auto claim = [&](const char* name, std::vector<hsize_t> shape) {
    return scene.reading_changed([&](hid_t f) { claim_shape(f, name, shape); });
  };
  const hsize_t huge = hsize_t{1} << 40;
  check_refused(claim("/state/z", {huge, 5}), "reaches beyond the file");
  check_refused(claim("/network/shift", {huge}), "reaches beyond the file");
  check_refused(claim("/state/z", {huge, huge / 256}), "reaches beyond the file");
}

TEST_CASE("the oldest format still reads") {
  const std::string path = ADMMNET_TEST_FILES "/format_1.0.ckpt.2.h5";
  const CheckpointFile file = CheckpointFile::open(path, MPI_COMM_WORLD);
  file.verify();
  CHECK(file.catalogue().minor_version() == 0);
  CHECK(same_contents(file.contents(), sample_contents(2)));
  SampleState state(ProcessGrid(MPI_COMM_WORLD, size_of(MPI_COMM_WORLD), 1), 2);
  file.load_state(state.oldest_view());
  REQUIRE_ALL(state.holds(2, 4));
  CHECK_THROWS_WITH(file.require_network(),
                    Catch::Contains("/state/layer_2/W has the shape (4, 3); expected (7, 3)"));
}
