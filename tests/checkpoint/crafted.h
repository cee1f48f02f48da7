/// A place to make crafted checkpoints in, and a seeded generator of them. One process.
#pragma once

#include <functional>
#include <random>
#include <string>

#include <hdf5.h>

#include "checkpoint/contents.h"
#include "runtime/scratch_folder.h"

namespace admmnet::test {

/// What reading a file came to.
struct Verdict {
  bool refused = false;  ///< with IoFailure or BadInput; `message` says why
  std::string message;   ///< empty: read
  CheckpointContents contents;
};

/// A good checkpoint (iteration 2 of the sample, and some steps), another good one, and a pipe that
/// nobody writes to.
class CraftingTable {
 public:
  explicit CraftingTable(Index steps = 0);

  std::string bad() const { return folder_ / "bad.h5"; }
  std::string other() const { return folder_ / "other.h5"; }
  std::string pipe() const { return folder_ / "pipe.h5"; }
  const std::string& good_bytes() const { return bytes_; }
  const CheckpointContents& good() const { return good_; }

  /// Puts a changed copy of the good file into bad().
  void make(const std::function<void(hid_t)>& change) const;
  /// Reads bad() as all commands together do: open, verify, inspect, load the state. Any error but
  /// IoFailure and BadInput is passed on.
  Verdict reading() const;
  Verdict reading_changed(const std::function<void(hid_t)>& change) const;

 private:
  ScratchFolder folder_;
  CheckpointContents good_;
  std::string bytes_;
};

/// One crafted file, made from a seed and a number: the same pair makes the same file.
class CraftedCase {
 public:
  CraftedCase(unsigned seed, unsigned number);

  void make(const CraftingTable& table);
  const std::string& text() const { return text_; }  ///< what is done to the file
  /// Whether the file may hold other values than the good one and still be sound.
  bool may_differ() const { return may_differ_; }

 private:
  using Random = std::mt19937_64;
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  template <class List>
  auto any_of(const List& list) -> decltype(list[0]) {
    return list[below(std::size(list))];
  }
  std::vector<hsize_t> any_shape();

  void change(hid_t file, const CraftingTable& table);
  void attribute_value(hid_t file);
  void attribute_form(hid_t file);
  void attribute_missing(hid_t file);
  void many_attributes(hid_t file);
  void values(hid_t file);
  void storage(hid_t file, const CraftingTable& table);
  void link(hid_t file, const CraftingTable& table);
  void index(hid_t file);
  void extra(hid_t file, const CraftingTable& table);
  void bytes(const CraftingTable& table);

  Random random_;
  std::string text_;
  bool may_differ_ = false;
};

}  // namespace admmnet::test
