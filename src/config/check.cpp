#include "config/check.h"

#include <algorithm>
#include <functional>

#include "config/schema.h"
#include "config/value.h"
#include "data/file_format.h"

namespace admmnet {

void Checks::refuse(bool condition, std::initializer_list<const char*> keys,
                    const std::string& problem) {
  const bool known = std::none_of(keys.begin(), keys.end(),
                                  [&](const char* key) { return bad_keys_.count(key) > 0; });
  if (condition && known) problems_.push_back(std::string("-") + *keys.begin() + ": " + problem);
}

namespace {

std::string count(std::size_t n) {
  return std::to_string(n);
}

void check_files(const Options& o, std::optional<Command> command, Checks& checks) {
  const FileFormat* format = format_table().find(o.data.format);
  if (format == nullptr) return;  // its key says so
  const bool to_plan = command == Command::plan && !o.plan.samples;
  const DataUse use = command == Command::predict            ? DataUse::predict
                      : command == Command::train || to_plan ? DataUse::train
                                                             : DataUse::unknown;
  format->check(o.data, use, [&checks](bool condition, auto keys, const std::string& problem) {
    checks.refuse(condition, keys, problem);
  });
  checks.refuse(o.data.pool > 1 && !format->images, {"data_pool", "data_format"},
                "only images can be averaged, so only -data_format idx takes it; set 1");
  checks.refuse(command == Command::convert && o.data.missing == Missing::mean, {"data_missing"},
                "a mean is that of a training set, which convert does not know; set drop, or train "
                "on the file itself");
}

void check_data(const DataOptions& data, Checks& checks) {
  checks.refuse(data.validation && data.train_limit > 0 && *data.validation >= data.train_limit,
                {"data_validation", "data_train_limit"},
                "holds out all " + std::to_string(data.train_limit) +
                    " samples of -data_train_limit; hold out fewer");
  std::vector<std::string> classes = data.classes;
  std::sort(classes.begin(), classes.end());
  const auto twice = std::adjacent_find(classes.begin(), classes.end());
  checks.refuse(
      twice != classes.end(), {"data_classes"},
      "label " + (twice == classes.end() ? "" : *twice) + " is named twice; name it once");
  checks.refuse(classes.size() == 1, {"data_classes"},
                "one class leaves nothing to learn; name two or more, or all");
}

/// What is far beyond every machine keeps the plan busy for minutes before it says so.
void check_network(const NetOptions& net, Checks& checks) {
  constexpr std::size_t most_layers = 500;
  constexpr double most_units = 2e6;
  double units = 0.0;
  for (const Index width : net.hidden) units += static_cast<double>(width);
  checks.refuse(
      net.hidden.size() > most_layers, {"net_hidden"},
      count(net.hidden.size()) + " hidden layers; give " + count(most_layers) + " at most");
  checks.refuse(net.hidden.size() <= most_layers && units > most_units, {"net_hidden"},
                Codec<double>::write(units) + " hidden units in all; give " +
                    Codec<double>::write(most_units) + " at most");
}

void check_training(const Options& o, Checks& checks) {
  const auto needs_validation = [&](bool set, const char* key) {
    checks.refuse(
        set && o.data.validation == 0, {key, "data_validation"},
        std::string("needs validation samples; set -data_validation above 0 or -") + key + " 0");
  };
  needs_validation(o.train.patience > 0, "train_patience");
  needs_validation(o.train.target_accuracy > 0, "train_target_accuracy");
  needs_validation(o.train.progress > 0, "train_progress");
  const std::size_t solvers = o.linalg.weight_solver.size(), layers = o.net.hidden.size() + 1;
  checks.refuse(solvers > 1 && solvers != layers, {"linalg_weight_solver", "net_hidden"},
                count(solvers) + " solvers for " + count(layers) +
                    " layers (hidden ones and the output); give one, or one a layer");
}

void check_components(const Options& o, Checks& checks) {
  const bool components = o.data.components && !(*o.data.components == Components::none);
  checks.refuse(o.data.scaling == Scaling::whiten && components &&
                    o.init.scheme == InitScheme::receptive_fields,
                {"init_scheme", "data_components", "data_scaling"},
                "receptive fields are of features, and whitened components do not give these back; "
                "set he, or -data_components none");
}

void check_biases(const Options& o, Checks& checks) {
  const bool data = o.init.bias == InitBias::data;
  checks.refuse(
      data && !o.net.bias, {"init_bias", "net_bias"},
      "data sets the biases of hidden layer 1, but -net_bias false leaves none; set zero");
  checks.refuse(
      data && o.net.hidden.empty(), {"init_bias", "net_hidden"},
      "data sets the biases of hidden layer 1, but -net_hidden none leaves none; set zero");
  checks.refuse(data && o.init.scheme == InitScheme::receptive_fields, {"init_bias", "init_scheme"},
                "-init_scheme receptive_fields sets these biases itself; set zero");
}

/// Where the task is left to the data, make_topology looks again.
void check_task(const Options& o, Checks& checks) {
  const bool regression = o.data.task == Task::regression;
  const std::string loss = o.net.loss ? name_of(*o.net.loss) : "";
  checks.refuse(
      regression && o.net.loss && !(*o.net.loss)->takes_reals(), {"net_loss", "data_task"},
      loss + " is of classes, and -data_task is regression; set one of " + losses_of(true));
  checks.refuse(
      o.data.task == Task::classification && o.net.loss && !(*o.net.loss)->takes_classes(),
      {"net_loss", "data_task"},
      loss + " is of real targets, and -data_task is classification; set one of " +
          losses_of(false));
  checks.refuse(regression && !o.data.classes.empty(), {"data_classes", "data_task"},
                "real targets have no classes; leave it out");
  checks.refuse(regression && o.train.target_accuracy > 0.0, {"train_target_accuracy", "data_task"},
                "real targets have no accuracy; leave it out");
  checks.refuse(o.data.targets > 1 && o.data.task == Task::classification,
                {"data_targets", "data_task"},
                "a sample has one class; leave it out, or set -data_task regression");
  const bool by_place =
      o.data.label_column == LabelColumn::first || o.data.label_column == LabelColumn::last;
  checks.refuse(o.data.targets > 1 && !by_place, {"data_targets", "data_label_column"},
                "goes with -data_label_column first or last; name all columns there instead");
}

void check_weights(const Options& o, std::optional<Command> command, Checks& checks) {
  const LabelColumn& column = o.data.weight_column;
  checks.refuse(
      column == LabelColumn::first || column == LabelColumn::last || column == LabelColumn::list,
      {"data_weight_column"},
      "a sample has one weight: give the column's name or its number, from 1");
  const bool of_array = !o.data.weight_path.empty();
  checks.refuse(command == Command::convert && (of_array || !(column == LabelColumn::none)),
                {of_array ? "data_weight_path" : "data_weight_column"},
                "the file that convert writes has no weights; leave it out, and train on the input "
                "itself");
  checks.refuse(!o.data.test_weight_path.empty() && !of_array,
                {"data_test_weight_path", "data_weight_path"},
                "the training samples have no weights; name theirs with -data_weight_path");
  checks.refuse(
      o.data.task == Task::regression && o.net.class_weights.kind != ClassWeights::none,
      {"net_class_weights", "data_task"},
      "real targets have no classes; leave it out, or weigh samples with -data_weight_column");
}

void check_smoothing(const NetOptions& net, Checks& checks) {
  checks.refuse(net.loss && *net.loss != Loss::softmax && net.label_smoothing.value_or(0.0) > 0.0,
                {"net_label_smoothing", "net_loss"},
                "only -net_loss softmax is trained for smoothed labels; set 0");
}

void check_activation(ActivationKind kind, const MethodKeys& method, Checks& checks) {
  checks.refuse(method.trains_hidden_layers && !kind->has_hidden_step(),
                {"net_activation", "train_method"},
                name_of(kind) + " cannot be trained by " + method.method +
                    ": it has no hidden z step; set another one, or -train_method " +
                    methods_of_fixed_layers());
}

void check_grid(const Options& o, int ranks, Checks& checks) {
  const int available = o.plan.scaling.empty() ? o.plan.ranks.value_or(ranks) : o.plan.scaling[0];
  checks.refuse(o.grid.rows && available > 0 && *o.grid.rows > available,
                {"grid_rows", "plan_ranks", "plan_scaling"},
                std::to_string(o.grid.rows.value_or(0)) + " rows do not fit " +
                    std::to_string(available) + " ranks; set fewer rows, or auto");
}

void check_plan(const Options& o, Checks& checks) {
  const PlanOptions& plan = o.plan;
  const bool all = plan.samples && plan.features && plan.classes;
  checks.refuse((plan.samples || plan.features || plan.classes) && !all,
                {"plan_samples", "plan_features", "plan_classes"},
                "a plan without data files needs -plan_samples, -plan_features and -plan_classes; "
                "give all three, or none to look at the files");
  checks.refuse(plan.classes && !o.data.classes.empty() &&
                    *plan.classes != static_cast<Index>(o.data.classes.size()),
                {"plan_classes", "data_classes"},
                count(static_cast<std::size_t>(plan.classes.value_or(0))) +
                    " classes, but -data_classes names " + count(o.data.classes.size()) +
                    "; set -data_classes all");
  checks.refuse(plan.samples && o.data.test_last >= *plan.samples,
                {"plan_samples", "data_test_last"},
                "-data_test_last takes all " + std::to_string(plan.samples.value_or(0)) +
                    " samples; test with fewer");
  checks.refuse(plan.samples && o.data.validation && *o.data.validation >= *plan.samples,
                {"plan_samples", "data_validation"},
                "-data_validation holds out all " + std::to_string(plan.samples.value_or(0)) +
                    " samples; hold out fewer");
  checks.refuse(std::adjacent_find(plan.scaling.begin(), plan.scaling.end(),
                                   std::greater_equal<>()) != plan.scaling.end(),
                {"plan_scaling"}, "numbers of ranks must grow, the first one is the baseline");
  checks.refuse(plan.ranks && !plan.scaling.empty(), {"plan_scaling", "plan_ranks"},
                "asks for several numbers of ranks, and -ranks (-plan_ranks) for one; set one");
  checks.refuse(plan.growth != Growth::none && plan.scaling.empty(),
                {"plan_growth", "plan_scaling"}, "nothing can grow without -plan_scaling");
  checks.refuse(!plan.csv.empty() && plan.scaling.empty(), {"plan_csv", "plan_scaling"},
                "there is no table without -plan_scaling");
  checks.refuse(plan.growth == Growth::widths && o.net.hidden.empty(),
                {"plan_growth", "net_hidden"}, "there are no hidden layers to widen");
}

void check_run(const RunOptions& run, Checks& checks) {
  const std::string in_other_letters = "write it in plain letters";
  constexpr std::size_t longest = 200;  // of the 255 letters of a file name, less the endings
  checks.refuse(run.name.empty() || run.name[0] == '.' || run.name.size() > longest ||
                    run.name.find('/') != std::string::npos,
                {"run_name"},
                "'" + run.name +
                    "' cannot begin file names; use 1 to 200 letters without '/' or a "
                    "leading '.', and -run_outdir for the folder");
  // They stand in the summary, the deck that was used and the checkpoints, all of them UTF-8.
  checks.refuse(!is_utf8(run.name), {"run_name"}, "not UTF-8; " + in_other_letters);
  checks.refuse(!is_utf8(run.outdir), {"run_outdir"}, "not UTF-8; " + in_other_letters);
  checks.refuse(run.outdir.empty(), {"run_outdir"}, "empty; use . for the current folder");
  checks.refuse(run.restart.empty(), {"run_restart"}, "empty; use auto, none or a checkpoint");
  const bool names_file = run.restart != "auto" && run.restart != "none";
  checks.refuse(
      !run.warm_start.empty() && names_file, {"run_warm_start", "run_restart"},
      "a run either continues '" + run.restart +
          "' of -run_restart or starts from other weights; set -run_restart auto or none");
}

}  // namespace

std::vector<std::string> contradictions(const Options& options, std::optional<Command> command,
                                        int ranks, const std::set<std::string>& bad_keys) {
  Checks checks(bad_keys);
  check_files(options, command, checks);
  checks.refuse(command == Command::predict && options.run.model.empty(), {"run_model"},
                "missing; name the file of the trained network");
  check_data(options.data, checks);
  check_network(options.net, checks);
  check_training(options, checks);
  check_components(options, checks);
  check_biases(options, checks);
  check_smoothing(options.net, checks);
  check_task(options, checks);
  check_weights(options, command, checks);
  for (const MethodKeys& method : method_keys()) {
    if (method.method != options.train.method) continue;
    check_activation(options.net.activation.kind, method, checks);
    if (method.check) method.check(options, checks);
  }
  check_grid(options, ranks, checks);
  if (command == Command::plan) check_plan(options, checks);
  check_run(options.run, checks);
  return checks.take();
}

}  // namespace admmnet
