#include "methods/method.h"

#include "methods/registered.h"
#include "runtime/error.h"

namespace admmnet {

IterationReport TrainingMethod::iterate(Index k) {
  std::vector<std::string> notes, warnings;
  for (;;) {
    StepReport step = this->step(k);
    notes.insert(notes.end(), step.notes.begin(), step.notes.end());
    warnings.insert(warnings.end(), step.warnings.begin(), step.warnings.end());
    if (!step.pass) continue;
    IterationReport report = std::move(*step.pass);
    report.notes = std::move(notes);
    report.warnings = std::move(warnings);
    return report;
  }
}

static std::vector<const MethodKind*>& methods() {
  static std::vector<const MethodKind*> all;
  return all;
}

void register_methods() {
  static bool done = false;
  if (done) return;
  done = true;
  for (const MethodKind* method : methods_of_folders()) add_method(*method);
}

void add_method(const MethodKind& method) {
  methods().push_back(&method);
  add_method_keys(method.keys());
}

const MethodKind& method_named(const std::string& name) {
  for (const MethodKind* method : methods())
    if (method->keys().method == name) return *method;
  throw BadInput("-train_method " + name + ": there is no such method; admmnet -help lists them");
}

std::string methods_with(const std::function<bool(const MethodKind&)>& has) {
  std::string names;
  for (const MethodKind* method : methods())
    if (has(*method)) names += (names.empty() ? "" : ", ") + method->keys().method;
  return names;
}

}  // namespace admmnet
