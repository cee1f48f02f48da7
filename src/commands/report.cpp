#include "commands/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "config/names.h"
#include "linalg/dgemm_rate.h"
#include "runtime/build_info.h"
#include "runtime/clock.h"
#include "runtime/communication_counter.h"
#include "runtime/files.h"
#include "runtime/machine.h"

namespace admmnet {

constexpr std::size_t kMostClassesShown = 20;  // they fit a line

std::string output_path(const RunOptions& run, const std::string& suffix) {
  return run.outdir + "/" + run.name + suffix;
}

/// What samples count, where it is not 1 each.
static void log_weights(const DataShape& shape, const Topology& topology, Log& log) {
  const std::vector<double>& of_samples = shape.train_file.weights;
  char text[96];
  if (!of_samples.empty()) {
    const auto [least, most] = std::minmax_element(of_samples.begin(), of_samples.end());
    std::snprintf(text, sizeof text, "%g to %g in the file; mean 1 over the training samples",
                  *least, *most);
    log.value("weights of samples", std::string(text));
  }
  std::string of_classes;
  for (std::size_t k = 0; k < topology.class_weights.size() && k < kMostClassesShown; ++k) {
    std::snprintf(text, sizeof text, " %.4g", topology.class_weights[k]);
    of_classes += (k > 0 ? ", " : "") + shape.class_labels[k] + text;
  }
  if (topology.class_weights.size() > kMostClassesShown) of_classes += ", ...";
  if (!of_classes.empty()) log.value("weights of classes", of_classes + "; mean 1");
}

void log_head(const Options& options, const DataShape& shape, const Topology& topology,
              const Plan& plan, MPI_Comm comm, Log& log) {
  const BuildInfo& build = build_info();
  log.section("admmnet train");
  log.value("version", build.version + " (" + build.git + ", " + build.build_type + ")");
  log.value("compiler", build.compiler + " " + build.flags);
  for (const auto& [name, version] : library_versions()) log.value(name, version);
  const Machine machine = describe_machine(comm);
  log.value("processor", cpu_model());
  log.value("nodes", std::to_string(machine.nodes) + " (" + machine.hosts + ")");
  log.value("ranks", machine.ranks);
  log.value("BLAS threads a rank", machine.max_blas_threads);
  for (const std::string& warning : oversubscription_warnings(machine)) log.warning(warning);
  const std::string targets = shape.targets > 0
                                  ? std::to_string(shape.targets) + " real target(s), "
                                  : std::to_string(shape.class_labels.size()) + " classes, ";
  log.value("data", std::to_string(shape.features) + " features, " + targets +
                        std::to_string(shape.train) + " training, " +
                        std::to_string(shape.validation) + " validation, " +
                        std::to_string(shape.test) + " test samples");
  for (const std::string& note : shape.notes) log.line("note: " + note);
  for (const std::string& warning : shape.warnings) log.warning(warning);
  log.value("network", topology.text() + " " + name_of(topology.activation.kind) + ", " +
                           name_of(topology.loss) + (topology.bias ? "" : ", no biases"));
  log_weights(shape, topology, log);
  log.value("seed", options.init.seed);
  log.value("plan", plan.text);
}

Prediction predict_test(const Options& options, const DataShape& shape, const SampleSet& test,
                        const Network& network, const Calibration& calibration, Log& log) {
  const auto classes = static_cast<Index>(shape.class_labels.size());
  if (!options.run.predictions) return predict(network, test, classes, calibration);
  Prediction prediction =
      predict(network, test, classes, calibration, values_of(network.topology().loss));
  if (test.samples == 0) log.line("note: -run_predictions: there are no test samples");
  const Prediction whole = on_first_rank(prediction, network.grid());
  collectively(network.grid().comm(), [&] {
    if (network.grid().rank() == 0 && test.samples > 0)
      write_text_atomically(output_path(options.run, ".test.csv"),
                            network.objective().as_csv(whole, shape.class_labels,
                                                       classes_of_test(shape), /*labels=*/true));
  });
  return prediction;
}

/// Letters, not bytes: the columns of a table of names in any script stand below each other.
static std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

static std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t size = letters(text);
  return std::string(width > size ? width - size : 0, ' ') + text;
}

static bool shows_confusion(const Prediction& test, std::size_t classes) {
  return classes > 0 && classes <= kMostClassesShown && test.metrics.samples > 0;
}

static void log_confusion(const Prediction& test, const std::vector<std::string>& class_labels,
                          Log& log) {
  const std::size_t classes = class_labels.size();
  if (!shows_confusion(test, classes)) return;
  log.section("test samples by true class (rows) and predicted class (columns)");
  std::size_t width = 6;
  for (const std::string& label : class_labels) width = std::max(width, letters(label));
  std::string head(width, ' ');
  for (const std::string& label : class_labels) head += right_aligned(label, width + 1);
  log.line(head);
  for (std::size_t row = 0; row < classes; ++row) {
    std::string line = right_aligned(class_labels[row], width);
    for (std::size_t col = 0; col < classes; ++col)
      line += right_aligned(std::to_string(test.confusion[row * classes + col]), width + 1);
    log.line(line);
  }
}

static nlohmann::ordered_json as_json(const Spread& spread) {
  return {{"min", spread.min}, {"average", spread.average}, {"max", spread.max}};
}

/// A row a true class, a column a predicted one.
static nlohmann::ordered_json confusion_rows(const Prediction& test, std::size_t classes) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t row = 0; row < classes; ++row)
    rows.push_back(std::vector<Index>(
        test.confusion.begin() + static_cast<std::ptrdiff_t>(row * classes),
        test.confusion.begin() + static_cast<std::ptrdiff_t>((row + 1) * classes)));
  return rows;
}

/// Into the log, and what the summary says of it.
static nlohmann::ordered_json report_communication(MPI_Comm comm, Log& log) {
  const std::vector<PhaseCommunication> counted = communication_summary(comm);
  log.section("communication, over the ranks: messages and payload that leave a rank");
  log.line(communication_table(counted));
  nlohmann::ordered_json result;
  for (const PhaseCommunication& phase : counted)
    result[phase.name] = {{"messages", as_json(phase.messages)}, {"bytes", as_json(phase.bytes)}};
  return result;
}

/// Means of an iteration; messages and bytes where they were counted.
static nlohmann::ordered_json as_json(const std::vector<PhaseMean>& phases) {
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  for (const PhaseMean& mean : phases) {
    result[mean.name] = {{"calls", mean.calls}, {"seconds", mean.seconds}};
    if (!counting_communication()) continue;
    result[mean.name]["messages"] = mean.messages;
    result[mean.name]["bytes"] = mean.bytes;
  }
  return result;
}

static void log_target(const Options& options, const RunResult& result, Log& log) {
  if (options.train.target_accuracy <= 0.0) return;
  char text[64] = ", not reached";
  if (result.seconds_to_target)
    std::snprintf(text, sizeof text, ", reached after %.3f s of training",
                  *result.seconds_to_target);
  log.value(std::string("target ") + result.score.name,
            result.score.text(options.train.target_accuracy) + text);
}

static void log_calibration(const RunResult& result, Index validation, Log& log) {
  const Calibration& calibration = result.calibration;
  char text[96];
  if (calibration.temperature != 1.0) {
    std::snprintf(text, sizeof text, "%.3g (fitted on %td validation samples)",
                  calibration.temperature, static_cast<std::ptrdiff_t>(validation));
    log.value("temperature of the logits", std::string(text));
  } else if (!calibration.none()) {
    std::snprintf(text, sizeof text, "without the label smoothing of %g, no temperature fitted",
                  calibration.label_smoothing);
    log.value("probabilities", std::string(text));
  }
}

void log_target_errors(const std::vector<TargetError>& errors,
                       const std::vector<std::string>& names, const std::string& of, Log& log) {
  for (std::size_t t = 0; t < errors.size(); ++t) {
    char text[96];
    std::snprintf(text, sizeof text, "rmse %.6g, R^2 %.6f", errors[t].rmse, errors[t].r2);
    log.value(of + names[t], std::string(text));
  }
}

/// Of two classes; the balanced accuracy of more where classes are weighed.
static void log_class_scores(const Prediction& test, bool weighted, Log& log) {
  char text[64];
  const auto balanced = balanced_accuracy(test.confusion);
  if (!test.auc) {
    if (weighted && balanced) log.value("test balanced accuracy", accuracy_score.text(*balanced));
    return;
  }
  std::snprintf(text, sizeof text, "%.5f, balanced accuracy %.2f %%", *test.auc,
                100.0 * balanced.value_or(0.0));
  log.value("test area under curve", std::string(text));
}

/// Of the test samples: each target's errors by its name, and R^2 over all, their mean.
static void add_target_errors(const RunResult& result, const DataShape& shape,
                              nlohmann::ordered_json& summary) {
  if (shape.targets == 0) return;
  summary["task"] = "regression";
  const std::vector<TargetError>& errors = result.test.errors;
  double r2 = 0.0;
  auto& targets = summary["test_targets"] = nlohmann::ordered_json::array();
  for (std::size_t t = 0; t < errors.size(); ++t) {
    targets.push_back(
        {{"name", shape.target_names[t]}, {"rmse", errors[t].rmse}, {"r2", errors[t].r2}});
    r2 += errors[t].r2 / static_cast<double>(errors.size());
  }
  summary["test_r2"] =
      errors.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(r2);
}

/// Of the test samples: what accuracy hides where classes are of unequal size.
static void add_class_scores(const RunResult& result, const DataShape& shape,
                             nlohmann::ordered_json& summary) {
  if (shape.targets > 0) return;
  const auto or_null = [](const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
  };
  summary["test_balanced_accuracy"] = or_null(balanced_accuracy(result.test.confusion));
  if (shape.class_labels.size() == 2) summary["test_auc"] = or_null(result.test.auc);
}

std::string speed_text(double rate, double dgemm) {
  const double percent = dgemm > 0.0 ? 100.0 * rate / dgemm : 0.0;
  char text[192];
  std::snprintf(text, sizeof text, "%.1f GF/s a rank of %.1f that dgemm reaches (%.0f %%%s)", rate,
                dgemm, percent,
                percent > 100.0 ? ": dgemm is timed at the end, in double precision, and other "
                                  "programs may have slowed it"
                                : "");
  return text;
}

void report_result(const Options& options, const Plan& plan, const DataShape& shape,
                   const RunResult& result, const Timers& timers, MPI_Comm comm, Log& log) {
  log_confusion(result.test, shape.class_labels, log);
  const std::vector<PhaseTimes> phases = timers.summary(comm);
  log.section("time in seconds, over the ranks");
  log.line(timing_table(phases));
  const int ranks = size_of(comm);
  const double dgemm = min_over(comm, measure_dgemm_gflops());
  const double peak = max_over(comm, peak_memory_bytes());
  const double growth = max_over(comm, peak_memory_bytes() - result.memory_at_start);
  const double planned = plan.choice.best.cost.memory_bytes - program_bytes;
  const double done = result.passes_here > 0.0 ? result.passes_here : 1.0;
  const double rate =
      result.iteration_seconds > 0.0 ? result.flops / result.iteration_seconds / ranks * 1e-9 : 0.0;
  const auto or_null = [](const Metrics& metrics, double value) {
    return metrics.samples > 0 ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
  };
  const Metrics& test = result.test.metrics;
  const std::string score = result.score.name;
  nlohmann::ordered_json summary = {
      {"format", "admmnet-summary"},
      {"format_version", 1},
      {"name", options.run.name},
      {"stop_reason", result.stop_reason},
      {"iterations", result.iterations},
      {"steps_of_next", result.steps},
      {"best_iteration", result.best_iteration},
      {"train_" + score, or_null(result.train, result.train.score)},
      {"validation_" + score, or_null(result.validation, result.validation.score)},
      {"test_" + score, or_null(test, test.score)},
      {"train_loss", or_null(result.train, result.train.loss)},
      {"test_loss", or_null(test, test.loss)},
      {"temperature", result.calibration.temperature},
      {"seconds_to_target", result.seconds_to_target
                                ? nlohmann::ordered_json(*result.seconds_to_target)
                                : nlohmann::ordered_json(nullptr)},
      {"seconds_total", seconds_since_start()},
      {"seconds_per_iteration", result.iteration_seconds / done},
      {"flops_per_iteration", result.flops / done},
      {"gflops_per_rank", rate},
      {"dgemm_gflops_per_rank", dgemm},
      {"peak_memory_bytes", peak},
      {"memory_growth_bytes", growth},
      {"planned_memory_growth_bytes", planned},
      {"ranks", ranks},
      {"grid", {plan.rows, plan.cols}},
      {"block", plan.unit_block},
      {"fallbacks", result.fallbacks},
      {"classes", shape.class_labels},
      {"checkpoint", result.checkpoint}};
  add_target_errors(result, shape, summary);
  add_class_scores(result, shape, summary);
  if (shows_confusion(result.test, shape.class_labels.size()))
    summary["test_confusion"] = confusion_rows(result.test, shape.class_labels.size());
  for (const PhaseTimes& phase : phases)
    summary["phases"][phase.name] = {
        {"calls", phase.calls}, {"min", phase.min}, {"average", phase.average}, {"max", phase.max}};
  summary["phases_per_iteration"] = as_json(result.phases);
  if (counting_communication()) summary["communication"] = report_communication(comm, log);
  collectively(comm, [&] {
    if (rank_of(comm) == 0)
      write_text_atomically(
          output_path(options.run, ".summary.json"),
          summary.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  });
  log.section("result");
  log.value("stop reason", result.stop_reason);
  log_target(options, result, log);
  log.value("network of iteration",
            result.best_iteration > 0 ? result.best_iteration : result.iterations);
  if (result.train.samples > 0) log.value("train " + score, result.score.text(result.train.score));
  if (result.validation.samples > 0)
    log.value("validation " + score, result.score.text(result.validation.score));
  if (test.samples > 0) log.value("test " + score, result.score.text(test.score));
  log_class_scores(result.test, options.net.class_weights.kind != ClassWeights::none, log);
  log_target_errors(result.test.errors, shape.target_names, "test ", log);
  log_calibration(result, shape.validation, log);
  char text[160];
  log.value("speed of the iterations", speed_text(rate, dgemm));
  constexpr double kMiB = 1048576.0;
  std::snprintf(text, sizeof text, "%.0f MiB on the largest rank, %.0f of them since the start",
                peak / kMiB, growth / kMiB);
  log.value("memory", std::string(text));
  log.value("solver fallbacks and rejections", result.fallbacks);
  log.value("checkpoint", result.checkpoint);
  std::string more = options.train.progress > 0 ? "progress.csv," : "";
  if (options.train.monitor_spectrum > 0) more += "spectrum.csv,";
  if (options.run.predictions && result.test.metrics.samples > 0) more += "test.csv,";
  log.value("files",
            output_path(options.run, ".{log,used.yaml,metrics.csv," + more + "summary.json}"));
}

}  // namespace admmnet
