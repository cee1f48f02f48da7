// Sparse features as text: what is read from them, and what is refused with its line.
#include "data/svmlight.h"

#include <cmath>

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::require_bad_input;
using test::TestFolder;

namespace {

/// More samples than two marks apart; sample s has feature (s + f) mod 13 where that is below 4.
struct Many {
  Index samples, features = 11;
  double value(Index s, Index f) const {
    return (s * 5 + f * 3) % 13 < 4 ? static_cast<double>(s + 1) / static_cast<double>(f + 1) : 0.0;
  }
  int label(Index s) const { return static_cast<int>(s % 3) - 1; }
  std::string text(bool labelled = true) const {
    std::string all = "# a comment\n\t # another\n";
    for (Index s = 0; s < samples; ++s) {
      char field[64];
      if (labelled) all += std::to_string(label(s));
      for (Index f = 0; f < features; ++f)
        if (value(s, f) != 0.0 || f == 10) {
          std::snprintf(field, sizeof field, "%s%d:%.17g", f % 2 ? " " : "  ",
                        static_cast<int>(f + 1), value(s, f));
          all += field;
        }
      all += s % 7 == 0 ? " # 3:4 five\n" : s % 5 == 0 ? " \r\n" : "\n";
    }
    return all + "\n \n";
  }
};

struct Svmlight {
  TestFolder folder;
  DataOptions options;
  Svmlight() { options.format = "svmlight"; }

  void rejects(const std::string& text, std::vector<std::string> parts) {
    options.train = folder.write("train.svm", text);
    parts.push_back(options.train);
    require_bad_input([&] { probe(options, MPI_COMM_WORLD); }, parts);
  }
};

/// Whether the set has all samples of `many` in some order, each once. Collective on the grid.
bool holds(const SampleSet& set, const Many& many) {
  std::vector<int> seen(static_cast<std::size_t>(many.samples), 0);
  for (const SamplePanel& panel : set.panels) {
    const std::vector<double> all = gather(panel.inputs);
    for (Index j = 0; j < panel.count; ++j) {
      const double* x = all.data() + j * panel.inputs.rows();
      for (Index s = 0; s < many.samples; ++s) {
        bool same = true;
        for (Index f = 0; same && f < many.features; ++f) same = x[f] == many.value(s, f);
        if (same) ++seen[static_cast<std::size_t>(s)];
      }
    }
  }
  return std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; });
}

}  // namespace

TEST_CASE("svmlight files load, plain by ranges and packed from one rank") {
  const bool packed = GENERATE(false, true);
  const std::string end = packed ? ".svm.gz" : ".svm";
  const Many train{700}, test{270};
  const TestFolder folder;
  DataOptions options;
  options.format = "svmlight";
  options.train = folder.write("train" + end, train.text());
  options.test = folder.write("test" + end, test.text());
  options.validation = 0;
  const DataShape shape = probe(options, MPI_COMM_WORLD);
  REQUIRE((shape.features == 11 && shape.train == 700 && shape.test == 270));
  REQUIRE(shape.class_labels == std::vector<std::string>{"-1", "0", "1"});
  REQUIRE(shape.train_file.marks.size() == (packed ? 0 : 3));
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(options, shape, 1, grid, {4, true, {0, 300, 700}, 200});
  REQUIRE(data.preprocessing.kind == Scaling::none);
  REQUIRE_ALL(holds(data.train, train));
  REQUIRE_ALL(holds(data.test, test));
}

TEST_CASE("features and labels that only one of the two files has") {
  Svmlight files;
  files.options.train = files.folder.write("a.svm", "1 1:1\n2 3:1\n1\n2 2:5\n");
  files.options.validation = 0;
  const auto probed = [&](const std::string& test) {
    files.options.test = files.folder.write("b.svm", test);
    return probe(files.options, MPI_COMM_WORLD);
  };
  SECTION("fewer features, no labels") {
    const DataShape shape = probed("0 1:2\n1:3\n0\n");
    CHECK((shape.features == 3 && shape.test == 3 && !shape.test_has_labels));
    CHECK(shape.test_file.classes == std::vector<int>{kNoLabel, kNoLabel, kNoLabel});
  }
  SECTION("some labels") {
    const DataShape shape = probed("0 1:2\n+2 1:3\n1.0 2:1\n");
    CHECK(shape.test_file.classes == std::vector<int>{kNoLabel, 1, 0});
    CHECK(shape.test_has_labels);
  }
  SECTION("more features") {
    require_bad_input([&] { probed("1 4:1\n"); }, {"b.svm", "4 features", "-data_features"});
    files.options.features = 5;
    CHECK(probed("1 4:1\n").features == 5);
  }
  SECTION("a label that is no class") {
    require_bad_input([&] { probed("1 1:1\n9 1:1\n"); }, {"b.svm", "sample 2", "label 9"});
  }
}

TEST_CASE("svmlight: signs, comments, queries, empty rows and real targets") {
  Svmlight files;
  files.options.train = files.folder.write(
      "s.svm", "# made by hand\n+1 qid:1 1:1 3:-2 # a remark\n-1 qid:2\n+1 2:0.5\n-1 1:1 2:1\n");
  const DataShape signs = probe(files.options, MPI_COMM_WORLD);
  REQUIRE(signs.class_labels == std::vector<std::string>{"-1", "1"});
  REQUIRE((signs.features == 3 && signs.train + signs.validation == 4));
  REQUIRE(signs.notes.front().find("qid:... are left out (the first in line 2)") !=
          std::string::npos);

  files.options.train = files.folder.write("r.svm", "0.5 1:1\n-2e1\n3 2:1\n");
  const DataShape reals = probe(files.options, MPI_COMM_WORLD);
  REQUIRE((reals.targets == 1 && reals.class_labels.empty()));
  REQUIRE(reals.train_file.reals == std::vector<double>{0.5, -20.0, 3.0});
}

TEST_CASE("svmlight: lines that are none") {
  Svmlight files;
  files.rejects("1 1:1\n2 0:1\n", {"line 2", "index 0", "counted from 1"});
  files.rejects("1 1:1\n2 -3:1\n", {"line 2", "index -3", "counted from 1"});
  files.rejects("1 1:1\n#\n2 4:1 3:1\n", {"line 3", "index 3 stands behind 4", "ascending"});
  files.rejects("1 1:1 1:2\n", {"line 1", "index 1 stands twice"});
  files.rejects("1 1:1\n2 1.5:1\n", {"line 2", "'1.5'", "integers from 1 on"});
  files.rejects("1 1:1\n2 a:1\n", {"line 2", "'a'"});
  files.rejects("1 1:1\n2 1:one\n", {"line 2", "'one'", "not a finite number"});
  files.rejects("1 1:1\n2 1:nan\n", {"line 2", "'nan'", "not a finite number"});
  files.rejects("1 1:1\n2 1:-inf\n", {"line 2", "'-inf'"});
  files.rejects("1 1:1\n2 1:1e999\n", {"line 2", "'1e999'"});
  files.rejects("1 1:1\n2 1:\n", {"line 2", "'' in '1:'"});
  files.rejects("1 1:1\n2 3\n", {"line 2", "'3'", "no index:value"});
  files.rejects("1 1:1\n2 qid:4 2:1 1:1\n", {"line 2", "index 1 stands behind 2"});
  files.rejects("1 1:1\ncat 1:1\n", {"line 2", "'cat'", "no label"});
  files.rejects("1 1:1\n1,2 1:1\n", {"line 2", "'1,2'", "no label"});
  files.rejects("1 1:1\n\n2 1:1\n", {"line 2", "is empty", "label alone"});
  files.rejects("1\n2\n", {"no sample has a feature"});
  files.rejects("# nothing\n", {"has no sample"});
  files.rejects("1 1:1\n1 2:1\n", {"only the label 1"});
  files.rejects("1 1:1\n2 999999999:1\n", {"999999999 features", "at most"});
  files.rejects("1 1:1\n2:1\n2 1:1\n", {"line 2", "no label", "training"});
  files.options.features = 2;
  files.rejects("1 1:1\n2 3:1\n", {"line 2", "index 3", "beyond the 2 features", "-data_features"});
}
