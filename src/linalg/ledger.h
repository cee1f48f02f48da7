/// The ledger of a run on shapes: what is done, phase by phase, and what is held meanwhile.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "linalg/operation.h"

namespace admmnet {

/// An array of doubles, by the way in which it is dealt out: where each rank keeps how much of it
/// is a layout's to say (Layout::entries).
struct Array {
  enum class Kind {
    units,    ///< rows x cols in blocks of units both ways
    samples,  ///< rows in blocks of units, columns in slabs, `dealt` columns being the widest panel
    samples_in_float,  ///< the same, of half the size
    columns,           ///< whole columns, in slabs over all ranks
    columns_beside,    ///< the same where the layout does not have whole columns anyway
    gathered,          ///< a layer matrix, whole, where every rank needs it for products
    summed,            ///< the summands of a rank, where sums over panels are kept so
    sparse,            ///< 1 x cols doubles of sparse samples, in as many parts as process columns
    whole_factor,      ///< a Cholesky factor, whole, where every rank keeps it
    everywhere,        ///< whole on every rank
  };
  Kind kind;
  Index rows, cols, dealt;
  int part = 0;  ///< 1, 2, ...: of the part of the ranks that holds it; 0: all of them

  bool operator==(const Array& o) const {
    return kind == o.kind && rows == o.rows && cols == o.cols && dealt == o.dealt && part == o.part;
  }
};

/// Not thread-safe, and without MPI: it is the same on every rank.
class Ledger {
 public:
  /// Writes lines under this name from now on.
  void set_phase(const std::string& name);

  void add(const Operation& operation);

  /// Holds an array as long as the object lives. Empty: nothing. Move-only.
  class Holding {
   public:
    Holding() = default;
    /// Holds this array from now on, and no other. A null ledger: nothing.
    void hold(Ledger* ledger, const Array& array) {
      *this = Holding();
      ledger_ = ledger;
      if (ledger != nullptr) array_ = ledger->take(array);
    }
    Holding(Holding&& other) noexcept : ledger_(other.ledger_), array_(other.array_) {
      other.ledger_ = nullptr;
    }
    Holding& operator=(Holding&& other) noexcept {
      if (ledger_ != nullptr) ledger_->give_back(array_);
      ledger_ = std::exchange(other.ledger_, nullptr);
      array_ = other.array_;
      return *this;
    }
    ~Holding() {
      if (ledger_ != nullptr) ledger_->give_back(array_);
    }

   private:
    Ledger* ledger_ = nullptr;
    std::size_t array_ = 0;
  };

  /// Operations so far are forgotten, but for the room that they took: the list begins anew.
  void begin_list() { lines_.clear(); }

  struct Line {
    Operation operation;
    std::size_t phase;
    double times;
  };
  const std::vector<Line>& lines() const { return lines_; }
  const std::vector<std::string>& phases() const { return phases_; }
  /// Every operation that there ever was, once.
  const std::vector<Operation>& operations() const { return operations_; }

  const std::vector<Array>& arrays() const { return arrays_; }
  /// How many of each array were held, at each moment that may be the one of most memory.
  const std::vector<std::vector<int>>& moments() const;

 private:
  std::size_t take(const Array& array);
  void give_back(std::size_t array);
  void keep_moment() const;

  std::vector<std::string> phases_{""};
  std::size_t phase_ = 0, last_line_ = 0, last_operation_ = 0;
  std::vector<Line> lines_;
  std::vector<Operation> operations_;
  std::vector<Array> arrays_;
  std::vector<int> held_;
  mutable std::vector<std::vector<int>> moments_;
  mutable bool grown_ = false;  // since the last moment that was kept
};

}  // namespace admmnet
