#include "runtime/threads.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/error.h"
#include "runtime/machine.h"

namespace admmnet {

// Starting and joining a thread takes some 20 microseconds.
static constexpr Index kWorthAThread = Index{1} << 17;

int worker_threads() {
  return std::max(1, std::min(blas_threads().value_or(1), cores_of_this_process()));
}

void in_parts_of(int threads, Index count, const std::function<void(Index, Index)>& f) {
  ADMMNET_REQUIRE(threads >= 1, "in_parts_of: no threads");
  const Index parts = std::min<Index>(threads, count);
  if (parts <= 1) {
    if (count > 0) f(0, count);
    return;
  }
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(parts));
  const auto run = [&](Index part) {
    try {
      f(part * count / parts, (part + 1) * count / parts);
    } catch (...) {
      failures[static_cast<std::size_t>(part)] = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  Index part = 1;
  try {
    for (; part < parts; ++part) others.emplace_back(run, part);
  } catch (const std::system_error&) {  // the system has no more threads: the rest is done here
  }
  run(0);
  for (; part < parts; ++part) run(part);
  for (std::thread& other : others) other.join();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

void in_parts(Index count, Index work, const std::function<void(Index, Index)>& f) {
  const Index worth = work / kWorthAThread;
  const int threads = worth < 2 ? 1 : static_cast<int>(std::min<Index>(worth, worker_threads()));
  in_parts_of(threads, count, f);
}

}  // namespace admmnet
