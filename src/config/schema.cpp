#include "config/schema.h"

#include <algorithm>
#include <set>

#include "config/key_builders.h"
#include "runtime/error.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

std::vector<Key> net_keys() {
  using N = NetOptions;
  return {
      list("net_hidden", "none", "units", {1, largest_dimension},
           "widths of the hidden layers; none: a linear model", &O::net, &N::hidden),
      choice("net_activation", "of the hidden layers", &O::net, &N::activation, &Activation::kind),
      number("net_leaky_slope", "", {0, 1, true, true}, "slope of leaky_relu below 0", &O::net,
             &N::activation, &Activation::slope),
      choice("net_loss", "of the output layer; auto: the method's own", &O::net, &N::loss),
      before_it("0", number("net_label_smoothing", "", {0, 1, false, true},
                            "s: softmax is trained for (1 - s) of the label and s for all classes "
                            "alike; auto: the method's own",
                            &O::net, &N::label_smoothing)),
      quoted(choice("net_class_weights",
                    "that a sample counts in the loss by its class, not in scores; balanced: all "
                    "classes count alike; or a number for each, in the order of the classes; the "
                    "mean over the training samples becomes 1",
                    &O::net, &N::class_weights)),
      only_with("net_loss", {"huber"},
                number("net_huber", "", above(0),
                       "residual from which on the loss is linear, in units of the target; auto: "
                       "1.345 deviations of the residuals",
                       &O::net, &N::huber)),
      only_with("net_loss", {"pinball"},
                list("net_quantile", "none", "", {0, 1, true, true},
                     "share of the targets below the prediction; several: an output each", &O::net,
                     &N::quantiles)),
      only_with("net_loss", {"epsilon_insensitive"},
                number("net_epsilon", "", at_least(0),
                       "residual up to which there is no loss, in units of the target; auto: a "
                       "tenth of its deviation",
                       &O::net, &N::epsilon)),
      flag("net_bias", "a bias in every layer", &O::net, &N::bias),
  };
}

std::vector<Key> init_keys() {
  using I = InitOptions;
  return {
      choice("init_scheme",
             "he, xavier, lecun: random weights and a forward pass; normal, uniform: random z and "
             "a (printed sweep); receptive_fields: from differences of samples; auto: the method's "
             "own, mostly he",
             &O::init, &I::scheme),
      only_with("init_scheme", {"normal"},
                number("init_deviation", "", above(0),
                       "standard deviation of the weights, whose mean is 0; auto: 1", &O::init,
                       &I::deviation)),
      before_it("zero",
                choice("init_bias",
                       "of hidden layer 1: zero, or data: b = -w x with a random training sample x "
                       "for each unit, so that its activation bends among the samples; auto: the "
                       "method's own with he, xavier and lecun, else zero",
                       &O::init, &I::bias)),
      number("init_seed", "", at_least(0), "of every random number of the run", &O::init, &I::seed),
  };
}

/// One of the methods that have brought their keys.
Key method_key() {
  Key key = text("train_method", "", "", &O::train, &TrainOptions::method);
  key.style = ValueStyle::plain;
  for (const MethodKeys& method : method_keys()) {
    key.allowed += (key.allowed.empty() ? "one of " : ", ") + method.method;
    key.doc += (key.doc.empty() ? "" : "; ") + method.method + ": " + method.summary;
  }
  key.read = [](const std::string& name, Options& o) {
    o.train.method = name;
    return std::any_of(method_keys().begin(), method_keys().end(),
                       [&](const MethodKeys& method) { return method.method == name; });
  };
  return fixed(key);
}

std::vector<Key> train_keys() {
  using T = TrainOptions;
  return {
      method_key(),
      number("train_iterations", "passes", at_least(1),
             "passes over the training set; auto: by their number, where the method has a rule, "
             "else 10",
             &O::train, &T::iterations),
      number("train_pause_after", "passes", at_least(0),
             "end here for now, with exit code 0: what depends on train_iterations stays as it is, "
             "and with a later pause, or 0, the run goes on as if never stopped; 0: never",
             &O::train, &T::pause_after),
      number("train_tolerance", "", at_least(0),
             "stop when the objective changes relatively by less; 0: never", &O::train,
             &T::tolerance),
      number("train_tolerance_primal", "", at_least(0),
             "stop when the primal residual is no more, and the dual one within its tolerance, if "
             "that is given, too; 0: no matter",
             &O::train, &T::tolerance_primal),
      number("train_tolerance_dual", "", at_least(0),
             "the same for the dual residual, of methods that have one; 0: no matter", &O::train,
             &T::tolerance_dual),
      number("train_patience", "passes", at_least(0),
             "stop after so many without a better validation result; 0: never", &O::train,
             &T::patience),
      number("train_target_accuracy", "", {0, 1},
             "stop when the validation result is as good, after a pass or at a look of "
             "train_progress; 0: never",
             &O::train, &T::target_accuracy),
      flag("train_keep_best",
           "end with the iterate of the best validation result, of equal ones the latest",
           &O::train, &T::keep_best),
      number(
          "train_progress", "looks a pass", at_least(0),
          "evaluate the validation samples so often between its steps, for NAME.progress.csv; 0: "
          "never",
          &O::train, &T::progress),
      flag("train_monitor_test", "evaluate the test samples, too, after each pass, in its time",
           &O::train, &T::monitor_test),
      number("train_monitor_spectrum", "passes", at_least(0),
             "between looks at the singular values of each layer's inputs and weights, for the log "
             "and NAME.spectrum.csv, in the time of a pass; a plan has their memory, not their "
             "time; 0: never",
             &O::train, &T::monitor_spectrum),
      fixed(before_it("none", choice("train_acceleration",
                                     "of methods whose pass is a map of their state; anderson: "
                                     "mixes the states of the last passes; auto: the method's own",
                                     &O::train, &T::acceleration))),
      only_with("train_acceleration", {"auto", "anderson"},
                fixed(number("train_anderson_memory", "passes", {1, 20},
                             "that anderson looks back; each holds the state twice more", &O::train,
                             &T::anderson_memory))),
  };
}

std::vector<Key> machine_keys() {
  using W = LinalgOptions;
  return {
      of_machine(number("grid_rows", "ranks", at_least(1), "rows of the process grid", &O::grid,
                        &GridOptions::rows)),
      of_machine(number("grid_block", "units", {1, largest_dimension},
                        "rows and columns of a block of the block-cyclic layout", &O::grid,
                        &GridOptions::block)),
      list(
          "linalg_weight_solver", "auto", "", any_number,
          "solver of the weights, one, or one a layer; auto: the cheapest by flops; qr, svd: for "
          "ill-conditioned and rank-deficient systems; dual: fewer samples than inputs (of a block "
          "in blocks); cg: few outputs; low_rank: the largest eigenvalues only, in blocks",
          &O::linalg, &W::weight_solver),
      choice("linalg_activation_solver",
             "solver of the activations; correction inverts the smaller side; ray: the best point "
             "on one line, in blocks; cheapest: the correction or, where it costs much more than "
             "the products, the ray; auto: in blocks cheapest, else correction",
             &O::linalg, &W::activation_solver),
      choice("linalg_precision",
             "of the products with samples; single takes half the time, stores the inputs in "
             "half the memory, and keeps sums, factors and the state in double",
             &O::linalg, &W::precision),
  };
}

std::vector<KeyGroup> own_groups() {
  return {
      {"data", "samples and labels"},
      {"net", "the network"},
      {"init", "the first iterate"},
      {"train", "the training run"},
      {"grid", "the process grid"},
      {"linalg", "linear solvers"},
      {"ckpt", "checkpoints"},
      {"run", "names, restart and limits of the run"},
      {"plan", "the command plan, and the machine that the process grid is chosen for"},
      {"convert", "the command convert"},
      {"inspect", "the command inspect"},
  };
}

/// A method's keys, each with the method as its condition.
std::vector<Key> keys_of(const MethodKeys& method) {
  std::vector<Key> keys = method.keys;
  for (Key& key : keys)
    key.conditions.insert(key.conditions.begin(), {"train_method", {method.method}});
  return keys;
}

std::vector<MethodKeys>& registered() {
  static std::vector<MethodKeys> methods;
  return methods;
}

bool schema_is_made = false;

}  // namespace

void add_method_keys(MethodKeys keys) {
  ADMMNET_REQUIRE(!schema_is_made,
                  "add_method_keys: " + keys.method + " comes after the first use of the schema");
  registered().push_back(std::move(keys));
}

const std::vector<MethodKeys>& method_keys() {
  return registered();
}

std::string methods_of_fixed_layers() {
  std::string names;
  for (const MethodKeys& method : method_keys())
    if (!method.trains_hidden_layers) names += (names.empty() ? "" : ", ") + method.method;
  return names;
}

const std::vector<KeyGroup>& key_groups() {
  static const std::vector<KeyGroup> groups = [] {
    std::vector<KeyGroup> all = own_groups();
    const auto place = std::find_if(all.begin(), all.end(),
                                    [](const KeyGroup& group) { return group.name == "grid"; });
    std::vector<KeyGroup> of_methods;
    for (const MethodKeys& method : method_keys())
      if (!method.keys.empty()) of_methods.push_back(method.group);
    all.insert(place, of_methods.begin(), of_methods.end());
    return all;
  }();
  return groups;
}
const std::vector<Key>& schema() {
  static const std::vector<Key> keys = [] {
    schema_is_made = true;
    std::vector<Key> all;
    const auto add = [&](const std::vector<Key>& part) {
      all.insert(all.end(), part.begin(), part.end());
    };
    for (const auto& part : {data_keys(), net_keys(), init_keys(), train_keys()}) add(part);
    for (const MethodKeys& method : method_keys()) add(keys_of(method));
    for (const auto& part : {machine_keys(), file_keys(), command_keys()}) add(part);
    return all;
  }();
  return keys;
}

bool belongs(const Key& key, const Options& options) {
  return std::all_of(key.conditions.begin(), key.conditions.end(),
                     [&](const Key::Condition& condition) {
                       const std::string value = find_key(condition.key)->write(options);
                       return std::find(condition.values.begin(), condition.values.end(), value) !=
                              condition.values.end();
                     });
}

bool may_change(const Key& key) {
  if (key.fixed || key.group() == "net" || key.group() == "init") return false;
  static const std::set<std::string> places = {"dir",
                                               "train",
                                               "test",
                                               "graph",
                                               "train_nodes",
                                               "validation_nodes",
                                               "test_nodes",
                                               "path",
                                               "target_path",
                                               "test_path",
                                               "test_target_path",
                                               "follow_links",
                                               "weight_path",
                                               "test_weight_path"};
  return key.group() != "data" || places.count(key.field()) > 0;
}

const Key* find_key(const std::string& name) {
  for (const Key& key : schema())
    if (key.name == name || (!key.alias.empty() && key.alias == name)) return &key;
  return nullptr;
}

std::string nearest_key(const std::string& name) {
  std::vector<std::string> names, fields;
  for (const Key& key : schema()) {
    names.push_back(key.name);
    fields.push_back(key.field());
  }
  const std::string last_part = name.substr(name.find('_') + 1);
  for (const Key& key : schema())
    if (key.field() == name || key.field() == last_part) return key.name;
  std::string nearest = nearest_word(name, names);
  if (!nearest.empty()) return nearest;
  const std::string field = nearest_word(name, fields);
  for (const Key& key : schema())
    if (key.field() == field) return key.name;
  return "";
}

}  // namespace admmnet
