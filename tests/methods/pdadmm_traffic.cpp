// What layers on parts of the ranks send to each other, counted
// (src/methods/pdadmm/README.md §5, §11).
#include "methods/pdadmm_runs.h"
#include "runtime/communication_counter.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

struct Traffic {
  double messages, bytes;            ///< of all ranks in an iteration
  std::vector<std::string> remarks;  ///< at the end of the stage
};

/// Layer 1 on one half of the ranks, 2 to 4 on the other: one coupling, of 9 units.
Traffic traffic(Index bits, Index samples) {
  Case c = kCases[0];
  c.hidden = {9, 9, 9};
  c.growth = {4};
  c.bits = bits;
  reference::Problem problem = reference::synthetic_problem(13, samples, c.hidden, c.outputs);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Run run(problem, parameters_of(c, problem, 2), grid, 3);
  run.start();
  run.sweep.iterate(1);  // it looks for the largest q, too
  start_counting_communication(grid.comm());
  run.sweep.iterate(2);
  const PhaseCommunication all = communication_summary(grid.comm()).back();
  for (Index k = 3; k <= 5; ++k) run.sweep.iterate(k);
  return {all.messages.average * grid.size(), all.bytes.average * grid.size(),
          run.sweep.step(6).remarks};
}

}  // namespace

TEST_CASE("codes of 8 bits are an eighth of the bytes, and no message depends on the samples") {
  if (size_of(MPI_COMM_WORLD) % 2 != 0) {
    SUCCEED("there are no two parts");
    return;
  }
  const Traffic doubles = traffic(0, 83), codes = traffic(8, 83), more = traffic(8, 166);
  const double numbers = 9.0 * 83.0;  // of p, and of q
  REQUIRE_ALL(doubles.messages == codes.messages);
  REQUIRE_ALL(doubles.bytes - codes.bytes == Approx(2.0 * 7.0 * numbers));
  REQUIRE_ALL(more.messages == codes.messages);
  REQUIRE_ALL(more.bytes - codes.bytes == Approx(2.0 * numbers));

  const auto says = [](const Traffic& t, double bytes) {
    const std::string sent = "and sent " + std::to_string(static_cast<int>(bytes)) + " bytes";
    bool good = t.remarks.size() == 2;
    for (const char* layers : {"layers 1 to 1 waited ", "layers 2 to 4 waited "}) {
      const std::string& text = t.remarks[layers[7] == '1' ? 0 : 1];
      good &= text.find(layers) == 0 && text.find(sent) != std::string::npos;
    }
    return good;
  };
  REQUIRE_ALL(says(doubles, 8.0 * numbers));
  REQUIRE_ALL(says(codes, numbers));
}

}  // namespace admmnet::test
