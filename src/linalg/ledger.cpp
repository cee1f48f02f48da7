#include "linalg/ledger.h"

#include <algorithm>

namespace admmnet {

void Ledger::set_phase(const std::string& name) {
  const auto known = std::find(phases_.begin(), phases_.end(), name);
  phase_ = static_cast<std::size_t>(known - phases_.begin());
  if (known == phases_.end()) phases_.push_back(name);
}

/// The place of the first entry that `matches`, looked for from behind `last` on: a run repeats
/// itself, so that it is mostly the next one. The size of the list: there is none.
template <class T, class F>
static std::size_t find_from(const std::vector<T>& list, std::size_t last, F&& matches) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::size_t place = (last + 1 + i) % list.size();
    if (matches(list[place])) return place;
  }
  return list.size();
}

void Ledger::add(const Operation& operation) {
  last_line_ = find_from(lines_, last_line_, [&](const Line& line) {
    return line.phase == phase_ && line.operation == operation;
  });
  if (last_line_ == lines_.size()) lines_.push_back({operation, phase_, 0.0});
  lines_[last_line_].times += 1.0;
  last_operation_ = find_from(operations_, last_operation_,
                              [&](const Operation& known) { return known == operation; });
  if (last_operation_ == operations_.size()) operations_.push_back(operation);
}

std::size_t Ledger::take(const Array& array) {
  const auto place =
      static_cast<std::size_t>(std::find(arrays_.begin(), arrays_.end(), array) - arrays_.begin());
  if (place == arrays_.size()) {
    arrays_.push_back(array);
    held_.push_back(0);
  }
  ++held_[place];
  grown_ = true;
  return place;
}

void Ledger::give_back(std::size_t array) {
  if (grown_) keep_moment();
  grown_ = false;
  --held_[array];
}

/// Whether `more` holds at least what `less` does of everything.
static bool holds(const std::vector<int>& more, const std::vector<int>& less) {
  for (std::size_t i = 0; i < less.size(); ++i)
    if (less[i] > (i < more.size() ? more[i] : 0)) return false;
  return true;
}

void Ledger::keep_moment() const {
  for (const std::vector<int>& moment : moments_)
    if (holds(moment, held_)) return;
  moments_.erase(std::remove_if(moments_.begin(), moments_.end(),
                                [&](const std::vector<int>& old) { return holds(held_, old); }),
                 moments_.end());
  moments_.push_back(held_);
}

const std::vector<std::vector<int>>& Ledger::moments() const {
  keep_moment();
  return moments_;
}

}  // namespace admmnet
