#include "checkpoint/faults.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr const char* variable = "ADMMNET_FAULT";
constexpr std::array<const char*, 9> point_names{"after_open",   "mid_data",      "before_index",
                                                 "before_close", "before_verify", "before_rename",
                                                 "after_rename", "before_delete", "open_fails"};

struct Fault {
  FaultPoint point;
  int rank = 0;
  int occurrence = 1;
};

[[noreturn]] void refuse(const std::string& text) {
  std::string known;
  for (const char* name : point_names) known += (known.empty() ? "" : ", ") + std::string(name);
  throw BadInput(std::string(variable) + "=" + text +
                 " is not <point>:<rank>[:<occurrence>] with one of the points " + known);
}

std::optional<Fault> parse() {
  const char* value = std::getenv(variable);
  if (!value || !*value) return std::nullopt;
  std::istringstream in(value);
  std::string name;
  Fault fault{};
  std::getline(in, name, ':');
  std::size_t known = 0;
  while (known < point_names.size() && name != point_names[known]) ++known;
  if (known == point_names.size() || !(in >> fault.rank) || fault.rank < 0) refuse(value);
  fault.point = static_cast<FaultPoint>(known);
  char colon = 0;
  if (in >> colon && (colon != ':' || !(in >> fault.occurrence) || fault.occurrence < 1))
    refuse(value);
  in >> std::ws;
  if (!in.eof()) refuse(value);
  return fault;
}

const std::optional<Fault>& armed() {
  static const std::optional<Fault> fault = parse();
  return fault;
}

/// True at the armed occurrence of the armed point, on whatever rank.
bool reached(FaultPoint point) {
  static int passed = 0;
  return armed() && armed()->point == point && ++passed == armed()->occurrence;
}

}  // namespace

std::string armed_fault() {
  const std::optional<Fault>& fault = armed();
  if (!fault) return "";
  return std::string(point_names[static_cast<std::size_t>(fault->point)]) + " on rank " +
         std::to_string(fault->rank) + ", occurrence " + std::to_string(fault->occurrence);
}

void fault_point(FaultPoint point, MPI_Comm comm) {
  if (!reached(point)) return;
  if (armed()->rank == rank_of(comm)) std::raise(SIGKILL);
  ADMMNET_MPI(MPI_Barrier(comm));
}

void fault_on_open(const std::string& path, MPI_Comm comm) {
  if (reached(FaultPoint::open_fails) && armed()->rank == rank_of(comm))
    throw IoFailure("cannot open " + path + ": a failure pretended by " + variable);
}

}  // namespace admmnet
