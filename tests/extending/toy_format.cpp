// A file format added from outside: src/data/README.md walks through this file. One sample a line,
// its label and its values with blanks between them:
//
//     north 0.25 -1.5
#include <fstream>
#include <map>
#include <sstream>

#include "data/contents.h"
#include "data/dataset.h"
#include "data/file_format.h"
#include "data/source.h"
#include "runtime/error.h"

namespace {

using namespace admmnet;

struct Line {
  std::string label;
  std::vector<double> values;
};

/// The next line; false at the end of the file.
bool next_line(std::istream& file, const std::string& path, Line& line) {
  std::string text;
  if (!std::getline(file, text)) return false;
  std::istringstream words(text);
  line.values.clear();
  words >> line.label;
  for (double value = 0.0; words >> value;) line.values.push_back(value);
  if (!words.eof() || line.values.empty())
    throw BadInput(path + ": '" + text + "' is no label with numbers behind it");
  return true;
}

std::ifstream opened(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw BadInput(path + ": cannot be opened");
  return file;
}

/// First look: how many samples of what size, and their labels.
Contents examine(const std::string& path) {
  Contents contents;
  contents.path = path;
  contents.labelled = true;
  std::ifstream file = opened(path);
  std::map<std::string, int> places;
  for (Line line; next_line(file, path, line); ++contents.samples) {
    const auto size = static_cast<Index>(line.values.size());
    if (contents.samples > 0 && size != contents.features)
      throw BadInput(path + ": lines of " + std::to_string(contents.features) + " and of " +
                     std::to_string(size) + " numbers");
    contents.features = size;
    const auto place = places.emplace(line.label, static_cast<int>(places.size()));
    if (place.second) contents.label_names.push_back(line.label);
    contents.labels.push_back(place.first->second);
  }
  if (contents.samples == 0) throw BadInput(path + ": has no sample");
  return contents;
}

/// Second look: the values, in the order of the file.
class WordsSource final : public SampleSource {
 public:
  explicit WordsSource(const std::string& path) : path_(path), file_(opened(path)) {}
  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return false; }
  void read(Index, Index count, unsigned char* records) override {
    auto* out = reinterpret_cast<double*>(records);
    for (Line line; count > 0 && next_line(file_, path_, line); --count)
      out = std::copy(line.values.begin(), line.values.end(), out);
    if (count > 0) throw BadInput(path_ + ": is shorter than it was");
  }
  void expect_end() override {
    Line line;
    if (next_line(file_, path_, line)) throw BadInput(path_ + ": is longer than it was");
  }

 private:
  std::string path_;
  std::ifstream file_;
};

class WordsFormat final : public FileFormat {
 public:
  constexpr WordsFormat() : FileFormat("words", false, false, false) {}

  void check(const DataOptions& options, DataUse use, const Refuse& refuse) const override {
    refuse(use == DataUse::train && options.train.empty(), {"data_train", "data_format"},
           "missing; name the file of the training samples");
    refuse(use == DataUse::predict && options.test.empty(), {"data_test", "data_format"},
           "missing; name the file of the samples to predict");
  }
  Contents examine_train(const DataOptions& options) const override {
    return examine(options.train);
  }
  Contents examine_test(const DataOptions& options, Need,
                        const std::vector<std::string>&) const override {
    return options.test.empty() ? Contents{} : examine(options.test);
  }
  ValueType value_type(const DataOptions&) const override { return ValueType::real; }
  std::unique_ptr<SampleSource> open(const DataOptions&, const DataShape&,
                                     const SourceFile& file) const override {
    return std::make_unique<WordsSource>(file.path);
  }
  std::string why_no_test(const DataOptions&) const override { return "-data_test is not set"; }
};

const WordsFormat words;
[[maybe_unused]] const bool added = format_table().add(words);

}  // namespace
