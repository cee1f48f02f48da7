#include "data/divide.h"

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr Index kDefaultValidation = 5000;  ///< and no more than a tenth

/// Samples of the training file that are held out, of `selected`.
Index choose_validation(const DataOptions& options, Index selected) {
  const Index held_out = options.validation.value_or(std::min(kDefaultValidation, selected / 10));
  if (held_out < 0 || held_out >= selected)
    throw BadInput("-data_validation " + std::to_string(held_out) + ": only " +
                   std::to_string(selected) +
                   " samples are there to train on and to hold out from; hold out fewer");
  return held_out;
}

}  // namespace

void divide(const DataOptions& options, Index selected, DataShape& shape) {
  if (options.train_limit > selected)
    shape.notes.push_back("-data_train_limit " + std::to_string(options.train_limit) + ": only " +
                          std::to_string(selected) + " samples are there; all are used");
  if (options.train_limit > 0) selected = std::min(selected, options.train_limit);
  shape.validation = choose_validation(options, selected);
  shape.train = selected - shape.validation;
}

}  // namespace admmnet
