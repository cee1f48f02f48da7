#include "runtime/threads.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

#include "support/mpi_check.h"

using namespace admmnet;

TEST_CASE("parts cover the range once, whatever the number of threads") {
  for (int threads : {1, 2, 3, 8})
    for (Index count : {0, 1, 2, 7, 1000}) {
      std::vector<int> visits(static_cast<std::size_t>(count), 0);
      std::atomic<int> calls{0};
      in_parts_of(threads, count, [&](Index first, Index last) {
        ++calls;
        for (Index i = first; i < last; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      CHECK(visits == std::vector<int>(static_cast<std::size_t>(count), 1));
      CHECK(calls == std::min<Index>(threads, count));
    }
}

TEST_CASE("what a part throws arrives, the first part's first, after all parts have ended") {
  std::atomic<int> ended{0};
  const auto fail = [&] {
    in_parts_of(4, 4, [&](Index first, Index) {
      ++ended;
      if (first >= 1) throw std::runtime_error("part " + std::to_string(first));
    });
  };
  CHECK_THROWS_WITH(fail(), "part 1");
  CHECK(ended == 4);
}

TEST_CASE("little work stays in this thread") {
  int calls = 0;  // not atomic: there is one thread
  in_parts(1000, 1000, [&](Index first, Index last) {
    ++calls;
    CHECK((first == 0 && last == 1000));
  });
  CHECK(calls == 1);
  CHECK(worker_threads() >= 1);
}
