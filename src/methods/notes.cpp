#include "methods/notes.h"

#include <cstdio>

namespace admmnet {

void note_fallback(const FactorStatus& status, const std::string& system, Notes& notes) {
  if (!status.instead.empty()) notes.push_back(system + ": " + status.instead);
  if (status.attempts == 1) return;
  char added[32];
  std::snprintf(added, sizeof added, "%.3g", status.added);
  notes.push_back(system + ": not positive definite (leading minor " +
                  std::to_string(status.failed_minor) + "), solved with " + added +
                  " added to the diagonal");
}

}  // namespace admmnet
