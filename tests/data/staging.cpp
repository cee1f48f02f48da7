// Delivery in several rounds: more data than one batch holds, from a source that is no file.
#include "data/staging.h"

#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;

namespace {

constexpr Index kFeatures = 20000;
constexpr Index kSamples = 5000;  // 100 MB: 12 batches for one rank, 3 each for four

unsigned char value(Index sample, Index feature) {
  return static_cast<unsigned char>(7 * sample + sample / 256 + feature);
}

class Formula : public SampleSource {
 public:
  explicit Formula(Index failing_sample = -1) : failing_sample_(failing_sample) {}
  ValueType value_type() const override { return ValueType::byte; }
  bool random_access() const override { return true; }
  void read(Index first, Index count, unsigned char* records) override {
    if (first <= failing_sample_ && failing_sample_ < first + count)
      throw BadInput("formula: sample " + std::to_string(failing_sample_) + " is damaged");
    for (Index s = first; s < first + count; ++s)
      for (Index i = 0; i < kFeatures; ++i) *records++ = value(s, i);
  }
  void expect_end() override { ended = true; }
  bool ended = false;

 private:
  Index failing_sample_;
};

}  // namespace

TEST_CASE("every selected sample reaches its owner, whoever reads it") {
  const bool random_access = GENERATE(true, false);
  const int rank = rank_of(MPI_COMM_WORLD), ranks = size_of(MPI_COMM_WORLD);
  Formula source;
  std::vector<int> classes(kSamples, 0);
  std::vector<Index> selected;
  for (Index s = 0; s < kSamples; ++s) {
    classes[static_cast<std::size_t>(s)] = s % 3 == 1 ? kNotSelected : static_cast<int>(s);
    if (s % 3 != 1) selected.push_back(s);
  }
  const auto count = static_cast<Index>(selected.size());
  StagedSet set(PanelColumns({0, 1, 1000, count}, ranks), kFeatures, ValueType::byte, rank);
  // Reversed, so that reader and owner differ.
  const auto reversed = [count](Index i) { return Destination{0, count - 1 - i}; };
  SampleSource* reader = random_access || rank == 0 ? &source : nullptr;
  deliver({reader, random_access, &classes, count, reversed}, {&set}, MPI_COMM_WORLD);

  bool right = source.ended == (!random_access && rank == 0);
  Index seen = 0;
  std::vector<double> x(kFeatures);
  for (Index p = 0; p < set.columns().panels(); ++p)
    for (Index j = 0; j < set.local_count(p); ++j, ++seen) {
      const Index position = set.columns().first(p) + rank * set.columns().slab + j;
      const Index sample = selected[static_cast<std::size_t>(count - 1 - position)];
      set.values(p, j, x.data());
      right = right && set.labels(p)[static_cast<std::size_t>(j)] == sample;
      for (Index i = 0; i < kFeatures; ++i)
        right = right && x[static_cast<std::size_t>(i)] == value(sample, i);
    }
  REQUIRE_ALL(right);
  REQUIRE(sum_over(MPI_COMM_WORLD, static_cast<double>(seen)) == static_cast<double>(count));
}

TEST_CASE("a reader that fails in a late batch fails on every rank") {
  Formula source(kSamples - 1);
  const std::vector<int> classes(kSamples, 0);
  const int ranks = size_of(MPI_COMM_WORLD);
  StagedSet set(PanelColumns({0, kSamples}, ranks), kFeatures, ValueType::byte,
                rank_of(MPI_COMM_WORLD));
  const auto same = [](Index i) { return Destination{0, i}; };
  test::require_bad_input(
      [&] {
        deliver({&source, true, &classes, kSamples, same}, {&set}, MPI_COMM_WORLD);
      },
      {"sample 4999 is damaged"});
}
