#include "checkpoint/contents_check.h"

#include <cmath>
#include <iomanip>
#include <limits>
#include <set>
#include <sstream>
#include <unordered_map>

#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr Index largest_width = std::numeric_limits<int>::max();  // ScaLAPACK counts in int

[[noreturn]] void refuse(const std::string& place, const std::string& value,
                         const std::string& expected) {
  throw IoFailure(place + " " + value + "; expected " + expected);
}

std::string attribute(const char* group, const char* name) {
  return "the attribute '" + std::string(name) + "' of " + group;
}

/// A number as short as it reads back: 1e+300, not 301 digits.
std::string text(double value) {
  std::ostringstream out;
  out << std::setprecision(15) << value;
  return out.str();
}

std::string element(const std::string& data_set, std::size_t place) {
  return "the data set " + data_set + " at " + std::to_string(place);
}

const DataSet& existing(const Catalogue& catalogue, const std::string& name) {
  const DataSet* data_set = catalogue.find(name);
  if (!data_set) throw IoFailure("the data set " + name + " is missing");
  return *data_set;
}

void check_finite(const std::string& data_set, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      refuse(element(data_set, i), "is " + text(values[i]), "finite numbers");
}

/// One output stands for two labels, where the loss has such a form; else one output a label.
void check_label_count(const NetworkDescription& network, Index labels) {
  if (!network.loss->takes_classes())
    refuse(attribute("/network", "loss"), "is " + std::string(network.loss->name),
           "a loss of classes: there is no data set /network/target_names");
  const bool one = !network.loss->compares_outputs;
  const Index expected = network.outputs == 1 && one ? 2 : network.outputs;
  if (labels != expected || labels < 2)
    refuse(
        "the data set /network/class_labels", "names " + std::to_string(labels) + " classes",
        network.outputs == 1 && !one
            ? "two outputs at least (the attribute 'outputs' of /network is 1)"
            : std::to_string(expected) + " for " + std::to_string(network.outputs) + " output(s)");
}

/// Real targets, each with as many outputs; then there are no class labels.
void check_target_shapes(const NetworkDescription& network, const Catalogue& catalogue,
                         Index labels) {
  const std::vector<Index> names = existing(catalogue, "/network/target_names").shape;
  const bool list = names.size() == 1 && names[0] > 0;
  if (!list || network.outputs % names[0] != 0)
    refuse("the data set /network/target_names", "has the shape " + shape_text(names),
           "a list for " + std::to_string(network.outputs) + " output(s)");
  if (labels != 0)
    refuse("the data set /network/class_labels", "names " + std::to_string(labels) + " classes",
           "none beside real targets");
  if (!network.loss->takes_reals())
    refuse(attribute("/network", "loss"), "is " + std::string(network.loss->name),
           "a loss of real targets");
  check_shape(existing(catalogue, "/network/target_centre"), {names});
  check_shape(existing(catalogue, "/network/target_scale"), {names});
  check_shape(existing(catalogue, "/network/loss_parameters"), {{network.outputs}});
}

void check_targets(const NetworkDescription& network) {
  check_finite("/network/target_centre", network.target_centre);
  for (std::size_t t = 0; t < network.target_scale.size(); ++t)
    if (!(network.target_scale[t] > 0.0) || !std::isfinite(network.target_scale[t]))
      refuse(element("/network/target_scale", t), "is " + text(network.target_scale[t]),
             "finite numbers above 0");
  for (std::size_t i = 0; i < network.loss_parameters.size(); ++i)
    if (!network.loss->reals->allows(network.loss_parameters[i]))
      refuse(element("/network/loss_parameters", i), "is " + text(network.loss_parameters[i]),
             "a parameter of the loss " + std::string(network.loss->name));
}

template <class Labels>
void check_labels_differ(const Labels& labels) {
  std::set<typename Labels::value_type> seen;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (!seen.insert(labels[i]).second)
      refuse(element("/network/class_labels", i), "repeats a label", "each label once");
}

/// Widths of all layers, inputs and outputs included.
std::vector<Index> widths_of(const NetworkDescription& network) {
  std::vector<Index> widths{network.inputs};
  widths.insert(widths.end(), network.hidden.begin(), network.hidden.end());
  widths.push_back(network.outputs);
  return widths;
}

std::string weights_name(std::size_t layer, const char* which) {
  return "/state/layer_" + std::to_string(layer) + "/" + which;
}

using Names = std::unordered_map<std::string, const DataSet*>;

Names names_of(const Catalogue& catalogue) {
  Names names;
  for (const DataSet& data_set : catalogue.data_sets) names.emplace(data_set.name, &data_set);
  return names;
}

void check_layer(const Names& names, const std::string& name, const std::vector<Index>& shape) {
  const auto found = names.find(name);
  if (found == names.end())
    throw IoFailure("the data set " + name + " is missing; /network needs it with the shape " +
                    shape_text(shape));
  if (found->second->type != ElementType::real)
    refuse("the data set " + name, "holds integers", "real numbers");
  check_shape(*found->second, {shape});
}

}  // namespace

void check_range(const std::string& place, Index value, Index least, Index most) {
  if (value < least || value > most)
    refuse(place, "is " + std::to_string(value),
           least == most ? std::to_string(least)
                         : std::to_string(least) + " to " + std::to_string(most));
}

void check_shape(const DataSet& data_set, const std::vector<std::vector<Index>>& shapes) {
  std::string expected;
  for (const std::vector<Index>& shape : shapes) {
    if (data_set.shape == shape) return;
    expected += (expected.empty() ? "" : " or ") + shape_text(shape);
  }
  refuse("the data set " + data_set.name, "has the shape " + shape_text(data_set.shape), expected);
}

void check_progress(const CheckpointContents& contents, const Catalogue& catalogue) {
  constexpr Index largest = std::numeric_limits<Index>::max();
  const Index iteration = contents.iteration;
  check_range(attribute("/", "iteration"), iteration, 0, largest);
  const bool in_a_pass = catalogue.major_version() == format_major_in_a_pass;
  check_range(attribute("/", "steps_of_pass"), contents.steps_of_pass, in_a_pass ? 2 : 0,
              in_a_pass ? largest : 0);
  check_range(attribute("/", "steps"), contents.steps, in_a_pass ? 1 : 0,
              in_a_pass ? contents.steps_of_pass - 1 : 0);
  if (contents.finished && in_a_pass)
    refuse(attribute("/", "finished"), "is 1 in the middle of a pass", "0");
  if (contents.finished && iteration == 0)
    refuse(attribute("/", "finished"), "is 1 at iteration 0", "an iteration at least");
  const std::string group = "/history/";
  for (const DataSet& data_set : catalogue.data_sets)
    if (data_set.name.compare(0, group.size(), group) == 0) check_shape(data_set, {{iteration}});
  if (iteration > 0) existing(catalogue, group + "iteration");
}

void check_history(const CheckpointContents& contents) {
  for (const auto& [column, values] : contents.history)
    for (std::size_t i = 0; column == "iteration" && i < values.size(); ++i)
      if (values[i] != static_cast<double>(i + 1))
        refuse(element("/history/iteration", i), "is " + text(values[i]), std::to_string(i + 1));
}

/// One a feature, or fewer, but one an input.
static void check_eigenvalues(const NetworkDescription& network, const DataSet& values) {
  const Index count = values.shape.size() == 1 ? values.shape[0] : -1;
  if (count < network.inputs || count > network.features())
    refuse("the data set " + values.name, "has the shape " + shape_text(values.shape),
           "a list of " + std::to_string(network.inputs) + " to " +
               std::to_string(network.features()) + " numbers");
}

void check_network_shapes(const NetworkDescription& network, const Catalogue& catalogue) {
  check_range(attribute("/network", "inputs"), network.inputs, 1, largest_width);
  const bool components = catalogue.attributes.at("/network").contains("features");
  if (components)
    check_range(attribute("/network", "features"), network.components_of, network.inputs,
                largest_width);
  const Index n = network.features();
  check_range(attribute("/network", "outputs"), network.outputs, 1, largest_width);
  const DataSet& hidden = existing(catalogue, "/network/hidden");
  const DataSet& labels = existing(catalogue, "/network/class_labels");
  for (const DataSet* list : {&hidden, &labels})
    if (list->shape.size() != 1)
      refuse("the data set " + list->name, "has the shape " + shape_text(list->shape), "a list");
  const auto data_sets = static_cast<Index>(catalogue.data_sets.size());
  if (hidden.shape[0] >= data_sets)
    refuse("the data set /network/hidden",
           "names " + std::to_string(hidden.shape[0]) + " hidden layers",
           "fewer: the file has " + std::to_string(data_sets) + " data sets in all");
  if (catalogue.find("/network/target_names") != nullptr)
    check_target_shapes(network, catalogue, labels.shape[0]);
  else
    check_label_count(network, labels.shape[0]);
  check_shape(existing(catalogue, "/network/shift"), {{0}, {1}, {n}});
  check_shape(existing(catalogue, "/network/scale"), {{0}, {1}, {n}});
  if (components) {
    check_shape(existing(catalogue, "/network/rotation"), {{network.inputs, n}});
    check_eigenvalues(network, existing(catalogue, "/network/eigenvalues"));
  } else {
    check_shape(existing(catalogue, "/network/rotation"), {{0}, {n, n}});
  }
  const auto check_optional = [&](const char* name, const std::vector<Index>& shape) {
    if (const DataSet* data_set = catalogue.find(name)) check_shape(*data_set, {shape});
  };
  check_optional("/network/fill", {n});
  check_optional("/network/pool", {});
  check_optional("/network/hops", {});
  check_optional("/network/unit", {});
  check_optional("/network/feature_names", {n});
}

void check_network(const NetworkDescription& network, const Catalogue& catalogue) {
  if (!std::isfinite(network.activation.slope))
    refuse(attribute("/network", "slope"), "is " + text(network.activation.slope),
           "a finite number");
  if (!(network.label_smoothing >= 0.0 && network.label_smoothing < 1.0))
    refuse(attribute("/network", "label_smoothing"), "is " + text(network.label_smoothing),
           "a number in [0, 1)");
  if (!(network.temperature >= 1e-6 && network.temperature <= 1e6))
    refuse(attribute("/network", "temperature"), "is " + text(network.temperature),
           "1e-06 to 1e+06");
  for (std::size_t l = 0; l < network.hidden.size(); ++l)
    check_range(element("/network/hidden", l), network.hidden[l], 1, largest_width);
  check_labels_differ(network.class_labels);
  if (!network.target_names.empty()) check_targets(network);
  check_finite("/network/shift", network.shift);
  check_finite("/network/scale", network.scale);
  check_finite("/network/rotation", network.rotation);
  check_finite("/network/fill", network.fill);
  for (std::size_t i = 0; i < network.eigenvalues.size(); ++i)
    if (!(network.eigenvalues[i] >= 0.0) || !std::isfinite(network.eigenvalues[i]))
      refuse(element("/network/eigenvalues", i), "is " + text(network.eigenvalues[i]),
             "finite numbers from 0 on");
  if (!(network.rest_of_trace >= 0.0) || !std::isfinite(network.rest_of_trace))
    refuse(attribute("/network", "rest_of_trace"), "is " + text(network.rest_of_trace),
           "a finite number from 0 on");
  check_range("the data set /network/pool", network.pool, 1, largest_width);
  check_range("the data set /network/hops", network.hops, 1, largest_width);
  if (!(network.unit >= 1e-100 && network.unit <= 1e100))
    refuse("the data set /network/unit", "is " + text(network.unit), "1e-100 to 1e+100");
  const Names names = names_of(catalogue);
  for (std::size_t l = 1; l <= network.hidden.size() + 1; ++l)
    if (names.count(weights_name(l, "W")) == 0)
      throw IoFailure("the data set " + weights_name(l, "W") +
                      " is missing; /network/hidden names " +
                      std::to_string(network.hidden.size()) + " hidden layers");
}

void check_weights(const NetworkDescription& network, const Catalogue& catalogue) {
  const std::vector<Index> widths = widths_of(network);
  const Names names = names_of(catalogue);
  for (std::size_t l = 1; l < widths.size(); ++l) {
    check_layer(names, weights_name(l, "W"), {widths[l - 1], widths[l]});
    if (network.bias) check_layer(names, weights_name(l, "b"), {1, widths[l]});
  }
}

}  // namespace admmnet
