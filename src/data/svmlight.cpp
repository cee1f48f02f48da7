#include "data/svmlight.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "data/csv_text.h"
#include "data/dataset.h"
#include "data/target_values.h"
#include "runtime/error.h"

namespace admmnet {

SvmlightReader::SvmlightReader(const std::string& path, Index features, Index begin)
    : lines_(path, begin), features_(features), from_the_beginning_(begin == 0) {}

std::string SvmlightReader::place() const {
  return lines_.path() + ", " +
         (from_the_beginning_ ? "line " + std::to_string(lines_.number())
                              : "byte " + std::to_string(lines_.offset())) +
         ": ";
}

bool SvmlightReader::next() {
  std::string_view line;
  while (lines_.next(line)) {
    const std::size_t comment = line.find('#');
    const std::string_view rest = trimmed(line.substr(0, comment));
    if (rest.empty() && comment != std::string_view::npos) continue;
    if (rest.empty()) {
      if (empty_line_ == 0) empty_line_ = lines_.number();
      continue;
    }
    if (empty_line_ > 0)
      throw BadInput(lines_.path() + ", line " + std::to_string(empty_line_) +
                     ": is empty, and samples follow; take the line out, or write the label alone "
                     "for a sample without features");
    parse(rest);
    return true;
  }
  return false;
}

void SvmlightReader::parse(std::string_view rest) {
  sample_.label.clear();
  sample_.features.clear();
  sample_.values.clear();
  std::string_view field = next_field(rest);
  if (field.find(':') == std::string_view::npos) {
    parse_label(field);
    field = next_field(rest);
  }
  for (; !field.empty(); field = next_field(rest)) parse_feature(field);
}

void SvmlightReader::parse_label(std::string_view field) {
  if (read_label(field, sample_.label) == LabelKind::text)
    throw BadInput(place() + quoted(field) +
                   " is no label: a line begins with a number, or with the first index:value");
}

void SvmlightReader::parse_feature(std::string_view field) {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos)
    throw BadInput(place() + quoted(field) +
                   " is no index:value; fields are separated by blanks, comments begin with #");
  const std::string_view name = field.substr(0, colon), number = field.substr(colon + 1);
  if (name == "qid") {  // which query the sample belongs to, for programs that rank
    if (qid_line_ == 0) qid_line_ = lines_.number();
    return;
  }
  Index index = 0;
  if (!parse_index(name, index))
    throw BadInput(place() + quoted(name) + " in " + quoted(field) +
                   " is no index; indices are integers from 1 on");
  if (index < 1)
    throw BadInput(place() + "index " + std::to_string(index) +
                   ": indices are counted from 1; where they begin with 0, add 1 to all of them");
  if (features_ > 0 && index > features_)
    throw BadInput(place() + "index " + std::to_string(index) + " is beyond the " +
                   std::to_string(features_) + " features; see -data_features");
  const Index last = sample_.features.empty() ? 0 : sample_.features.back() + 1;
  if (index == last)
    throw BadInput(place() + "index " + std::to_string(index) +
                   " stands twice; leave one of the two values out");
  if (index < last)
    throw BadInput(place() + "index " + std::to_string(index) + " stands behind " +
                   std::to_string(last) + "; write the indices of a line in ascending order");
  double value = 0.0;
  if (!parse_number(number, value) || !std::isfinite(value))
    throw BadInput(place() + quoted(number) + " in " + quoted(field) +
                   " is not a finite number; replace it, or leave the field out for 0");
  sample_.features.push_back(index - 1);
  sample_.values.push_back(value);
}

Contents scan_svmlight(const std::string& path, Index features, std::optional<Task> task) {
  Contents contents;
  contents.path = path;
  SvmlightReader reader(path, features);
  TargetCollector targets(task, 1, "labels are integers", contents);
  SparsityCounter entries;
  for (; reader.next(); ++contents.samples) {
    const SparseSample& sample = reader.sample();
    entries.add(sample.features.data(), sample.features.size());
    if (!reader.compressed() && contents.samples % kSamplesOfMark == 0)
      contents.marks.push_back(reader.offset());
    if (!sample.features.empty())
      contents.features = std::max(contents.features, sample.features.back() + 1);
    if (sample.label.empty())
      targets.add_unlabelled();
    else
      targets.add(std::string_view(sample.label), [&] { return reader.place(); });
  }
  if (contents.samples == 0)
    throw BadInput(path + ": has no sample; a line is a label and index:value ...");
  targets.finish(false);
  if (reader.qid_line() > 0)
    contents.notes.push_back(path + ": the fields qid:... are left out (the first in line " +
                             std::to_string(reader.qid_line()) + ")");
  contents.zero_is_none = contents.targets == 0;
  contents.sparsity = entries.sparsity();
  contents.more_features = features == 0;
  if (features > 0) contents.features = features;
  return contents;
}

namespace {

/// A file from which samples are read in ascending order, with steps over what is not asked for.
class SampleSequence {
 public:
  SampleSequence(std::string path, Index features, const std::vector<Index>& marks)
      : path_(std::move(path)), features_(features), marks_(marks) {}

  /// The sample of this number is the next one. May begin the file again.
  void go_to(Index sample) {
    const Index mark = sample / kSamplesOfMark;
    const bool far = sample < next_ || sample - next_ >= kSamplesOfMark;
    if (!reader_ || (far && !marks_.empty())) {
      if (!marks_.empty() && static_cast<std::size_t>(mark) >= marks_.size()) fail_changed();
      reader_ = std::make_unique<SvmlightReader>(
          path_, features_, marks_.empty() ? 0 : marks_[static_cast<std::size_t>(mark)]);
      next_ = marks_.empty() ? 0 : mark * kSamplesOfMark;
    }
    ADMMNET_REQUIRE(next_ <= sample, "SampleSequence: a packed file is read from front to back");
    while (next_ < sample) next();
  }
  const SparseSample& next() {
    if (!reader_->next()) fail_changed();
    ++next_;
    return reader_->sample();
  }
  SparseRows rows(Index first, Index count) {
    SparseRows rows;
    go_to(first);
    for (Index s = 0; s < count; ++s) {
      const SparseSample& sample = next();
      rows.cols.insert(rows.cols.end(), sample.features.begin(), sample.features.end());
      rows.values.insert(rows.values.end(), sample.values.begin(), sample.values.end());
      rows.end_row();
    }
    return rows;
  }
  bool at_end() { return !reader_ || !reader_->next(); }
  [[noreturn]] void fail_changed() const {
    throw BadInput(path_ + ": is not what it was when it was looked at first; leave it alone");
  }

 private:
  std::string path_;
  Index features_;
  std::vector<Index> marks_;
  std::unique_ptr<SvmlightReader> reader_;
  Index next_ = 0;
};

class SvmlightSource final : public SampleSource {
 public:
  SvmlightSource(const std::string& path, Index features, const std::vector<Index>& marks)
      : samples_(path, features, marks), features_(features), random_access_(!marks.empty()) {}
  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return random_access_; }
  void read(Index first, Index count, unsigned char* records) override {
    auto* out = reinterpret_cast<double*>(records);
    std::fill_n(out, count * features_, 0.0);
    samples_.go_to(first);
    for (Index s = 0; s < count; ++s, out += features_) {
      const SparseSample& sample = samples_.next();
      for (std::size_t k = 0; k < sample.features.size(); ++k)
        out[sample.features[k]] = sample.values[k];
    }
  }
  bool sparse() override { return true; }
  SparseRows read_sparse(Index first, Index count) override { return samples_.rows(first, count); }
  void expect_end() override {
    if (!samples_.at_end()) samples_.fail_changed();
  }

 private:
  SampleSequence samples_;
  Index features_;
  bool random_access_;
};

}  // namespace

std::unique_ptr<SampleSource> open_svmlight(const std::string& path, Index features,
                                            const std::vector<Index>& marks) {
  return std::make_unique<SvmlightSource>(path, features, marks);
}

SparseRows read_svmlight_rows(const std::string& path, Index features,
                              const std::vector<Index>& marks, Index first, Index count) {
  if (count == 0) return {};
  return SampleSequence(path, features, marks).rows(first, count);
}

Index svmlight_line_of_sample(const std::string& path, Index sample) {
  SvmlightReader reader(path, 0);
  for (Index s = 0; s <= sample; ++s) reader.next();
  return reader.line();
}

}  // namespace admmnet
