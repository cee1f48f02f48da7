// Catch2's main inside MPI, PETSc and SLEPc. The exit code is the largest of any rank; an exception
// that leaves a test on one rank only would hang the others, so a terminate handler aborts the job.
//
// A test that needs a certain number of ranks says so by a tag: [ranks:1], [ranks:1-2], [ranks:2-].
// On other numbers it is not run, and not counted as passed. A test case without any assertion on
// rank 0 fails, and so does a run without any test.
#define CATCH_CONFIG_RUNNER
#include <algorithm>
#include <climits>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <mpi.h>
#include <slepcsys.h>

/// Whether "ranks:LOW-HIGH", where HIGH may be missing, or "ranks:N" holds this many; other tags
/// say nothing.
static bool holds(const std::string& tag, int ranks) {
  const std::string key = "ranks:";
  if (tag.compare(0, key.size(), key) != 0) return true;
  const std::string range = tag.substr(key.size());
  const std::size_t dash = range.find('-');
  const int low = std::stoi(range);
  if (dash == std::string::npos) return ranks == low;
  const int high = dash + 1 == range.size() ? INT_MAX : std::stoi(range.substr(dash + 1));
  return ranks >= low && ranks <= high;
}

/// Leaves out the tests whose tags exclude this number of ranks.
static void select_tests(Catch::Session& session, int rank, int ranks) {
  std::set<std::string> excluded;
  for (const Catch::TestCase& test : Catch::getAllTestCasesSorted(session.config()))
    for (const std::string& tag : test.tags)
      if (!holds(tag, ranks)) excluded.insert("[" + tag + "]");
  Catch::ConfigData data = session.configData();
  data.warnings = Catch::WarnAbout::NoTests;
  if (!excluded.empty()) data.testsOrTags.emplace_back();
  for (const std::string& tag : excluded) {
    data.testsOrTags.back() += "~" + tag;
    if (rank == 0) std::cout << "not run on " << ranks << " rank(s): tests with " << tag << '\n';
  }
  session.useConfigData(data);
}

/// Notes test cases without any assertion.
struct Emptiness : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.assertions.total() == 0) names().push_back(stats.testInfo.name);
  }
  static std::vector<std::string>& names() {
    static std::vector<std::string> all;
    return all;
  }
};
CATCH_REGISTER_LISTENER(Emptiness)

int main(int argc, char* argv[]) {
  std::set_terminate([] { MPI_Abort(MPI_COMM_WORLD, 5); });
  MPI_Init(nullptr, nullptr);
  int petsc_argc = 1;
  char** petsc_argv = argv;
  SlepcInitialize(&petsc_argc, &petsc_argv, nullptr, nullptr);
  PetscPopErrorHandler();
  PetscPushErrorHandler(PetscReturnErrorHandler, nullptr);
  int rank = 0, ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);

  int failed = 0;
  {
    Catch::Session session;
    failed = session.applyCommandLine(argc, argv);
    select_tests(session, rank, ranks);
    // Every rank reports its own failures; the other ranks' summaries are held back.
    std::ostringstream held_back;
    std::streambuf* const console = std::cout.rdbuf();
    if (rank != 0) std::cout.rdbuf(held_back.rdbuf());
    if (failed == 0) failed = session.run();
    std::cout.rdbuf(console);
    if (rank == 0)  // others may have no part in a test
      for (const std::string& name : Emptiness::names()) {
        std::cout << "no assertion in '" << name << "'\n";
        failed = std::max(failed, 1);
      }
    if (rank != 0 && failed != 0) std::cout << "rank " << rank << ":\n" << held_back.str();
  }
  MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  SlepcFinalize();
  MPI_Finalize();
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
