/// The targets of samples as a file gives them: labels of classes, or real numbers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "data/contents.h"
#include "data/csv_labels.h"
#include "runtime/types.h"

namespace admmnet {

/// Takes the targets of the samples in the order of the file and decides what they are: as the task
/// says, and without one real where a sample has several of them, or where some are no integers and
/// none is a word. Labels are those of a LabelCollector.
class TargetCollector {
 public:
  using Place = std::function<std::string()>;

  /// `targets`: of each sample. `remedy`: as of a LabelCollector. Results go to the contents.
  TargetCollector(std::optional<Task> task, Index targets, const std::string& remedy,
                  Contents& contents);

  /// The next target of the sample under way, as it stands in the file; it ends the sample when it
  /// is the last one. Throws BadInput, as LabelCollector does, and for a real target that is no
  /// finite number.
  void add(std::string_view field, const Place& place);
  void add(double value, const Place& place);
  void add_unlabelled() { add_without(kWithout); }
  void add_left_out() { add_without(kOut); }

  /// After the last sample. `guessed`: as of LabelCollector::finish.
  void finish(bool guessed);

 private:
  enum Kind { open, classes, reals };
  static constexpr int kWithout = -1, kOut = -3;  // kNoLabel, kLeftOut

  void add_real(double value, std::string_view field, const Place& place);
  void add_open(double value, std::string_view field, const Place& place);
  void settle_on_reals();
  void add_without(int label);

  Kind kind_;
  Index targets_;
  LabelCollector labels_;
  std::string not_finite_;  ///< what to say of the first number that is not
  Contents& contents_;
};

}  // namespace admmnet
