#include "data/label_coding.h"

#include <algorithm>
#include <string>

#include "data/dataset.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

bool contains(const std::vector<int>& sorted, int label) {
  return std::binary_search(sorted.begin(), sorted.end(), label);
}

std::vector<int> sorted_distinct(std::vector<int> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace

std::vector<int> choose_classes(const DataOptions& options, const Contents& train) {
  const std::vector<int> present = sorted_distinct(train.labels);
  const std::vector<int> wanted = sorted_distinct(options.classes);
  for (const int label : wanted)
    if (!contains(present, label))
      throw BadInput("-data_classes " + join(options.classes) + ": there is no label " +
                     std::to_string(label) + " in " + train.path + "; it has " + join(present));
  const std::vector<int>& chosen = wanted.empty() ? present : wanted;
  if (chosen.size() < 2)
    throw BadInput(train.path + ": only the label " + join(chosen) + " is left" +
                   (wanted.empty() ? "" : " by -data_classes") +
                   "; at least 2 classes are needed to learn");
  return chosen;
}

std::vector<int> code_labels(const Contents& contents, const std::vector<int>& class_labels,
                             const std::vector<int>& filter) {
  if (contents.labels.empty())
    return std::vector<int>(static_cast<std::size_t>(contents.samples), kNoLabel);
  const std::vector<int> kept = sorted_distinct(filter);
  std::vector<int> classes;
  classes.reserve(contents.labels.size());
  for (const int label : contents.labels) {
    if (!kept.empty() && !contains(kept, label)) {
      classes.push_back(kNotSelected);
      continue;
    }
    const auto place = std::lower_bound(class_labels.begin(), class_labels.end(), label);
    if (place == class_labels.end() || *place != label)
      throw BadInput(contents.path + ": sample " + std::to_string(classes.size() + 1) +
                     " has the label " + std::to_string(label) +
                     ", which is not among the classes of training (" + join(class_labels) +
                     "); leave it out with -data_classes");
    classes.push_back(static_cast<int>(place - class_labels.begin()));
  }
  return classes;
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
