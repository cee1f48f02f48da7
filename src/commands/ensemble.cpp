#include "commands/ensemble.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include "config/value.h"
#include "proximal/loss_functions.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {
namespace {

bool is_folder(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::is_directory(path, unknown);
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<std::string> sorted_names_in(const std::string& folder) {
  std::vector<std::string> names = names_in(folder);
  std::sort(names.begin(), names.end());
  return names;
}

/// Appends the newest checkpoint of each run in this very folder.
void append_runs(const std::string& folder, std::vector<std::string>& files) {
  for (const std::string& name : sorted_names_in(folder)) {
    if (!ends_with(name, ".latest")) continue;
    const std::string text = read_text(folder + "/" + name);
    files.push_back(folder + "/" + text.substr(0, text.find('\n')));
  }
}

std::vector<std::string> networks_in(const std::string& folder) {
  std::vector<std::string> files;
  append_runs(folder, files);
  if (files.empty())
    for (const std::string& name : sorted_names_in(folder))
      if (is_folder(folder + "/" + name)) append_runs(folder + "/" + name, files);
  if (files.empty())
    throw BadInput("-run_model " + folder +
                   ": neither this folder nor one in it holds a run, which has a NAME.latest");
  return files;
}

}  // namespace

std::vector<std::string> model_files(const std::string& names, MPI_Comm comm) {
  std::string all;
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    const bool one = file_exists(names) && !is_folder(names);  // a comma may stand in its name
    for (const std::string& name : one ? std::vector<std::string>{names} : split_list(names))
      for (const std::string& file :
           is_folder(name) ? networks_in(name) : std::vector<std::string>{name})
        all += file + "\n";
  });
  std::istringstream lines(broadcast(all, 0, comm));
  std::vector<std::string> files;
  for (std::string line; std::getline(lines, line);) files.push_back(line);
  return files;
}

/// Where there is one output for each of them: of several quantiles none is the target.
static void take_errors(Prediction& mean) {
  if (mean.values.empty()) return;  // on the first rank only
  const std::size_t targets = mean.errors.size();
  if (targets == 0 || mean.values.size() != mean.targets.size()) {
    mean.errors.clear();
    mean.metrics = {};
    return;
  }
  double of_all = 0.0;
  for (std::size_t t = 0; t < targets; ++t) {
    double samples = 0.0, squares = 0.0, sum = 0.0, about = 0.0;
    for (std::size_t i = t; i < mean.values.size(); i += targets) {
      if (std::isnan(mean.targets[i])) continue;
      sum += mean.targets[i];
      samples += 1.0;
    }
    for (std::size_t i = t; i < mean.values.size(); i += targets) {
      if (std::isnan(mean.targets[i])) continue;
      squares += std::pow(mean.values[i] - mean.targets[i], 2);
      about += std::pow(mean.targets[i] - sum / samples, 2);
    }
    mean.errors[t] = {std::sqrt(squares / samples), 1.0 - squares / about};
    of_all += squares / samples / static_cast<double>(targets);
  }
  mean.metrics.score = std::sqrt(of_all);
  mean.metrics.loss = std::numeric_limits<double>::quiet_NaN();
}

void take_mean(Index members, Index classes, const std::vector<int>& labels, Prediction& sum) {
  for (double& value : sum.values) value /= static_cast<double>(members);
  if (classes == 0) return take_errors(sum);
  const std::size_t samples = sum.classes.size();
  if (samples == 0 || sum.values.empty()) return;
  ADMMNET_REQUIRE(labels.size() == samples, "take_mean: " + std::to_string(labels.size()) +
                                                " labels for " + std::to_string(samples) +
                                                " samples");
  const std::size_t outputs = sum.values.size() / samples;
  sum.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  MetricSums sums;
  for (std::size_t j = 0; j < samples; ++j) {
    const double* value = sum.values.data() + j * outputs;
    sum.classes[j] = classify(static_cast<Index>(outputs), value);
    if (labels[j] < 0) continue;
    ++sum.confusion[static_cast<std::size_t>(labels[j] * classes + sum.classes[j])];
    sums.samples += 1.0;
    sums.score += sum.classes[j] == labels[j] ? 1.0 : 0.0;
    sums.loss += sum.kind == PredictedValues::probabilities
                     ? -std::log(std::max(value[labels[j]], std::numeric_limits<double>::min()))
                     : std::numeric_limits<double>::quiet_NaN();
  }
  sum.metrics = sums.means(accuracy_score);
}

}  // namespace admmnet
