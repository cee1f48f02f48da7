#include "runtime/machine.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <fstream>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <slepcsys.h>

#include "runtime/communicator.h"
#include "runtime/petsc_check.h"

namespace admmnet {

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  if (gethostname(name, HOST_NAME_MAX) != 0) return "unknown";
  const std::string whole = name;
  return whole.substr(0, whole.find('.'));
}

double peak_memory_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// What follows "key:" in the first line that begins with key; empty when there is none.
static std::string value_in(const std::string& file, const std::string& key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const std::size_t colon = line.find(':', key.size());
    if (colon == std::string::npos) continue;
    const std::size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

/// The smallest memory limit of this process's control groups, bytes; infinite when there is none.
static double control_group_limit() {
  double limit = HUGE_VAL;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // "hierarchy:controllers:path"; version 2 has no controllers.
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version2 = controllers.empty();
    if (!version2 && controllers.find("memory") == std::string::npos) continue;
    const std::string root = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    const std::string name = version2 ? "/memory.max" : "/memory.limit_in_bytes";
    for (std::string path = line.substr(second + 1);; path.erase(path.rfind('/'))) {
      std::ifstream file(root + path + name);
      double bytes = 0.0;
      if (file >> bytes) limit = std::min(limit, bytes);  // "max" is not a number: no limit
      if (path.find('/') == std::string::npos) break;
    }
  }
  return limit;
}

double available_memory_bytes() {
  const double free = 1024.0 * std::atof(value_in("/proc/meminfo", "MemAvailable").c_str());
  return std::min(free, control_group_limit());
}

std::string cpu_model() {
  const std::string model = value_in("/proc/cpuinfo", "model name");
  return model.empty() ? "unknown" : model;
}

/// One bit for each core that this process may run on.
static cpu_set_t affinity() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  // A machine with more cores than cpu_set_t has bits makes the call fail; then nothing is known.
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) CPU_ZERO(&cores);
  return cores;
}

int cores_of_this_process() {
  const cpu_set_t cores = affinity();
  const int count = CPU_COUNT(&cores);
  return count > 0 ? count : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

/// A function of a library that may or may not be loaded.
template <class Function>
static Function find_function(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

std::optional<int> blas_threads() {
  for (const char* name : {"openblas_get_num_threads", "MKL_Get_Max_Threads"})
    if (const auto count = find_function<int (*)()>(name)) return count();
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> library_versions() {
  const auto version = [](auto get) {
    PetscInt major = 0, minor = 0, patch = 0, release = 0;
    check_petsc(get(&major, &minor, &patch, &release), "version number");
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  };
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  ADMMNET_MPI(MPI_Get_library_version(mpi, &length));
  const std::string mpi_text = mpi;
  std::string blas = "unknown (neither OpenBLAS nor MKL)";
  if (const auto config = find_function<const char* (*)()>("openblas_get_config")) {
    blas = config();
  } else if (const auto mkl = find_function<void (*)(char*, int)>("MKL_Get_Version_String")) {
    char text[256] = {};
    mkl(text, sizeof text - 1);
    blas = text;
  }
  return {{"PETSc", version(PetscGetVersionNumber)},
          {"SLEPc", version(SlepcGetVersionNumber)},
          {"MPI", mpi_text.substr(0, mpi_text.find('\n'))},
          {"BLAS", blas.substr(0, blas.find_last_not_of(' ') + 1)}};
}

namespace {

/// What the ranks of one node sum up to; the same on all of them.
struct Node {
  int ranks, cores, threads;
  bool first;  // this rank is the node's first
};

Node describe_node(MPI_Comm comm) {
  MPI_Comm shared = MPI_COMM_NULL;
  ADMMNET_MPI(
      MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, rank_of(comm), MPI_INFO_NULL, &shared));
  Node node{size_of(shared), 0, 0, rank_of(shared) == 0};
  cpu_set_t cores = affinity();
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &cores, sizeof cores, MPI_BYTE, MPI_BOR, shared));
  node.cores = std::max(CPU_COUNT(&cores), cores_of_this_process());
  node.threads = static_cast<int>(sum_over(shared, blas_threads().value_or(1)));
  ADMMNET_MPI(MPI_Comm_free(&shared));
  return node;
}

/// All host names on rank 0; empty on the others. Collective on comm.
std::vector<std::string> gather_host_names(MPI_Comm comm) {
  using Name = std::array<char, 64>;
  Name mine = {};
  host_name().copy(mine.data(), mine.size() - 1);
  std::vector<Name> all(rank_of(comm) == 0 ? static_cast<std::size_t>(size_of(comm)) : 0);
  const int width = static_cast<int>(mine.size());
  ADMMNET_MPI(MPI_Gather(mine.data(), width, MPI_CHAR, all.data(), width, MPI_CHAR, 0, comm));
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Name& name : all) names.emplace_back(name.data());
  return names;
}

}  // namespace

Machine describe_machine(MPI_Comm comm) {
  const Node node = describe_node(comm);
  Machine machine;
  machine.ranks = size_of(comm);
  machine.nodes = static_cast<int>(sum_over(comm, node.first ? 1.0 : 0.0));
  machine.min_ranks_per_node = static_cast<int>(min_over(comm, node.ranks));
  machine.max_ranks_per_node = static_cast<int>(max_over(comm, node.ranks));
  machine.min_cores_per_node = static_cast<int>(min_over(comm, node.cores));
  machine.max_blas_threads = static_cast<int>(max_over(comm, blas_threads().value_or(0)));
  machine.min_available_memory_per_node = min_over(comm, available_memory_bytes());
  machine.hosts = broadcast(compress_host_names(gather_host_names(comm)), 0, comm);

  struct {
    double load;
    int rank;
  } busiest = {static_cast<double>(node.threads) / node.cores, rank_of(comm)};
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &busiest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, comm));
  int counts[2] = {node.threads, node.cores};
  ADMMNET_MPI(MPI_Bcast(counts, 2, MPI_INT, busiest.rank, comm));
  machine.busiest_threads = counts[0];
  machine.busiest_cores = counts[1];
  machine.busiest_host = broadcast(host_name(), busiest.rank, comm);
  return machine;
}

std::vector<std::string> oversubscription_warnings(const Machine& machine) {
  if (machine.busiest_threads <= machine.busiest_cores) return {};
  const int threads = std::max(1, machine.busiest_cores / std::max(1, machine.max_ranks_per_node));
  const std::string load = std::to_string(machine.busiest_threads) + " BLAS threads share " +
                           std::to_string(machine.busiest_cores) + " cores on " +
                           machine.busiest_host;
  if (machine.max_blas_threads <= 1)
    return {load + ", one in each rank; start fewer ranks on a node, or let them use more cores"};
  return {load + "; set OPENBLAS_NUM_THREADS (or MKL_NUM_THREADS) and OMP_NUM_THREADS to " +
          std::to_string(threads)};
}

}  // namespace admmnet
