#include "data/graph_shape.h"

#include <algorithm>
#include <string>
#include <utility>

#include "data/contents.h"
#include "data/formats.h"
#include "data/label_coding.h"
#include "data/matrix_market.h"
#include "data/node_lists.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

void check_nodes(const DataOptions& options, const Contents& nodes) {
  const MatrixMarketHeader header = read_matrix_market_header(options.graph);
  if (header.nodes != nodes.samples)
    throw BadInput(options.graph + ", line " + std::to_string(header.size_line) +
                   ": the graph has " + std::to_string(header.nodes) + " nodes, and " + nodes.path +
                   " has " + std::to_string(nodes.samples) +
                   " samples; line i of -data_train is node i of -data_graph");
}

/// The labels of the nodes that `keeps` takes; the others are left out.
template <class F>
Contents only(const Contents& nodes, F&& keeps) {
  Contents some;
  some.path = nodes.path;
  some.label_names = nodes.label_names;
  some.labels = nodes.labels;
  for (std::size_t i = 0; i < some.labels.size(); ++i)
    if (!keeps(i)) some.labels[i] = kLeftOut;
  return some;
}

void check_training_labels(const DataOptions& options, const NodeRoles& roles,
                           const Contents& nodes) {
  const SourceFile file{nodes.path, nodes.layout, {}, {}, {}, nodes.marks, nodes.sparsity};
  for (std::size_t i = 0; i < nodes.labels.size(); ++i)
    if (roles.role[i] == role_train && nodes.labels[i] == kNoLabel)
      throw BadInput(options.train_nodes + ", line " + std::to_string(roles.line[i]) + ": node " +
                     std::to_string(i) + " has no label (" + nodes.path + ", " +
                     format_of(options).place_of_sample(options, file, static_cast<Index>(i)) +
                     "), and training needs them; take it out of the list");
}

/// Of the nodes that are listed beside those to train on.
void check_known_labels(const DataOptions& options, const NodeRoles& roles,
                        const std::vector<std::string>& classes, const Contents& nodes) {
  for (std::size_t i = 0; i < nodes.labels.size(); ++i) {
    if (roles.role[i] == role_none || nodes.labels[i] == kNoLabel) continue;
    const std::string& label = nodes.label_names[static_cast<std::size_t>(nodes.labels[i])];
    if (std::find(classes.begin(), classes.end(), label) == classes.end())
      throw BadInput((roles.role[i] == role_test ? options.test_nodes : options.validation_nodes) +
                     ", line " + std::to_string(roles.line[i]) + ": node " + std::to_string(i) +
                     " has the label " + label + ", which no node of " + options.train_nodes +
                     " has; take it out, or label it 0 where it has none");
  }
}

Index count(const std::vector<int>& roles, Role role) {
  return std::count(roles.begin(), roles.end(), role);
}

}  // namespace

DataShape shape_of_graph(const DataOptions& options, Contents nodes) {
  check_nodes(options, nodes);
  const NodeRoles roles = read_node_lists(options, nodes.samples);
  check_training_labels(options, roles, nodes);
  DataShape shape;
  shape.notes = nodes.notes;
  shape.features = nodes.features * options.hops;
  shape.class_labels = choose_classes(
      options, only(nodes, [&](std::size_t i) { return roles.role[i] == role_train; }));
  forget_zero_labels(shape.class_labels, nodes);
  check_known_labels(options, roles, shape.class_labels, nodes);
  shape.train_file.classes =
      code_labels(only(nodes, [&](std::size_t i) { return roles.role[i] != role_none; }),
                  shape.class_labels, {});
  for (const int role : roles.role)
    if (role != role_none) shape.roles.push_back(role);
  shape.train = count(shape.roles, role_train);
  shape.validation = count(shape.roles, role_validation);
  shape.test = count(shape.roles, role_test);
  shape.test_of_train = shape.test > 0;
  shape.test_missing = shape.test == 0;
  shape.test_has_labels = shape.test > 0;
  if (shape.test_missing) shape.notes.push_back("-data_test_nodes is not set: no test accuracy");
  shape.train_file.path = std::move(nodes.path);
  shape.train_file.layout = std::move(nodes.layout);
  shape.train_file.marks = std::move(nodes.marks);
  return shape;
}

DataShape shape_of_graph_test(const DataOptions& options, Contents nodes,
                              const TrainedCoding& network) {
  check_nodes(options, nodes);
  DataOptions test_alone = options;
  test_alone.train_nodes.clear();
  test_alone.validation_nodes.clear();
  const NodeRoles roles = read_node_lists(test_alone, nodes.samples);
  const bool all = options.test_nodes.empty();
  const Index features = network.features / options.hops;
  const bool fits = nodes.more_features ? nodes.features <= features : nodes.features == features;
  if (network.features % options.hops != 0 || !fits)
    throw BadInput(nodes.path + ": nodes have " + std::to_string(nodes.features) +
                   " features, and the network was trained on " + std::to_string(network.features) +
                   " inputs, " + std::to_string(options.hops) +
                   " (-data_hops) of each; give the features of training (-data_features)");
  DataShape shape;
  shape.notes = nodes.notes;
  shape.features = network.features;
  shape.class_labels = network.class_labels;
  shape.test_has_labels = nodes.labelled;
  forget_zero_labels(shape.class_labels, nodes);
  shape.test_file.classes =
      code_labels(only(nodes, [&](std::size_t i) { return all || roles.role[i] == role_test; }),
                  shape.class_labels, {});
  shape.test = count_selected(shape.test_file.classes);
  shape.test_file.path = std::move(nodes.path);
  shape.test_file.layout = std::move(nodes.layout);
  shape.test_file.marks = std::move(nodes.marks);
  return shape;
}

}  // namespace admmnet
