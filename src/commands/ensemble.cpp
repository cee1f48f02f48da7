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

/// Sums of f(sample, target) over the given ones of each target, on all ranks.
template <class F>
static std::vector<double> sums_by_target(const Prediction& of, std::size_t targets,
                                          const ProcessGrid& grid, F&& f) {
  std::vector<double> sums(targets, 0.0);
  for (std::size_t i = 0; i < of.targets.size(); ++i)
    if (!std::isnan(of.targets[i])) sums[i % targets] += f(i, i % targets);
  grid.sum(sums.data(), static_cast<Index>(targets));
  return sums;
}

/// Where there is one output for each of them: of several quantiles none is the target.
static void take_errors(const ProcessGrid& grid, Prediction& mean) {
  const std::size_t targets = mean.errors.size();
  double differ = mean.values.size() != mean.targets.size() ? 1.0 : 0.0;
  if (targets == 0 || grid.sum(differ) > 0.0) {
    mean.errors.clear();
    mean.metrics = {};
    return;
  }
  const auto square = [](double x) { return x * x; };
  const auto counts = sums_by_target(mean, targets, grid, [](auto, auto) { return 1.0; });
  auto centres = sums_by_target(mean, targets, grid, [&](auto i, auto) { return mean.targets[i]; });
  for (std::size_t t = 0; t < targets; ++t) centres[t] /= counts[t];
  const auto squares = sums_by_target(
      mean, targets, grid, [&](auto i, auto) { return square(mean.values[i] - mean.targets[i]); });
  const auto about = sums_by_target(
      mean, targets, grid, [&](auto i, auto t) { return square(mean.targets[i] - centres[t]); });
  double of_all = 0.0;
  for (std::size_t t = 0; t < targets; ++t) {
    mean.errors[t] = {std::sqrt(squares[t] / counts[t]), 1.0 - squares[t] / about[t]};
    of_all += squares[t] / counts[t] / static_cast<double>(targets);
  }
  mean.metrics.score = std::sqrt(of_all);
  mean.metrics.loss = std::numeric_limits<double>::quiet_NaN();
}

void take_mean(Index members, Index classes, const std::vector<int>& labels,
               const ProcessGrid& grid, Prediction& sum) {
  for (double& value : sum.values) value /= static_cast<double>(members);
  if (classes == 0) return take_errors(grid, sum);
  const std::size_t samples = sum.samples.size();
  const std::size_t outputs = samples > 0 ? sum.values.size() / samples : 0;
  std::vector<double> confusion(static_cast<std::size_t>(classes * classes), 0.0);
  MetricSums sums;
  for (std::size_t j = 0; j < samples; ++j) {
    const double* value = sum.values.data() + j * outputs;
    const int label = labels.at(static_cast<std::size_t>(sum.samples[j]));
    sum.classes[j] = classify(static_cast<Index>(outputs), value);
    if (label < 0) continue;
    confusion[static_cast<std::size_t>(label * classes + sum.classes[j])] += 1.0;
    sums.samples += 1.0;
    sums.score += sum.classes[j] == label ? 1.0 : 0.0;
    sums.loss += sum.kind == PredictedValues::probabilities
                     ? -std::log(std::max(value[label], std::numeric_limits<double>::min()))
                     : std::numeric_limits<double>::quiet_NaN();
  }
  grid.sum(confusion.data(), static_cast<Index>(confusion.size()));
  sum.confusion.assign(confusion.begin(), confusion.end());
  sum.metrics = sums.over_ranks(grid).means(accuracy_score);
}

}  // namespace admmnet
