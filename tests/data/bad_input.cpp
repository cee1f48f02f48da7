// Every kind of bad input: BadInput on every rank, with a message that names the file and the
// fault.
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::idx_bytes;
using test::packed;
using test::Pattern;
using test::require_bad_input;
using test::TestFolder;

namespace {

const std::string kTrainImages = "train-images-idx3-ubyte",
                  kTrainLabels = "train-labels-idx1-ubyte";
const std::string kTestImages = "t10k-images-idx3-ubyte", kTestLabels = "t10k-labels-idx1-ubyte";

/// A good pair of IDX sets, to be spoilt by the tests.
struct Idx {
  TestFolder folder;
  Pattern train{40, 6, 4, 0}, test{12, 6, 4, 0};
  DataOptions options;

  Idx() {
    folder.write(kTrainImages, train.idx_images());
    folder.write(kTrainLabels, train.idx_labels());
    folder.write(kTestImages, test.idx_images());
    folder.write(kTestLabels, test.idx_labels());
    options.dir = folder.path();
  }
  void rejects(const std::vector<std::string>& parts) const {
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); }, parts);
  }
  /// By probe or by load: how far into a gzip file its damage shows depends on zlib's buffer.
  void load_rejects(const std::vector<std::string>& parts) const {
    const auto probe_and_load = [&] {
      const DataShape shape = probe(options, MPI_COMM_WORLD);
      const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
      load(options, shape, 0, grid, {64, true, {0, shape.train}, 100});
    };
    require_bad_input(probe_and_load, parts);
  }
};

struct Csv {
  TestFolder folder;
  DataOptions options;
  Csv() { options.format = "csv"; }

  void rejects(const std::string& text, std::vector<std::string> parts) {
    options.train = folder.write("train.csv", text);
    parts.push_back(options.train);
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); }, parts);
  }
};

}  // namespace

TEST_CASE("IDX: files that are not there or not files") {
  Idx idx;
  SECTION("no folder named") {
    idx.options.dir.clear();
    idx.rejects({"-data_dir is not set"});
  }
  SECTION("a folder that does not exist") {
    idx.options.dir += "/nowhere";
    idx.rejects(
        {"missing", "nowhere/train-images-idx3-ubyte", "nowhere/train-images.idx3-ubyte.gz"});
  }
  SECTION("labels without images") {
    idx.folder.remove(kTrainImages);
    idx.rejects({kTrainLabels, "no images"});
  }
  SECTION("images without labels") {
    idx.folder.remove(kTestLabels);
    idx.rejects({kTestImages, "no labels"});
  }
  SECTION("a folder in the place of a file") {
    idx.folder.remove(kTrainImages);
    if (rank_of(MPI_COMM_WORLD) == 0)
      std::filesystem::create_directory(idx.folder.path(kTrainImages));
    MPI_Barrier(MPI_COMM_WORLD);
    idx.rejects({kTrainImages, "directory"});
  }
  SECTION("a pipe in the place of a file") {
    idx.folder.remove(kTrainImages);
    if (rank_of(MPI_COMM_WORLD) == 0) mkfifo(idx.folder.path(kTrainImages).c_str(), 0600);
    MPI_Barrier(MPI_COMM_WORLD);
    idx.rejects({kTrainImages, "regular"});
  }
}

TEST_CASE("a file that one may not read") {
  const Idx idx;
  const std::string path = idx.folder.path(kTrainImages);
  if (rank_of(MPI_COMM_WORLD) == 0) chmod(path.c_str(), 0);
  MPI_Barrier(MPI_COMM_WORLD);
  constexpr uid_t nobody = 65534;
  const bool root = geteuid() == 0;
  // Root may read everything: become somebody else meanwhile (the folder is then closed as well).
  bool changed = !root || seteuid(nobody) == 0;
  const auto outcome = test::outcome_of([&] { probe(idx.options, MPI_COMM_WORLD); });
  if (root) changed = seteuid(0) == 0 && changed;
  REQUIRE_ALL(changed);
  REQUIRE_ALL(outcome.code == ExitCode::bad_input);
  REQUIRE_ALL(outcome.message.find(idx.folder.path()) != std::string::npos);
  REQUIRE_ALL(outcome.message.find("permission") != std::string::npos);
}

TEST_CASE("IDX: damaged plain files") {
  const Idx idx;
  const std::string good = idx.train.idx_images();
  SECTION("truncated") {
    idx.folder.write(kTrainImages, good.substr(0, good.size() - 1));
    idx.rejects({kTrainImages, "truncated", "256", "255"});  // 16 + 40 x 6
  }
  SECTION("truncated within the header") {
    idx.folder.write(kTrainImages, good.substr(0, 10));
    idx.rejects({kTrainImages, "truncated", "header"});
  }
  SECTION("empty") {
    idx.folder.write(kTrainImages, "");
    idx.rejects({kTrainImages, "only 0 bytes"});
  }
  SECTION("trailing garbage") {
    idx.folder.write(kTrainImages, good + "abc");
    idx.rejects({kTrainImages, "3 bytes after"});
  }
  SECTION("wrong magic number") {
    idx.folder.write(kTrainImages, "\x89PNG" + good.substr(4));
    idx.rejects({kTrainImages, "0x89504e47", "0x00000803"});
  }
  SECTION("wrong type of values") {
    idx.folder.write(kTrainImages, idx_bytes({40, 2, 3}, std::string(960, 'x'), 0x0d));
    idx.rejects({kTrainImages, "32-bit floats", "unsigned bytes"});
  }
  SECTION("images and labels exchanged") {
    idx.folder.write(kTrainImages, idx.train.idx_labels());
    idx.rejects({kTrainImages, "1 dimension", "exchanged"});
  }
  SECTION("no images") {
    idx.folder.write(kTrainImages, idx_bytes({0, 2, 3}, ""));
    idx.rejects({kTrainImages, "0 images"});
  }
  SECTION("images without pixels") {
    idx.folder.write(kTrainImages, idx_bytes({40, 0, 3}, ""));
    idx.rejects({kTrainImages, "0 pixels"});
  }
  SECTION("sizes that overflow") {
    idx.folder.write(kTrainImages, idx_bytes({0xffffffff, 0xffffffff, 0xffffffff}, ""));
    idx.rejects({kTrainImages, "2^61"});
  }
  SECTION("sizes beyond any file") {
    idx.folder.write(kTrainImages, idx_bytes({0xffffffff, 28, 28}, ""));
    idx.rejects({kTrainImages, "truncated", "3367254359296"});  // 16 + (2^32 - 1) 28^2
  }
  SECTION("labels truncated") {
    idx.folder.write(kTrainLabels, idx.train.idx_labels().substr(0, 30));
    idx.rejects({kTrainLabels, "truncated"});
  }
}

TEST_CASE("IDX: damaged gzip files") {
  const Idx idx;
  const std::string name = kTrainImages + ".gz", good = packed(idx.train.idx_images());
  idx.folder.remove(kTrainImages);
  SECTION("not gzip") {
    idx.folder.write_unpacked(name, idx.train.idx_images());
    idx.rejects({name, "is not gzip"});
  }
  SECTION("cut within the header") {
    idx.folder.write_unpacked(name, good.substr(0, 12));
    idx.rejects({name});
  }
  SECTION("cut within the data") {
    idx.folder.write_unpacked(name, good.substr(0, good.size() / 2));
    idx.load_rejects({name, "truncated"});
  }
  SECTION("cut within the checksum") {
    idx.folder.write_unpacked(name, good.substr(0, good.size() - 2));
    idx.load_rejects({name, "truncated"});
  }
  SECTION("a wrong checksum") {
    std::string bad = good;
    bad[bad.size() - 6] = static_cast<char>(~bad[bad.size() - 6]);
    idx.folder.write_unpacked(name, bad);
    idx.load_rejects({name, "damaged"});
  }
  SECTION("no checksum") {
    idx.folder.write_unpacked(name, good.substr(0, good.size() - 8));
    idx.load_rejects({name, "truncated after"});
  }
  SECTION("something else behind it") {
    for (const std::string& rest :
         {std::string("garbage"), std::string("\0\0x", 3), good.substr(1)}) {
      idx.folder.write_unpacked(name, good + rest);
      idx.load_rejects({name, "goes on with something else after its end"});
    }
    idx.folder.write_unpacked(name, good + good);
    idx.load_rejects({name, "goes on after its last item"});
  }
  SECTION("labels without a checksum, or with something behind it") {
    const std::string labels = packed(idx.train.idx_labels());
    idx.folder.write(kTrainImages, idx.train.idx_images());
    idx.folder.remove(kTrainLabels);
    idx.folder.write_unpacked(kTrainLabels + ".gz", labels.substr(0, labels.size() - 8));
    idx.rejects({kTrainLabels + ".gz", "truncated after"});
    idx.folder.write_unpacked(kTrainLabels + ".gz", labels + "x");
    idx.rejects({kTrainLabels + ".gz", "goes on with something else after its end"});
  }
  SECTION("fewer images than promised") {
    const std::string raw = idx.train.idx_images();
    idx.folder.write(name, raw.substr(0, raw.size() - 5));
    idx.load_rejects({name, "truncated", "256", "251"});
  }
  SECTION("more images than promised") {
    idx.folder.write(name, idx.train.idx_images() + "x");
    idx.load_rejects({name, "goes on"});
  }
  SECTION("more promised than gzip can hold") {
    idx.folder.write(name, idx_bytes({0xffffffff, 28, 28}, "abc"));
    idx.rejects({name, "more than a gzip file"});
  }
}

TEST_CASE("IDX: files that do not belong together") {
  Idx idx;
  SECTION("images and labels") {
    Pattern fewer = idx.train;
    fewer.samples = 39;
    idx.folder.write(kTrainLabels, fewer.idx_labels());
    idx.rejects({kTrainImages, kTrainLabels, "40", "39"});
  }
  SECTION("sizes of training and test images") {
    Pattern larger = idx.test;
    larger.features = 8;
    idx.folder.write(kTestImages, larger.idx_images());
    idx.rejects({kTestImages, "8 features (2 x 4)", "6"});
  }
  SECTION("as many pixels, another shape") {
    idx.folder.write(kTestImages, idx_bytes({12, 3, 2}, std::string(72, 'x')));
    idx.rejects({kTestImages, "3 x 2"});
  }
  SECTION("a test label that training does not have") {
    Pattern other = idx.test;
    other.first_label = 1;
    idx.folder.write(kTestLabels, other.idx_labels());
    idx.rejects({kTestImages, "label 4", "0, 1, 2, 3", "-data_classes"});
  }
  SECTION("a test label that the network does not have") {
    require_bad_input(
        [&] {
          probe_test(idx.options, {6, {"0", "1", "2"}, {}}, MPI_COMM_WORLD);
        },
        {kTestImages, "label 3", "0, 1, 2"});
  }
  SECTION("features that the network does not have") {
    require_bad_input(
        [&] {
          probe_test(idx.options, {7, {"0", "1", "2", "3"}, {}}, MPI_COMM_WORLD);
        },
        {kTestImages, "6 features", "7"});
  }
  SECTION("nothing to predict for") {
    idx.folder.remove(kTestImages);
    idx.folder.remove(kTestLabels);
    require_bad_input(
        [&] {
          probe_test(idx.options, {6, {"0", "1"}, {}}, MPI_COMM_WORLD);
        },
        {"missing", kTestImages});
  }
}

TEST_CASE("options that the data do not allow") {
  Idx idx;
  SECTION("a class that is not there") {
    idx.options.classes = {"0", "7"};
    idx.rejects({"-data_classes", "no label 7", kTrainImages});
  }
  SECTION("one class") {
    idx.options.classes = {"2", "2"};
    idx.rejects({kTrainImages, "at least 2 classes"});
  }
  SECTION("one label in the file") {
    idx.folder.write(kTrainLabels, idx_bytes({40}, std::string(40, '\3')));
    idx.rejects({kTrainImages, "only the label 3"});
  }
  SECTION("everything held out") {
    idx.options.validation = 40;
    idx.rejects({"-data_validation 40", "40 samples"});
  }
  SECTION("everything of the limit held out") {
    idx.options.train_limit = 10;
    idx.options.validation = 12;
    idx.rejects({"-data_validation 12", "10 samples"});
  }
  SECTION("no test sample of these classes") {
    idx.options.classes = {"0", "1"};
    idx.folder.write(kTestLabels, idx_bytes({12}, std::string(12, '\3')));
    idx.rejects({kTestImages, "-data_classes 0, 1"});
  }
}

TEST_CASE("a file that changes between probe and load") {
  Idx idx;
  const DataShape shape = probe(idx.options, MPI_COMM_WORLD);
  Pattern shorter = idx.train;
  shorter.samples = 30;
  idx.folder.write(kTrainImages, shorter.idx_images());
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  require_bad_input(
      [&] {
        load(idx.options, shape, 0, grid, {64, true, {0, shape.train}, 100});
      },
      {kTrainImages, "changed"});
}

TEST_CASE("CSV: files and options") {
  Csv csv;
  SECTION("no file named") {
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"-data_train is not set"});
    require_bad_input(
        [&] {
          probe_test(csv.options, {2, {"0", "1"}, {}}, MPI_COMM_WORLD);
        },
        {"-data_test is not set"});
  }
  SECTION("no such file") {
    csv.options.train = csv.folder.path("nothing.csv");
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"nothing.csv", "no such file"});
  }
  SECTION("no such test file") {
    csv.options.train = csv.folder.write("train.csv", "1,2,0\n3,4,1\n");
    csv.options.test = csv.folder.path("nothing.csv");
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"nothing.csv", "no such file"});
  }
  SECTION("training without labels") {
    csv.options.label_column = LabelColumn::none;
    csv.options.train = csv.folder.write("train.csv", "1,2\n");
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"-data_label_column none"});
  }
  SECTION("a folder") {
    csv.options.train = csv.folder.path();
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); },
                      {csv.folder.path(), "directory"});
  }
  SECTION("a truncated gzip file") {
    const std::string bytes = packed(Pattern{200, 6, 4, 0}.csv(LabelColumn::last, false));
    csv.options.train =
        csv.folder.write_unpacked("train.csv.gz", bytes.substr(0, bytes.size() / 2));
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"train.csv.gz", "truncated"});
    csv.folder.write_unpacked("train.csv.gz", bytes.substr(0, bytes.size() - 8));
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); }, {"train.csv.gz", "truncated"});
    csv.folder.write_unpacked("train.csv.gz", bytes + "1,2,3\n");
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); },
                      {"train.csv.gz", "goes on with something else"});
  }
  SECTION("gzip files one behind the other, filled up with zeros, are one") {
    const std::string one = packed("1,2,0\n3,4,1\n"), two = packed("5,6,0\n");
    csv.options.train =
        csv.folder.write_unpacked("train.csv.gz", one + two + std::string(512, '\0'));
    csv.options.validation = 0;
    CHECK(probe(csv.options, MPI_COMM_WORLD).train == 3);
  }
  SECTION("a test file of another width") {
    csv.options.train = csv.folder.write("train.csv", "1,2,0\n3,4,1\n");
    csv.options.test = csv.folder.write("test.csv", "1,0\n");
    require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); },
                      {"test.csv", "1 features", "2", "-data_label_column none"});
  }
}

TEST_CASE("CSV: classes") {
  Csv csv;
  csv.rejects("1,2,0\n3,4,0\n", {"only the label 0"});
  csv.options.classes = {"setosa", "virginca"};
  csv.rejects("1,setosa\n2,virginica\n",
              {"-data_classes setosa, virginca", "no label virginca", "did you mean virginica?"});
  csv.options.classes.clear();
  csv.options.test = csv.folder.write("test.csv", "1,setosa\n2,Setosa\n");
  csv.options.train = csv.folder.write("train.csv", "1,setosa\n2,virginica\n");
  require_bad_input([&] { probe(csv.options, MPI_COMM_WORLD); },
                    {"test.csv: sample 2", "label Setosa", "(setosa, virginica)"});
}
