#include "data/label_coding.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "data/csv_text.h"
#include "data/dataset.h"
#include "data/formats.h"
#include "runtime/error.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

/// In the spelling in which labels are kept.
std::vector<std::string> respelt(const std::vector<std::string>& labels) {
  std::vector<std::string> result(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) read_label(labels[i], result[i]);
  return result;
}

/// The labels that some sample has.
std::set<std::string> present_labels(const Contents& contents) {
  std::vector<bool> seen(contents.label_names.size(), false);
  for (const int label : contents.labels)
    if (label >= 0) seen[static_cast<std::size_t>(label)] = true;
  std::set<std::string> present;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i]) present.insert(contents.label_names[i]);
  return present;
}

std::string listed_labels(const std::vector<std::string>& labels) {
  constexpr std::size_t most = 20;
  if (labels.size() <= most) return join(labels);
  return join({labels.begin(), labels.begin() + most}) + " and " +
         std::to_string(labels.size() - most) + " more";
}

}  // namespace

std::vector<std::string> sorted_labels(std::vector<std::string> labels) {
  std::vector<long long> values;
  if (!all_integers(labels, values)) {
    std::sort(labels.begin(), labels.end());
    return labels;
  }
  std::sort(values.begin(), values.end());
  std::transform(values.begin(), values.end(), labels.begin(),
                 [](long long value) { return std::to_string(value); });
  return labels;
}

std::vector<std::string> choose_classes(const DataOptions& options, const Contents& train) {
  const std::set<std::string> found = present_labels(train);
  const std::vector<std::string> present = sorted_labels({found.begin(), found.end()});
  std::vector<std::string> wanted = respelt(options.classes);
  for (const std::string& label : wanted)
    if (found.count(label) == 0) {
      const std::string nearest = nearest_word(label, present);
      throw BadInput("-data_classes " + join(options.classes) + ": there is no label " + label +
                     " in " + train.path + "; it has " + listed_labels(present) +
                     (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<std::string> chosen = wanted.empty() ? present : sorted_labels(std::move(wanted));
  if (chosen.size() < 2)
    throw BadInput(train.path + ": only the label " + join(chosen) + " is left" +
                   (options.classes.empty() ? "" : " by -data_classes") +
                   "; at least 2 classes are needed to learn" +
                   (format_of(options).label_column && options.classes.empty()
                        ? ": is the label column the right one? -data_label_column says where it is"
                        : ""));
  return chosen;
}

std::vector<int> code_labels(const Contents& contents, const std::vector<std::string>& class_labels,
                             const std::vector<std::string>& filter) {
  std::map<std::string, int> class_of;
  for (const std::string& label : class_labels)
    class_of.emplace(label, static_cast<int>(class_of.size()));
  const std::vector<std::string> spelt = respelt(filter);
  const std::set<std::string> kept(spelt.begin(), spelt.end());

  constexpr int unknown = -4;
  std::vector<int> code;
  for (const std::string& label : contents.label_names) {
    const auto known = class_of.find(label);
    if (!kept.empty() && kept.count(label) == 0)
      code.push_back(kNotSelected);
    else
      code.push_back(known == class_of.end() ? unknown : known->second);
  }
  std::vector<int> classes;
  classes.reserve(contents.labels.size());
  for (const int label : contents.labels) {
    classes.push_back(label == kLeftOut   ? kNotSelected
                      : label == kNoLabel ? kNoLabel
                                          : code[static_cast<std::size_t>(label)]);
    if (classes.back() == unknown)
      throw BadInput(contents.path + ": sample " + std::to_string(classes.size()) +
                     " has the label " + contents.label_names[static_cast<std::size_t>(label)] +
                     ", which is not among the classes of training (" +
                     listed_labels(class_labels) + "); leave it out with -data_classes");
  }
  return classes;
}

void forget_zero_labels(const std::vector<std::string>& class_labels, Contents& contents) {
  const auto zero = std::find(contents.label_names.begin(), contents.label_names.end(), "0");
  const bool is_class =
      std::find(class_labels.begin(), class_labels.end(), "0") != class_labels.end();
  if (!contents.zero_is_none || is_class || zero == contents.label_names.end()) return;
  std::replace(contents.labels.begin(), contents.labels.end(),
               static_cast<int>(zero - contents.label_names.begin()), kNoLabel);
  contents.labelled = contents.label_names.size() > 1;
}

Index count_selected(const std::vector<int>& classes) {
  return std::count_if(classes.begin(), classes.end(),
                       [](int label) { return label != kNotSelected; });
}

void leave_out_first(Index count, std::vector<int>& classes) {
  for (auto label = classes.begin(); label != classes.end() && count > 0; ++label) {
    if (*label == kNotSelected) continue;
    *label = kNotSelected;
    --count;
  }
}

}  // namespace admmnet
