#include "checkpoint/lock_owner.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "checkpoint/utc.h"

namespace admmnet {

namespace {

constexpr char mark[] = "admmnet-lock";
constexpr Index largest_process = Index{1} << 22;  // Linux gives no larger numbers

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// Facts about a process from /proc; empty when it is gone or hidden from us.
struct ProcessFacts {
  std::string state;    ///< field 3 of /proc/<pid>/stat; Z: dead and not yet collected
  Index parent = 0;     ///< field 4
  std::string started;  ///< field 22
};

ProcessFacts facts_of(Index process) {
  const std::string line = first_line("/proc/" + std::to_string(process) + "/stat");
  const std::size_t bracket = line.rfind(')');  // the command before it may hold blanks
  if (bracket == std::string::npos) return {};
  std::istringstream fields(line.substr(bracket + 1));
  ProcessFacts facts;
  fields >> facts.state >> facts.parent;
  for (int field = 5; field <= 22; ++field) fields >> facts.started;
  return facts;
}

/// The fields that every version of the program has written. Throws when one is missing.
LockOwner fields_of(const nlohmann::json& fields) {
  LockOwner owner;
  owner.host = fields.at("host").get<std::string>();
  owner.boot = fields.at("boot").get<std::string>();
  owner.process = fields.at("process").get<Index>();
  owner.started = fields.at("started").get<std::string>();
  owner.job = fields.at("job").get<std::string>();
  owner.restarts = fields.at("restarts").get<std::string>();
  owner.since_utc = fields.at("since").get<std::string>();
  return owner;
}

/// How every lock begins, so that one whose end was lost is known as well.
std::string head() {
  return std::string("{\n  \"format\": \"") + mark + '"';
}

}  // namespace

LockOwner LockOwner::this_process() {
  LockOwner me;
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  me.host = name;
  me.boot = first_line("/proc/sys/kernel/random/boot_id");
  std::error_code ignored;
  me.pid_namespace = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
  me.process = ::getpid();
  me.launcher = ::getppid();
  me.started = facts_of(me.process).started;
  me.job = environment("SLURM_JOB_ID", "");
  me.restarts = environment("SLURM_RESTART_COUNT", "0");
  me.since_utc = utc_now();
  return me;
}

std::string LockOwner::started_of(Index process) {
  return facts_of(process).started;
}

std::optional<LockOwner> LockOwner::parse(const std::string& text) {
  const nlohmann::json fields = nlohmann::json::parse(text, nullptr, false);
  const bool marked = text.rfind(head(), 0) == 0;
  try {
    LockOwner owner = fields_of(fields);
    if (marked) {
      owner.pid_namespace = fields.at("pid_namespace").get<std::string>();
      owner.launcher = fields.at("launcher").get<Index>();
    } else if (fields.size() != 7) {
      return std::nullopt;
    }
    if (owner.process >= 1 && owner.process <= largest_process) return owner;
  } catch (const nlohmann::json::exception&) {
    if (!marked) return std::nullopt;
  }
  return LockOwner{};
}

std::string LockOwner::text() const {
  const nlohmann::ordered_json fields{{"format", mark},       {"host", host},
                                      {"process", process},   {"job", job},
                                      {"restarts", restarts}, {"since", since_utc},
                                      {"started", started},   {"launcher", launcher},
                                      {"boot", boot},         {"pid_namespace", pid_namespace}};
  return fields.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string LockOwner::description() const {
  if (host.empty()) return "an unknown process";
  return "process " + std::to_string(process) + " on host " + host +
         (job.empty() ? "" : " (job " + job + ")") + " since " + since_utc;
}

bool LockOwner::is_visible_to(const LockOwner& me) const {
  return host == me.host && !boot.empty() && boot == me.boot && !pid_namespace.empty() &&
         pid_namespace == me.pid_namespace;
}

std::string LockOwner::why_dead(const LockOwner& me) const {
  if (is_visible_to(me)) {
    const ProcessFacts facts = facts_of(process);
    if ((::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH) || facts.state == "Z")
      return "its process is gone";
    if (!facts.started.empty() && facts.started != started)
      return "its process number belongs to another process now";
  } else if (!job.empty() && job == me.job && restarts != me.restarts) {
    return "the job was requeued";
  }
  return "";
}

bool LockOwner::is_orphan() const {
  const ProcessFacts facts = facts_of(process);
  return facts.parent > 0 && facts.parent != launcher;
}

}  // namespace admmnet
