#include "data/divide.h"

#include <algorithm>
#include <string>
#include <vector>

#include "data/contents.h"
#include "data/formats.h"
#include "data/label_coding.h"
#include "data/node_lists.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr Index kDefaultValidation = 5000;  ///< and no more than a tenth

/// More classes than one for so many samples are hardly classes.
constexpr Index kSamplesOfClass = 5;

/// Samples of the training file that are held out, of `selected`.
Index choose_validation(const DataOptions& options, Index selected) {
  const Index held_out = options.validation.value_or(std::min(kDefaultValidation, selected / 10));
  if (held_out < 0 || held_out >= selected)
    throw BadInput("-data_validation " + std::to_string(held_out) + ": only " +
                   std::to_string(selected) +
                   " samples are there to train on and to hold out from; hold out fewer");
  return held_out;
}

/// Samples of each class.
struct ClassCounts {
  ClassCounts(const DataShape& shape)
      : train(shape.class_labels.size(), 0), beyond(train), test(train) {
    const Index trained_on = shape.train + shape.validation;
    const Index tested_from =
        count_selected(shape.train_file.classes) - (shape.test_of_train ? shape.test : 0);
    Index sample = 0;
    for (const int label : shape.train_file.classes) {
      if (label == kNotSelected) continue;
      auto& counts = sample < trained_on ? train : sample < tested_from ? beyond : test;
      ++counts[static_cast<std::size_t>(label)];
      ++sample;
    }
  }
  Index present() const {
    return std::count_if(train.begin(), train.end(), [](Index n) { return n > 0; });
  }

  std::vector<Index> train;   ///< to train on and to hold out from
  std::vector<Index> beyond;  ///< behind -data_train_limit
  std::vector<Index> test;    ///< of the training file
};

/// The first labels of those for which `which` holds, and how many more there are; empty: none.
template <class F>
std::string labels_where(const DataShape& shape, F&& which) {
  constexpr std::size_t most = 10;
  std::vector<std::string> named;
  std::size_t more = 0;
  for (std::size_t c = 0; c < shape.class_labels.size(); ++c) {
    if (!which(c)) continue;
    if (named.size() < most)
      named.push_back(shape.class_labels[c]);
    else
      ++more;
  }
  return join(named) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string remedy_for_order(const DataOptions& options) {
  return options.train_limit > 0
             ? "the file seems to be sorted: shuffle it, or raise -data_train_limit"
             : "the file seems to be sorted: shuffle it";
}

void refuse_one_class(const DataOptions& options, const ClassCounts& counts,
                      const DataShape& shape) {
  if (counts.present() > 1) return;
  throw BadInput(shape.train_file.path + ": all " + std::to_string(shape.train + shape.validation) +
                 " samples to train on have the label " +
                 labels_where(shape, [&](std::size_t c) { return counts.train[c] > 0; }) +
                 "; at least 2 classes are needed to learn: " + remedy_for_order(options));
}

/// Whether there are more classes than a fifth of the samples, and what to do about it; else empty.
std::string too_many_classes(const DataOptions& options, Index classes, Index samples) {
  if (classes * kSamplesOfClass <= samples) return "";
  return std::to_string(classes) + " classes are more than a fifth of the " +
         std::to_string(samples) + " samples to train on: " +
         (format_of(options).label_column
              ? "is the label column the right one? -data_label_column says where it is"
              : "use more samples, or fewer classes (-data_classes)");
}

/// Every class keeps a sample to train on.
void bound_hold_out(const DataOptions& options, const ClassCounts& counts, DataShape& shape) {
  const Index samples = shape.train + shape.validation, classes = counts.present();
  if (shape.train >= classes) return;
  if (!options.validation) {
    shape.validation = samples - classes;
    shape.train = classes;
    return;
  }
  const std::string many = too_many_classes(options, classes, samples);
  throw BadInput("-data_validation " + std::to_string(shape.validation) + ": leaves " +
                 std::to_string(shape.train) + " of " + std::to_string(samples) +
                 " samples to train on, of " + std::to_string(classes) +
                 " classes; hold out fewer" + (many.empty() ? "" : "; " + many));
}

void warn_of_many_classes(const DataOptions& options, const ClassCounts& counts, DataShape& shape) {
  const std::string many =
      too_many_classes(options, counts.present(), shape.train + shape.validation);
  if (!many.empty()) shape.warnings.push_back(shape.train_file.path + ": " + many);
}

void warn_of_absent_classes(const DataOptions& options, const ClassCounts& counts,
                            DataShape& shape) {
  const auto warn = [&](const std::string& labels, const std::string& where) {
    if (!labels.empty())
      shape.warnings.push_back(shape.train_file.path + ": no sample to train on has the label " +
                               labels + ", which stands " + where + ": " +
                               remedy_for_order(options));
  };
  const auto absent = [&](std::size_t c) { return counts.train[c] == 0; };
  warn(labels_where(shape, [&](std::size_t c) { return absent(c) && counts.test[c] > 0; }),
       "only among the test samples of -data_test_last");
  warn(labels_where(shape, [&](std::size_t c) { return absent(c) && counts.test[c] == 0; }),
       "only beyond -data_train_limit");
}

/// What lies between the samples for training and those for the test.
void leave_out_between(DataShape& shape) {
  const Index begin = shape.train + shape.validation;
  const Index end = count_selected(shape.train_file.classes) - shape.test;
  Index sample = 0;
  for (int& label : shape.train_file.classes) {
    if (label == kNotSelected) continue;
    if (sample >= begin && sample < end) label = kNotSelected;
    ++sample;
  }
}

}  // namespace

void divide(const DataOptions& options, Index selected, DataShape& shape) {
  if (options.test_last >= selected)
    throw BadInput("-data_test_last " + std::to_string(options.test_last) + ": only " +
                   std::to_string(selected) +
                   " samples are there to train on and to test with; test with fewer");
  if (options.test_last > 0) {
    shape.test = options.test_last;
    shape.test_of_train = true;
    shape.test_has_labels = true;
    selected -= options.test_last;
  }
  if (options.train_limit > selected)
    shape.notes.push_back("-data_train_limit " + std::to_string(options.train_limit) + ": only " +
                          std::to_string(selected) + " samples are there" +
                          (shape.test_of_train ? " beside those of -data_test_last" : "") +
                          "; all are used");
  if (options.train_limit > 0) selected = std::min(selected, options.train_limit);
  shape.validation = choose_validation(options, selected);
  shape.train = selected - shape.validation;
}

std::vector<int> classes_of_test(const DataShape& shape) {
  if (!shape.test_of_train) return shape.test_file.classes;
  std::vector<int> classes = shape.train_file.classes;
  const Index first = count_selected(classes) - shape.test;
  Index sample = 0;
  for (int& label : classes) {
    if (label == kNotSelected) continue;
    const bool of_test = shape.roles.empty()
                             ? sample >= first
                             : shape.roles[static_cast<std::size_t>(sample)] == role_test;
    if (!of_test) label = kNotSelected;
    ++sample;
  }
  return classes;
}

void check_division(const DataOptions& options, DataShape& shape) {
  if (shape.targets > 0) {
    if (shape.test_of_train) leave_out_between(shape);
    return;
  }
  const ClassCounts counts(shape);
  refuse_one_class(options, counts, shape);
  bound_hold_out(options, counts, shape);
  warn_of_many_classes(options, counts, shape);
  warn_of_absent_classes(options, counts, shape);
  if (shape.test_of_train) leave_out_between(shape);
}

}  // namespace admmnet
