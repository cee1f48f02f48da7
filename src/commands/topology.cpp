#include "commands/topology.h"

#include "config/names.h"
#include "config/value.h"
#include "data/components.h"
#include "data/sample_weights.h"
#include "data/storage.h"
#include "runtime/error.h"

namespace admmnet {

/// The parameters of the loss for each output, in units of the coded targets.
static std::vector<double> loss_parameters(const NetOptions& net, const RealLoss& loss,
                                           const std::vector<double>& scale) {
  constexpr double kUsualHuber = 1.345;  // of a deviation: 95 % efficient for normal errors
  constexpr double kUsualTube = 0.1;
  std::vector<double> parameters;
  for (const double unit : scale) switch (loss.parameter) {
      case LossParameter::none:
        parameters.push_back(0.0);
        break;
      case LossParameter::threshold:
        parameters.push_back(net.huber ? *net.huber / unit : kUsualHuber);
        break;
      case LossParameter::quantile:
        parameters.insert(parameters.end(), net.quantiles.begin(), net.quantiles.end());
        break;
      case LossParameter::tube:
        parameters.push_back(net.epsilon ? *net.epsilon / unit : kUsualTube);
        break;
    }
  return parameters;
}

/// What samples count, by themselves and by their classes.
static void choose_weights(const Options& options, const DataShape& shape, Topology& topology) {
  topology.weighted = has_weights(shape, options.init.seed, options.net.class_weights);
  if (!topology.weighted) return;
  const auto takes = [&](const MethodKind& kind) { return kind.takes_weights(options); };
  const bool of_classes = options.net.class_weights.kind != ClassWeights::none;
  if (of_classes && shape.targets > 0)
    throw BadInput(
        "-net_class_weights: the training data has real targets, which have no classes; leave it "
        "out, or weigh samples with -data_weight_column");
  if (!takes(method_named(options.train.method)))
    throw BadInput(std::string(of_classes                         ? "-net_class_weights"
                               : options.data.weight_path.empty() ? "-data_weight_column"
                                                                  : "-data_weight_path") +
                   ": -train_method " + options.train.method +
                   " counts all samples alike; set one of " + methods_with(takes));
  topology.class_weights = class_weights(shape, options.init.seed, options.net.class_weights);
}

/// The loss, and of real targets how they are coded.
static void choose_objective(const Options& options, const DataShape& shape, Topology& topology) {
  const MethodKind& method = method_named(options.train.method);
  const bool regression = shape.targets > 0;
  topology.loss =
      options.net.loss.value_or(regression ? Loss::squared : method.default_loss(options));
  if (regression ? !topology.loss->takes_reals() : !topology.loss->takes_classes())
    throw BadInput("-net_loss " + name_of(topology.loss) + ": the training data has " +
                   (regression ? "real targets; set one of " : "classes; set one of ") +
                   losses_of(regression));
  if (!regression) return;
  if (!method.takes_real_targets(options))
    throw BadInput(
        "-train_method " + options.train.method +
        ": it is for classes, and the training data has real targets; set one of " +
        methods_with([&](const MethodKind& kind) { return kind.takes_real_targets(options); }));
  if (options.train.target_accuracy > 0.0)
    throw BadInput("-train_target_accuracy: real targets have no accuracy; leave it out");
  const RealLoss& loss = *topology.loss->reals;
  TargetSpread spread = spread_of_targets(shape, options.init.seed, loss.robust);
  topology.coding.parameters = loss_parameters(options.net, loss, spread.scale);
  if (topology.coding.parameters.empty())
    throw BadInput("-net_quantile none: name at least one quantile, such as 0.5");
  topology.coding.names = shape.target_names;
  topology.coding.centre = std::move(spread.centre);
  topology.coding.scale = std::move(spread.scale);
}

Topology make_topology(const Options& options, const DataShape& shape) {
  const auto classes = static_cast<Index>(shape.class_labels.size());
  if (shape.targets == 0 && classes < 2)
    throw BadInput("the training data has " + std::to_string(classes) +
                   " class: at least two are needed; see -data_classes");
  Topology topology;
  topology.activation = options.net.activation;
  choose_objective(options, shape, topology);
  choose_weights(options, shape, topology);
  topology.bias = options.net.bias;
  if (topology.loss == Loss::softmax)
    topology.label_smoothing = options.net.label_smoothing.value_or(
        method_named(options.train.method).default_label_smoothing(options));
  else if (!options.net.loss && options.net.label_smoothing.value_or(0.0) > 0.0)
    throw BadInput("-net_label_smoothing is for -net_loss softmax, and the loss is " +
                   name_of(topology.loss) + ": leave it out");
  topology.widths = {
      most_components(options.data.components.value_or(Components()), shape.features)};
  for (Index width : options.net.hidden) topology.widths.push_back(width);
  topology.widths.push_back(topology.is_regression()
                                ? static_cast<Index>(topology.coding.parameters.size())
                                : outputs_for(classes, topology.loss));
  return topology;
}

/// Other schemes than these set these biases themselves, or start without weights.
static InitBias default_bias(const Options& options) {
  const InitScheme scheme = options.init.scheme;
  const bool open =
      scheme == InitScheme::he || scheme == InitScheme::xavier || scheme == InitScheme::lecun;
  return open && options.net.bias && !options.net.hidden.empty()
             ? method_named(options.train.method).default_init_bias(options)
             : InitBias::zero;
}

/// What the method is asked for it must be able to do, and others are named that are.
static void resolve_acceleration(const MethodKind& method, Options& options) {
  const auto usual = [&](const MethodKind& kind) { return kind.default_acceleration(options); };
  const std::optional<Acceleration> own = usual(method);
  auto& asked = options.train.acceleration;
  if (!asked) asked = own.value_or(Acceleration::none);
  if (*asked == Acceleration::none || own) return;
  const std::string others =
      methods_with([&](const MethodKind& kind) { return bool(usual(kind)); });
  throw BadInput("-train_acceleration " + name_of(*asked) + ": a pass of -train_method " +
                 options.train.method + " with these keys is no map of its state; set none" +
                 (others.empty() ? "" : ", or -train_method " + others));
}

static void check_residuals(const MethodKind& method, const Options& options) {
  const auto has = [&](const MethodKind& kind) { return kind.has_dual_residual(options); };
  if (options.train.tolerance_dual <= 0.0 || has(method)) return;
  const std::string others = methods_with(has);
  throw BadInput("-train_tolerance_dual " + Codec<double>::write(options.train.tolerance_dual) +
                 ": -train_method " + options.train.method +
                 " with these keys has no dual residual; set 0" +
                 (others.empty() ? "" : ", or -train_method " + others));
}

Storage storage_of(const DataShape& shape, const Options& options) {
  // Components are dense inputs, but receptive fields take them back to the features.
  std::string needs_dense;
  if (options.init.scheme == InitScheme::receptive_fields)
    needs_dense = "-init_scheme receptive_fields";
  else if (!has_components(options.data))
    needs_dense = method_named(options.train.method).needs_dense(options);
  return choose_storage(options.data, shape, needs_dense);
}

ProblemSize resolve(const DataShape& shape, Options& options) {
  options.data.storage = storage_of(shape, options);
  const ProblemSize problem{make_topology(options, shape),
                            shape.train,
                            shape.validation,
                            shape.test,
                            sparse_inputs(options.data, shape),
                            component_size(options.data, shape)};
  options.data.task = shape.targets > 0 ? Task::regression : Task::classification;
  options.net.loss = problem.topology.loss;
  options.net.label_smoothing = problem.topology.label_smoothing;
  if (options.init.scheme == InitScheme::automatic)
    options.init.scheme = method_named(options.train.method).default_init_scheme(options);
  options.init.bias = options.init.bias.value_or(default_bias(options));
  if (options.init.scheme == InitScheme::normal)
    options.init.deviation = options.init.deviation.value_or(1.0);
  const bool listed = !options.data.graph.empty();  // the deck says which samples, not how many
  if (!listed) options.data.validation = shape.validation;
  if (shape.validation == 0 && (options.train.target_accuracy > 0 || options.train.progress > 0))
    throw BadInput(std::string(options.train.target_accuracy > 0 ? "-train_target_accuracy"
                                                                 : "-train_progress") +
                   " needs validation samples, and " +
                   (listed ? "none are listed; set -data_validation_nodes"
                           : "a tenth of " + std::to_string(shape.train) +
                                 " training samples is none; set -data_validation above 0"));
  constexpr Index kPasses = 10;  // where the method says nothing
  const MethodKind& method = method_named(options.train.method);
  method.resolve(problem, options);
  resolve_acceleration(method, options);
  check_residuals(method, options);
  if (!options.train.iterations) options.train.iterations = kPasses;
  return problem;
}

NetworkDescription describe_network(const Topology& topology, const DataShape& shape,
                                    const Preprocessing& preprocessing) {
  NetworkDescription d;
  d.inputs = topology.width(0);
  d.hidden.assign(topology.widths.begin() + 1, topology.widths.end() - 1);
  d.outputs = topology.outputs();
  d.activation = topology.activation;
  d.loss = topology.loss;
  d.label_smoothing = topology.label_smoothing;
  d.bias = topology.bias;
  d.class_labels = shape.class_labels;
  d.target_names = topology.coding.names;
  d.target_centre = topology.coding.centre;
  d.target_scale = topology.coding.scale;
  d.loss_parameters = topology.coding.parameters;
  d.scaling = name_of(preprocessing.kind);
  d.shift = preprocessing.shift;
  d.scale = preprocessing.scale;
  d.rotation = preprocessing.rotation;
  if (preprocessing.has_components()) d.components_of = preprocessing.features();
  d.eigenvalues = preprocessing.eigenvalues;
  d.rest_of_trace = preprocessing.rest_of_trace;
  d.fill = preprocessing.fill;
  d.pool = preprocessing.pool;
  d.hops = preprocessing.hops;
  d.unit = preprocessing.unit;
  d.feature_names = shape.feature_names;
  return d;
}

Calibration calibration_of(const NetworkDescription& d) {
  return {d.temperature, d.label_smoothing};
}

Topology topology_of(const NetworkDescription& d) {
  Topology topology;
  topology.widths = {d.inputs};
  topology.widths.insert(topology.widths.end(), d.hidden.begin(), d.hidden.end());
  topology.widths.push_back(d.outputs);
  topology.activation = d.activation;
  topology.loss = d.loss;
  topology.label_smoothing = d.label_smoothing;
  topology.coding = {d.target_names, d.target_centre, d.target_scale, d.loss_parameters};
  topology.bias = d.bias;
  return topology;
}

/// A file may have one number for all inputs, or none.
static std::vector<double> one_each(const std::vector<double>& values, Index inputs,
                                    double when_none) {
  const auto n = static_cast<std::size_t>(inputs);
  if (values.size() == n) return values;
  return std::vector<double>(n, values.empty() ? when_none : values.front());
}

Preprocessing preprocessing_of(const NetworkDescription& d) {
  Preprocessing p;
  if (!from_name(d.scaling, p.kind))
    throw IoFailure("the network names a scaling that this program does not know: " + d.scaling);
  p.shift = one_each(d.shift, d.features(), 0.0);
  p.scale = one_each(d.scale, d.features(), 1.0);
  p.rotation = d.rotation;
  p.eigenvalues = d.eigenvalues;
  p.rest_of_trace = d.rest_of_trace;
  p.fill = d.fill;
  p.pool = d.pool;
  p.hops = d.hops;
  p.unit = d.unit;
  return p;
}

}  // namespace admmnet
