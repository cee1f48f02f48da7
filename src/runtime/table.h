/// Tables for what comes in several kinds: file formats, losses, activations.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

namespace admmnet {

/// Rows in the order in which they were added, each under its own `name`. The table does not own
/// them: a row is an object of static storage, and may be added by any part of a program, also from
/// outside of the rooms, before main() begins:
///
///     static const bool added = format_table().add(my_format);
template <class Row>
class Table {
 public:
  Table(std::initializer_list<const Row*> rows) {
    for (const Row* row : rows) add(*row);
  }

  /// Always true. Throws std::invalid_argument when there is a row of this name.
  bool add(const Row& row) {
    if (find(row.name) != nullptr)
      throw std::invalid_argument(std::string(row.name) + " is in the table already");
    rows_.push_back(&row);
    return true;
  }

  /// Null when there is none.
  const Row* find(const std::string& name) const {
    for (const Row* row : rows_)
      if (name == row->name) return row;
    return nullptr;
  }

  const std::vector<const Row*>& rows() const { return rows_; }

  /// "idx, csv", for messages.
  std::string names() const {
    std::string list;
    for (const Row* row : rows_) list += (list.empty() ? "" : ", ") + std::string(row->name);
    return list;
  }

 private:
  std::vector<const Row*> rows_;
};

}  // namespace admmnet
