#include "data/node_lists.h"

#include <string_view>

#include "data/csv_text.h"
#include "data/text_lines.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

struct List {
  const char* key;
  const std::string& path;
  Role role;
};

class NodeLists {
 public:
  explicit NodeLists(Index nodes) : nodes_(nodes) {
    roles_.role.assign(static_cast<std::size_t>(nodes), role_none);
    roles_.line.assign(static_cast<std::size_t>(nodes), 0);
  }

  void add(const List& list) {
    paths_[list.role] = list.path;
    TextLines lines(list.path);
    Index found = 0;
    for (std::string_view line; lines.next(line);) {
      const std::string_view field = trimmed(line.substr(0, line.find('#')));
      if (field.empty()) continue;
      take(list, field, lines.number());
      ++found;
    }
    if (found == 0)
      throw BadInput(list.path + ": has no node" +
                     (list.role == role_train
                          ? " to train on; write one a line"
                          : std::string("; write one a line, or leave -") + list.key + " out"));
  }

  NodeRoles give() { return std::move(roles_); }

 private:
  void take(const List& list, std::string_view field, Index line) {
    const std::string at = list.path + ", line " + std::to_string(line) + ": ";
    Index node = 0;
    if (!parse_index(field, node))
      throw BadInput(at + quoted(field) + " is no node; write one integer a line, counted from 0");
    if (node < 0 || node >= nodes_)
      throw BadInput(at + "node " + std::to_string(node) +
                     " is not there: the graph has the nodes " + "0 to " +
                     std::to_string(nodes_ - 1) +
                     (node == nodes_ ? "; lists count from 0" : "; take it out"));
    const auto place = static_cast<std::size_t>(node);
    if (roles_.role[place] != role_none)
      throw BadInput(
          at + "node " + std::to_string(node) + " stands already in line " +
          std::to_string(roles_.line[place]) +
          (roles_.role[place] == list.role ? std::string() : " of " + paths_[roles_.role[place]]) +
          "; a node is for one thing, once: take it out of one place");
    roles_.role[place] = list.role;
    roles_.line[place] = line;
  }

  Index nodes_;
  NodeRoles roles_;
  std::string paths_[3];
};

}  // namespace

NodeRoles read_node_lists(const DataOptions& options, Index nodes) {
  NodeLists lists(nodes);
  for (const List& list : {List{"data_train_nodes", options.train_nodes, role_train},
                           List{"data_validation_nodes", options.validation_nodes, role_validation},
                           List{"data_test_nodes", options.test_nodes, role_test}})
    if (!list.path.empty()) lists.add(list);
  return lists.give();
}

}  // namespace admmnet
