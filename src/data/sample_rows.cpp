#include "data/sample_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "data/dataset.h"
#include "runtime/error.h"

namespace admmnet {

TargetCollector& ArrayLabels::collector() {
  if (!collector_)
    collector_.emplace(options_.task, targets_,
                       "say with -data_target_path which array holds the labels", contents_);
  return *collector_;
}

void ArrayLabels::begin_file(const std::string& place, Index targets) {
  if (collector_ && targets != targets_)
    throw BadInput(place + ": has " + std::to_string(targets) + " targets a sample, " + place_ +
                   " has " + std::to_string(targets_) + "; the files do not belong together");
  place_ = place;
  targets_ = targets;
  of_file_ = 0;
}

std::string ArrayLabels::next_place() const {
  return place_ + ", sample " + std::to_string(of_file() + 1) + ": ";
}

void ArrayLabels::add(std::string_view label) {
  collector().add(label, [this] { return next_place(); });
  ++of_file_;
}

void ArrayLabels::add(double label) {
  collector().add(label, [this] { return next_place(); });
  ++of_file_;
}

void ArrayLabels::add(const std::string& label) {
  if (label.empty())
    throw BadInput(next_place() +
                   "the label is an empty text; name the class, or take the sample "
                   "out");
  add(std::string_view(label));
}

void ArrayLabels::add_unknown(Index samples) {
  for (Index i = 0; i < samples; ++i) collector().add_unlabelled();
}

void ArrayLabels::finish() {
  collector().finish(false);
}

Index targets_of_shape(const std::vector<Index>& shape, bool numbers, const std::string& place,
                       const std::string& text) {
  if (shape.size() == 1) return 1;
  if (shape.size() != 2 || !numbers || shape[1] < 1)
    throw BadInput(place + ": has the shape " + text +
                   "; labels are a list, one for each sample: (samples), or (samples, targets) of "
                   "real targets");
  return shape[1];
}

/// By the bits of the exponent, all of which are 1 in infinities and NaN: a loop without branches,
/// for this is done to every value that is read.
static bool all_finite(const double* values, Index count) {
  constexpr std::uint64_t exponent = 0x7FF0000000000000;
  std::uint64_t odd = 0;
  for (Index i = 0; i < count; ++i) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, values + i, sizeof bits);
    odd |= static_cast<std::uint64_t>((bits & exponent) == exponent);
  }
  return odd == 0;
}

static const double* first_odd(const double* values, Index count) {
  return std::find_if(values, values + count, [](double x) { return !std::isfinite(x); });
}

[[noreturn]] static void fail_not_finite(const std::string& place, Index sample, Index feature,
                                         double value) {
  throw BadInput(place + ", sample " + std::to_string(sample + 1) + ", feature " +
                 std::to_string(feature + 1) + ": is " + std::to_string(value) +
                 ", not a finite number; replace it, or take the sample out");
}

void require_finite(const double* rows, Index first, Index count, Index features,
                    const std::string& place) {
  if (all_finite(rows, count * features)) return;
  const double* odd = first_odd(rows, count * features);
  const Index at = odd - rows;
  fail_not_finite(place, first + at / features, at % features, *odd);
}

/// The same of rows of what is not 0.
static void require_finite(const SparseRows& rows, Index first, const std::string& place) {
  const auto count = static_cast<Index>(rows.values.size());
  if (all_finite(rows.values.data(), count)) return;
  const double* odd = first_odd(rows.values.data(), count);
  const auto at = static_cast<std::size_t>(odd - rows.values.data());
  const auto row = std::upper_bound(rows.begins.begin(), rows.begins.end(), at);
  fail_not_finite(place, first + (row - rows.begins.begin()) - 1, rows.cols[at], *odd);
}

namespace {

class JoinedRows final : public SampleSource {
 public:
  JoinedRows(std::vector<std::string> files, std::vector<Index> begins, Index features,
             bool random_access, RowsOpener open)
      : files_(std::move(files)),
        begins_(std::move(begins)),
        features_(features),
        random_access_(random_access),
        open_(std::move(open)) {
    ADMMNET_REQUIRE(begins_.size() == files_.size() + 1, "JoinedRows: a begin for each file");
  }

  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return random_access_; }

  void read(Index first, Index count, unsigned char* records) override {
    auto* out = reinterpret_cast<double*>(records);
    for_each_part(first, count, [&](SampleRows& rows, Index local, Index part) {
      rows.read(local, part, out);
      require_finite(out, local, part, features_, rows.place());
      out += part * features_;
    });
  }

  bool sparse() override {
    for (std::size_t file = 0; file < files_.size(); ++file)
      if (!rows_of(file).sparse()) return false;
    return true;
  }
  SparseRows read_sparse(Index first, Index count) override {
    SparseRows all;
    for_each_part(first, count, [&](SampleRows& rows, Index local, Index part) {
      const SparseRows read = rows.read_sparse(local, part);
      require_finite(read, local, rows.place());
      all.append(read);
    });
    return all;
  }

  void expect_end() override {}  // the size of an array stands in its header

 private:
  /// f(rows of a file, its first sample, count) for the files of the samples, in their order.
  template <class F>
  void for_each_part(Index first, Index count, F&& f) {
    while (count > 0) {
      const auto next = std::upper_bound(begins_.begin(), begins_.end(), first);
      ADMMNET_REQUIRE(next != begins_.begin() && next != begins_.end(),
                      "JoinedRows: beyond the last sample");
      const auto file = static_cast<std::size_t>(next - begins_.begin() - 1);
      const Index part = std::min(count, *next - first);
      f(rows_of(file), first - begins_[file], part);
      first += part;
      count -= part;
    }
  }
  SampleRows& rows_of(std::size_t file) {
    if (rows_ && opened_ == file) return *rows_;
    rows_.reset();
    rows_ = open_(files_[file]);
    opened_ = file;
    if (rows_->samples() != begins_[file + 1] - begins_[file] || rows_->features() != features_)
      throw BadInput(rows_->place() +
                     ": is not what it was when it was looked at first; leave it alone");
    return *rows_;
  }

  std::vector<std::string> files_;
  std::vector<Index> begins_;
  Index features_;
  bool random_access_;
  RowsOpener open_;
  std::unique_ptr<SampleRows> rows_;
  std::size_t opened_ = 0;
};

}  // namespace

std::unique_ptr<SampleSource> join_rows(std::vector<std::string> files, std::vector<Index> begins,
                                        Index features, bool random_access, RowsOpener open) {
  return std::make_unique<JoinedRows>(std::move(files), std::move(begins), features, random_access,
                                      std::move(open));
}

}  // namespace admmnet
