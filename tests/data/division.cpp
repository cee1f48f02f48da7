// How the samples are divided: what is refused, and what is warned of with its remedy.
#include "data/dataset.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::idx_bytes;
using test::Pattern;
using test::require_bad_input;
using test::TestFolder;

TEST_CASE("divisions that the images do not allow") {
  const TestFolder folder;
  const Pattern pattern{40, 6, 4, 0};
  const std::string images = "train-images-idx3-ubyte";
  folder.write(images, pattern.idx_images());
  folder.write("train-labels-idx1-ubyte", pattern.idx_labels());
  DataOptions options;
  options.dir = folder.path();
  const auto rejects = [&](const std::vector<std::string>& parts) {
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); }, parts);
  };
  SECTION("so much held out that a class has nothing to train on") {
    options.validation = 37;
    rejects({"-data_validation 37", "leaves 3 of 40", "4 classes"});
  }
  SECTION("everything taken for the test") {
    options.test_last = 40;
    rejects({"-data_test_last 40", "only 40 samples"});
  }
  SECTION("more than there is taken for a test alone") {
    options.test_last = 41;
    require_bad_input(
        [&] {
          probe_test(options, {6, {"0", "1", "2", "3"}, {}}, MPI_COMM_WORLD);
        },
        {images, "-data_test_last 41", "only 40 samples"});
  }
  SECTION("squares that do not divide the images") {
    options.pool = 2;
    rejects({images, "-data_pool 2", "2 rows and 3 columns"});
  }
  SECTION("squares in samples that are no images") {
    folder.write(images, idx_bytes({40, 6}, std::string(240, 'x')));
    options.pool = 2;
    rejects({images, "-data_pool 2", "6 values without rows and columns"});
  }
}

TEST_CASE("what probably is not as it is meant") {
  const TestFolder folder;
  DataOptions options;
  options.format = "csv";
  std::string sorted;
  for (int s = 0; s < 30; ++s) sorted += std::to_string(s) + ",1," + std::to_string(s / 10) + "\n";
  options.train = folder.write("sorted.csv", sorted);
  const auto warned = [&](const std::vector<std::string>& parts) {
    const auto warnings = probe(options, MPI_COMM_WORLD).warnings;
    REQUIRE(warnings.size() == (parts.empty() ? 0 : 1));
    for (const auto& part : parts) {
      INFO(warnings[0]);
      CHECK(warnings[0].find(part) != std::string::npos);
    }
  };
  SECTION("nothing") {
    warned({});
  }
  SECTION("one class only") {
    options.train_limit = 10;
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); },
                      {"sorted.csv", "all 10 samples to train on have the label 0", "sorted",
                       "shuffle", "raise -data_train_limit"});
  }
  SECTION("one class only, the others are for the test") {
    options.test_last = 20;
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); },
                      {"all 10 samples to train on have the label 0", "shuffle"});
  }
  SECTION("a class beyond the limit") {
    options.train_limit = 15;
    warned({"sorted.csv", "the label 2", "only beyond -data_train_limit", "shuffle"});
  }
  SECTION("a class in the test only") {
    options.test_last = 10;
    warned({"the label 2", "only among the test samples of -data_test_last", "shuffle"});
  }
  SECTION("a column of numbers taken for the label") {
    options.label_column = LabelColumn::first;
    warned({"30 classes are more than a fifth of the 30 samples", "-data_label_column"});
  }
}

TEST_CASE("held out regardless of classes, as older versions did") {
  constexpr Index samples = 50, held_out = 7, seed = 3;
  const TrainingSplit split(std::vector<int>(samples, 0), samples, held_out, seed, HoldOut::of_all);
  const Shuffle lots(samples, seed, Stream::validation);
  const Shuffle order(samples - held_out, seed, Stream::shuffle);
  std::vector<bool> taken(samples, false);
  for (Index p = 0; p < held_out; ++p) {
    taken[static_cast<std::size_t>(lots(p))] = true;
    CHECK(split.held_out_sample(p) == lots(p));
    CHECK((split(lots(p)).held_out && split(lots(p)).position == p));
  }
  for (Index sample = 0, rest = 0; sample < samples; ++sample) {
    if (taken[static_cast<std::size_t>(sample)]) continue;
    const auto place = split(sample);
    CHECK((!place.held_out && place.position == order.inverse(rest++)));
    CHECK(split.training_sample(place.position) == sample);
  }
}
