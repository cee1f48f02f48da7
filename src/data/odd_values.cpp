#include "data/odd_values.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "data/dataset.h"
#include "data/formats.h"
#include "data/moments.h"
#include "data/split.h"
#include "data/staging.h"
#include "runtime/communicator.h"

namespace admmnet {

namespace {

constexpr double kFar = 1e30;                 ///< spreads
constexpr double kLargestSquared = 1.34e154;  ///< its square is just below the largest number
constexpr Index kNobody = std::numeric_limits<Index>::max();
constexpr std::size_t kMostColumns = 5;  ///< that are named one by one

/// Median of values that may be put into another order; the lower one of two.
double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// This rank's part of the first training samples, for features first .. first + count - 1: one
/// feature after the other, 0 for what other ranks hold.
std::vector<double> sampled_values(const StagedSet& train, Index samples, Index first, Index count,
                                   int rank) {
  std::vector<double> x(static_cast<std::size_t>(train.features()));
  std::vector<double> sampled(static_cast<std::size_t>(count * samples), 0.0);
  for (Index s = 0; s < samples; ++s) {
    const auto slot = train.columns().locate(s);
    if (slot.rank != rank) continue;
    train.values(slot.panel, slot.column, x.data());
    for (Index i = 0; i < count; ++i)
      sampled[static_cast<std::size_t>(i * samples + s)] = x[static_cast<std::size_t>(first + i)];
  }
  return sampled;
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void reduce(std::vector<Index>& values, MPI_Op operation, MPI_Comm comm) {
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(values.size()),
                            MPI_INT64_T, operation, comm));
}

/// The file's sample, counted from 0, of a selected one.
Index sample_in_file(const std::vector<int>& classes, Index selected) {
  for (std::size_t s = 0; s < classes.size(); ++s)
    if (classes[s] != kNotSelected && selected-- == 0) return static_cast<Index>(s);
  return static_cast<Index>(classes.size());
}

/// What `compose` gives on rank 0, on every rank. Collective.
template <class F>
std::vector<std::string> lines_of_root(MPI_Comm comm, F&& compose) {
  std::vector<std::string> lines;
  collectively(comm, [&] {
    if (rank_of(comm) == 0) lines = compose();
  });
  auto count = static_cast<Index>(lines.size());
  ADMMNET_MPI(MPI_Bcast(&count, 1, MPI_INT64_T, 0, comm));
  lines.resize(static_cast<std::size_t>(count));
  for (std::string& line : lines) line = broadcast(line, 0, comm);
  return lines;
}

/// On rank 0, which reads the file once more to find the lines.
std::vector<std::string> describe(const DataOptions& options, const SourceFile& file,
                                  const std::vector<OddColumn>& odd) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < odd.size() && i < kMostColumns; ++i) {
    const OddColumn& column = odd[i];
    lines.push_back(
        place_in_file(options, file, column.sample, column.feature) + ": " +
        number_text(column.value) +
        (column.far ? " is far outside the other values" : " is too large to be squared") +
        (column.count > 1 ? " (as " + std::to_string(column.count) + " values of the column are)"
                          : "") +
        "; one such value hides all others of its column: if it stands for a missing value, leave "
        "the field empty (-data_missing) or the line out");
  }
  if (odd.size() > kMostColumns)
    lines.push_back(file.path + ": such values stand in " +
                    std::to_string(odd.size() - kMostColumns) + " more columns");
  return lines;
}

using PlaceOfFeature = std::function<std::string(Index)>;

/// Rank 0.
std::vector<std::string> compare_deviations(const Moments& moments,
                                            const PlaceOfFeature& place_of) {
  constexpr double most = 100.0;
  Index least = -1, largest = -1;
  const auto deviation = [&](Index i) { return moments.deviation[static_cast<std::size_t>(i)]; };
  for (Index i = 0; i < static_cast<Index>(moments.deviation.size()); ++i) {
    if (!(deviation(i) > 0.0)) continue;
    if (least < 0 || deviation(i) < deviation(least)) least = i;
    if (largest < 0 || deviation(i) > deviation(largest)) largest = i;
  }
  if (least < 0 || deviation(largest) / most <= deviation(least)) return {};
  return {"-data_scaling centred: the deviations go from " + number_text(deviation(least)) + " (" +
          place_of(least) + ") to " + number_text(deviation(largest)) + " (" + place_of(largest) +
          "), so columns of small ones hardly count; standard brings each to 1"};
}

/// The first of the features, and how many more there are. Rank 0.
std::string places(const PlaceOfFeature& place_of, const std::vector<Index>& features) {
  std::string names;
  for (std::size_t i = 0; i < features.size() && i < kMostColumns; ++i)
    names += (names.empty() ? "" : ", ") + place_of(features[i]);
  if (features.size() > kMostColumns)
    names += " and " + std::to_string(features.size() - kMostColumns) + " more";
  return names;
}

/// Columns without a value, and columns whose deviation has no inverse. Rank 0.
std::vector<std::string> find_idle_columns(const Moments& moments, const std::string& path,
                                           const PlaceOfFeature& place_of) {
  std::vector<Index> empty, flat;
  for (std::size_t i = 0; i < moments.deviation.size(); ++i) {
    const double deviation = moments.deviation[i];
    if (moments.present[i] == 0.0) empty.push_back(static_cast<Index>(i));
    if (deviation > 0.0 && std::isinf(1.0 / deviation)) flat.push_back(static_cast<Index>(i));
  }
  std::vector<std::string> lines;
  if (!empty.empty())
    lines.push_back(path + ", " + places(place_of, empty) +
                    ": no training sample has a value there, so it is of no use; leave it out");
  if (!flat.empty())
    lines.push_back(path + ", " + places(place_of, flat) +
                    ": the values differ by less than 1e-308 and are taken as equal; use another "
                    "unit");
  return lines;
}

}  // namespace

std::string place_in_file(const DataOptions& options, const SourceFile& file, Index selected,
                          Index feature) {
  const FileFormat& format = format_of(options);
  return file.path + ", " +
         format.place_of_sample(options, file, sample_in_file(file.classes, selected)) + ", " +
         format.place_of_feature(file, feature);
}

OddValues::Centre OddValues::centre_of(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](double x) { return std::isnan(x); }),
               values.end());
  Centre centre{0.0, std::numeric_limits<double>::infinity()};
  if (values.empty()) return centre;
  centre.median = median(values);
  for (double& x : values) x = std::abs(x - centre.median);
  centre.spread = median(values);
  if (centre.spread > 0.0) return centre;
  values.erase(std::remove(values.begin(), values.end(), 0.0), values.end());
  if (!values.empty())
    centre.spread = median(values);
  else
    centre.spread = centre.median != 0.0 ? std::abs(centre.median) : 1.0;
  return centre;
}

/// Halved, so that no difference is beyond the largest number.
bool OddValues::is_far(double x, const Centre& centre) {
  const double limit = 0.5 * kFar * centre.spread;
  return std::isfinite(limit) && std::abs(0.5 * x - 0.5 * centre.median) >= limit;
}

OddValues::OddValues(const StagedSet& train, MPI_Comm comm) : comm_(comm) {
  constexpr Index features_at_once = 4096;
  const Index n = train.features(), samples = std::min(kSampled, train.columns().samples());
  for (Index first = 0; first < n; first += features_at_once) {
    const Index count = std::min(features_at_once, n - first);
    std::vector<double> sampled = sampled_values(train, samples, first, count, rank_of(comm));
    ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, sampled.data(), static_cast<int>(sampled.size()),
                              MPI_DOUBLE, MPI_SUM, comm));
    for (Index i = 0; i < count; ++i) {
      const auto begin = sampled.begin() + i * samples;
      centres_.push_back(centre_of({begin, begin + samples}));
    }
  }
  forget();
}

void OddValues::forget() {
  counts_.assign(centres_.size(), 0);
  first_.assign(centres_.size(), kNobody);
  values_.assign(centres_.size(), 0.0);
}

void OddValues::look_through(const StagedSet& set, const std::function<Index(Index)>& sample_of) {
  const PanelColumns& columns = set.columns();
  std::vector<double> x(centres_.size());
  for (Index p = 0; p < columns.panels(); ++p)
    for (Index j = 0; j < set.local_count(p); ++j) {
      set.values(p, j, x.data());
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i])) continue;
        if (std::abs(x[i]) <= kLargestSquared && !is_far(x[i], centres_[i])) continue;
        ++counts_[i];
        const Index sample = sample_of(columns.first(p) + rank_of(comm_) * columns.slab + j);
        if (sample > first_[i]) continue;
        first_[i] = sample;
        values_[i] = x[i];
      }
    }
}

std::vector<OddColumn> OddValues::take() {
  const std::vector<Index> own = first_;
  reduce(counts_, MPI_SUM, comm_);
  reduce(first_, MPI_MIN, comm_);
  for (std::size_t i = 0; i < own.size(); ++i)
    if (own[i] != first_[i]) values_[i] = 0.0;  // one rank has it
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, values_.data(), static_cast<int>(values_.size()),
                            MPI_DOUBLE, MPI_SUM, comm_));
  std::vector<OddColumn> odd;
  for (std::size_t i = 0; i < own.size(); ++i)
    if (counts_[i] > 0)
      odd.push_back({static_cast<Index>(i), counts_[i], first_[i], values_[i],
                     is_far(values_[i], centres_[i])});
  forget();
  return odd;
}

std::vector<std::string> describe_odd(const DataOptions& options, const SourceFile& file,
                                      const std::vector<OddColumn>& odd, MPI_Comm comm) {
  if (odd.empty()) return {};
  return lines_of_root(comm, [&] { return describe(options, file, odd); });
}

void examine_moments(const DataOptions& options, const Moments& moments, MPI_Comm comm,
                     Dataset& data) {
  const FileFormat& format = format_of(options);
  const SourceFile& file = data.shape.train_file;
  const PlaceOfFeature place_of = [&](Index i) { return format.place_of_feature(file, i); };
  data.warnings =
      lines_of_root(comm, [&] { return find_idle_columns(moments, file.path, place_of); });
  if (data.preprocessing.kind == Scaling::centred)
    data.notes = lines_of_root(comm, [&] { return compare_deviations(moments, place_of); });
}

}  // namespace admmnet
