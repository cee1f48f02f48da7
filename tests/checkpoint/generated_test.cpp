// Crafted checkpoints by the hundred. Each is refused with a message that names the file and the
// reason, or read as what it is: no crash, no hang, no other file's contents, no memory beyond a
// bound.
//
//   ADMMNET_CRAFTED="SEED FIRST COUNT"   other cases than the usual ones; one case alone: COUNT 1
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

#include "checkpoint/crafted.h"
#include "checkpoint/sample_run.h"
#include "hdf5/handle.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr long most_kilobytes = 1500000;  // what is freed stays for a while
#else
constexpr long most_kilobytes = 200000;
#endif
constexpr unsigned patience = 20;  // seconds a case

char current_case[200];

/// Says which case it was, and ends as without us.
void name_case(int signal) {
  const char* text = signal == SIGALRM ? "hangs: " : "crashes: ";
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0 ||
      write(STDERR_FILENO, current_case, std::strlen(current_case)) < 0)
    _exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class Watch {
 public:
  Watch() {
    for (std::size_t i = 0; i < std::size(signals); ++i)
      before_[i] = std::signal(signals[i], name_case);
  }
  ~Watch() {
    alarm(0);
    for (std::size_t i = 0; i < std::size(signals); ++i) std::signal(signals[i], before_[i]);
  }

 private:
  static constexpr int signals[] = {SIGALRM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
  void (*before_[std::size(signals)])(int);
};

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// What a sound file of other values must still keep to.
bool consistent(const CheckpointContents& contents) {
  const NetworkDescription& n = contents.network;
  const auto inputs = static_cast<std::size_t>(n.inputs);
  const auto fits = [&](const std::vector<double>& list) {
    for (double value : list)
      if (!std::isfinite(value)) return false;
    return list.size() <= 1 || list.size() == inputs;
  };
  bool good = n.inputs == 13 && n.hidden == std::vector<Index>{7} && n.outputs == 3 &&
              n.class_labels.size() == 3 && fits(n.shift) && fits(n.scale) && n.rotation.empty() &&
              std::isfinite(n.activation.slope) && contents.iteration >= 0;
  good = good && (contents.steps == 0 ? contents.steps_of_pass == 0
                                      : contents.steps > 0 && !contents.finished &&
                                            contents.steps < contents.steps_of_pass);
  for (const auto& [name, values] : contents.history) {
    good = good && static_cast<Index>(values.size()) == contents.iteration;
    for (std::size_t i = 0; name == "iteration" && good && i < values.size(); ++i)
      good = values[i] == static_cast<double>(i + 1);
  }
  return good && !(contents.finished && contents.history.empty());
}

/// What is wrong with the way the file is read; empty: nothing.
std::string fault_of(const CraftingTable& table, CraftedCase& crafted, Verdict& verdict) {
  crafted.make(table);
  try {
    verdict = table.reading();
  } catch (const std::exception& error) {
    return std::string("wrong kind of error: ") + error.what();
  }
  const std::string start = table.bad() + " is not a usable checkpoint: ";
  if (verdict.refused)
    return (verdict.message.rfind(start, 0) == 0 && verdict.message.size() > start.size()) ||
                   verdict.message.rfind(table.bad() + " holds ", 0) == 0
               ? ""
               : "no reason given: " + verdict.message;
  if (!verdict.message.empty()) return verdict.message;
  const auto note = verdict.contents.notes.find("data");
  if (note != verdict.contents.notes.end() && note->second == "another file")
    return "another file's contents";
  if (!consistent(verdict.contents)) return "contradictory contents were accepted";
  return crafted.may_differ() || same_contents(verdict.contents, table.good())
             ? ""
             : "other contents were accepted";
}

}  // namespace

TEST_CASE("crafted checkpoints are refused with a reason or read as they are") {
  unsigned seed = 12, first = 0, count = 400;
  if (const char* wish = std::getenv("ADMMNET_CRAFTED"))
    REQUIRE(std::sscanf(wish, "%u %u %u", &seed, &first, &count) == 3);
  silence_hdf5();
  const CraftingTable tables[] = {CraftingTable(), CraftingTable(17)};
  unsigned refused = 0;
  const Watch watch;
  const long before = peak_kilobytes();
  for (unsigned number = first; number < first + count; ++number) {
    CraftedCase crafted(seed, number);
    std::snprintf(current_case, sizeof current_case, "ADMMNET_CRAFTED=\"%u %u 1\"\n", seed, number);
    alarm(patience);
    Verdict verdict;
    const std::string fault = fault_of(tables[number % 2], crafted, verdict);
    refused += verdict.refused;
    INFO(current_case << crafted.text());
    CHECK(fault == "");
    REQUIRE(peak_kilobytes() < before + most_kilobytes);
  }
  INFO(refused << " of " << count << " are refused");
  CHECK((count < 100 || (refused > count / 3 && refused < count)));
}
