#include "runtime/machine.h"

#include <chrono>
#include <climits>
#include <sched.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "runtime/build_info.h"
#include "runtime/clock.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"

using namespace admmnet;

static const MPI_Comm world = MPI_COMM_WORLD;

TEST_CASE("host names in Slurm's short form") {
  CHECK(compress_host_names({}) == "");
  CHECK(compress_host_names({"login"}) == "login");
  CHECK(compress_host_names({"n1"}) == "n1");
  CHECK(compress_host_names({"n3", "n1", "n2", "n1", "n7"}) == "n[1-3,7]");
  CHECK(compress_host_names({"n9", "n10", "n11"}) == "n[9-11]");
  CHECK(compress_host_names({"node010", "node009", "node008", "node100"}) == "node[008-010,100]");
  CHECK(compress_host_names({"a1", "b2", "a2", "login"}) == "login,a[1-2],b2");
  CHECK(compress_host_names({"r1i0n5", "r1i0n6", "r2i0n5"}) == "r1i0n[5-6],r2i0n5");
  CHECK(compress_host_names({"x01", "x1"}) == "x1,x01");
}

TEST_CASE("facts about this process and its node") {
  char name[HOST_NAME_MAX + 1] = {};
  REQUIRE(gethostname(name, HOST_NAME_MAX) == 0);
  CHECK(host_name() == std::string(name).substr(0, std::string(name).find('.')));
  CHECK_FALSE(cpu_model().empty());
  CHECK(available_memory_bytes() > 0.0);
  CHECK(available_memory_bytes() <
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

TEST_CASE("the cores of a process are those it is bound to") {
  cpu_set_t all, one;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  CHECK(cores_of_this_process() == CPU_COUNT(&all));
  int core = 0;
  while (!CPU_ISSET(core, &all)) ++core;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(cores_of_this_process() == 1);
  REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
}

TEST_CASE("the peak of memory grows by what is written to") {
  const double before = peak_memory_bytes();
  CHECK(before > 1e6);
  const std::vector<char> block(static_cast<std::size_t>(1.5 * before), 1);  // more than ever
  CHECK(peak_memory_bytes() >= static_cast<double>(block.size()));
  // Sanitizers add an eighth, and some pages of their own.
  CHECK(peak_memory_bytes() < before + 1.5 * static_cast<double>(block.size()));
}

TEST_CASE("seconds since the start go on as time does") {
  const double before = seconds_since_start();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(before > 0.0);
  CHECK(seconds_since_start() >= before + 0.02);
}

TEST_CASE("versions of the libraries in use") {
  const auto versions = library_versions();
  REQUIRE(versions.size() == 4);
  CHECK(versions[0].first == "PETSc");
  CHECK(versions[0].second.find('.') != std::string::npos);
  for (const auto& [name, version] : versions) {
    CAPTURE(name);
    CHECK_FALSE(version.empty());
    CHECK(version.find('\n') == std::string::npos);
  }
}

TEST_CASE("what the program was built from") {
  const BuildInfo& info = build_info();
  CHECK(info.version.find('.') != std::string::npos);
  CHECK_FALSE(info.git.empty());
  CHECK_FALSE(info.compiler.empty());
  CHECK_FALSE(info.build_type.empty());
}

TEST_CASE("the machine of a communicator is the same on every rank") {
  const Machine machine = describe_machine(world);
  REQUIRE_ALL(machine.ranks == size_of(world));
  REQUIRE_ALL(machine.nodes >= 1 && machine.nodes <= machine.ranks);
  REQUIRE_ALL(machine.min_ranks_per_node >= 1);
  REQUIRE_ALL(machine.max_ranks_per_node <= machine.ranks);
  REQUIRE_ALL(machine.min_cores_per_node >= 1);
  REQUIRE_ALL(machine.min_available_memory_per_node > 0.0);
  REQUIRE_ALL(machine.hosts == broadcast(machine.hosts, 0, world));
  REQUIRE_ALL(machine.busiest_host == broadcast(machine.busiest_host, 0, world));
  REQUIRE_ALL(machine.nodes > 1 || machine.hosts == host_name());
  REQUIRE_ALL(machine.nodes > 1 || machine.busiest_threads >= machine.ranks);
}

TEST_CASE("too many threads for the cores are reported with the remedy") {
  Machine machine;
  machine.max_ranks_per_node = 4;
  machine.max_blas_threads = 8;
  machine.busiest_host = "n7";
  machine.busiest_cores = 16;
  machine.busiest_threads = 16;
  CHECK(oversubscription_warnings(machine).empty());
  machine.busiest_threads = 32;
  const auto warnings = oversubscription_warnings(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("32 BLAS threads share 16 cores on n7") != std::string::npos);
  CHECK(warnings[0].find("OPENBLAS_NUM_THREADS") != std::string::npos);
  CHECK(warnings[0].find("to 4") != std::string::npos);
  machine.max_blas_threads = 1;
  CHECK(oversubscription_warnings(machine)[0].find("fewer ranks") != std::string::npos);
}
