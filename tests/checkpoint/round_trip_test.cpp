// What is written on one grid is read on any other, bit by bit, with the same checksums.
#include <numeric>

#include "checkpoint/sample_run.h"
#include "checkpoint/store.h"
#include "checkpoint/tensor_io.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"
#include "runtime/scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

WriteStatus write_sample(const std::string& dir, const std::string& name, const ProcessGrid& grid,
                         Index block, Index iteration) {
  SampleState state(grid, block);
  state.fill(iteration);
  CheckpointContents contents = sample_contents(iteration);
  contents.state = state.view();
  return CheckpointStore(dir, name, grid.comm()).write(contents, 2);
}

std::string text_of(const Error& error) {
  return error.what();
}

}  // namespace

TEST_CASE("any grid and block size reads what any other wrote") {
  const ScratchFolder folder;
  const std::vector<ProcessGrid> grids = all_grids();
  bool good = true;
  std::string why;
  std::vector<std::string> names;
  for (std::size_t g = 0; g < grids.size(); ++g)
    for (Index block : kBlocks) {
      names.push_back("run" + std::to_string(g) + "_" + std::to_string(block));
      if (!grids[g].contains_this_rank()) continue;
      const WriteStatus status = write_sample(folder.name(), names.back(), grids[g], block, 5);
      good = good && status.ok && status.bytes > 0 && status.seconds > 0;
      why += status.message;
    }
  INFO(why);
  REQUIRE_ALL(good);

  for (std::size_t g = 0; g < grids.size(); ++g) {
    if (!grids[g].contains_this_rank()) continue;
    SampleState state(grids[g], 2);
    for (const std::string& name : names) {
      state.fill(99);
      const auto choice = CheckpointStore(folder.name(), name, grids[g].comm()).newest_valid();
      good = good && choice.file && choice.refused.empty() && choice.remark.empty();
      if (!good) break;
      good = same_contents(choice.file->contents(), sample_contents(5));
      choice.file->load_state(state.view());
      good = good && state.holds(5);
    }
  }
  REQUIRE_ALL(good);
}

TEST_CASE("names of classes and inputs, and means for missing values") {
  const ScratchFolder folder;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  SampleState state(grid, 3);
  state.fill(2);
  CheckpointContents contents = sample_contents(2);
  contents.state = state.view();
  contents.network.class_labels = {"7", "Grün", "a, \"b\" with 17"};
  contents.network.fill = std::vector<double>(13, -0.5);
  contents.network.scaling = "sqn";
  contents.network.unit = 255.0;
  contents.network.label_smoothing = 0.1;
  contents.network.temperature = 2.3125;
  for (int i = 0; i < 13; ++i)
    contents.network.feature_names.push_back(std::string(static_cast<std::size_t>(i), 'x'));
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  const WriteStatus status =
      CheckpointStore(folder.name(), "run", MPI_COMM_WORLD).write(contents, 2);
  INFO(status.message);
  REQUIRE_ALL(status.ok);
  const CheckpointFile file = CheckpointFile::open(store.path_of({2}), MPI_COMM_WORLD);
  file.verify();
  REQUIRE_ALL(same_network(file.contents().network, contents.network));
  const DataSet* labels = file.catalogue().find("/network/class_labels");
  REQUIRE_ALL(
      (labels != nullptr && labels->type == ElementType::text && labels->bytes() == 3 * 16));
}

TEST_CASE("a tensor may lie on a part of the ranks") {
  const int ranks = size_of(MPI_COMM_WORLD);
  const ScratchFolder folder;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, ranks);
  const auto value = [](Index i, Index j) { return 0.5 * static_cast<double>(i + 100 * j); };
  SampleState rest(grid, 3);
  rest.fill(2);
  const auto view = [&](BlockCyclicMatrix& z, const ProcessGrid& part) {
    StateView state = rest.view();
    BlockCyclicMatrix* const here = part.contains_this_rank() ? &z : nullptr;
    if (here) z = BlockCyclicMatrix(part, 5, 40, 2, slab_width(40, part.cols()));
    state.tensors[2] = {"z", 5, 40, {{here, 0, 20, 0}, {here, 20, 20, 20}}};
    return state;
  };
  BlockCyclicMatrix written, read;
  CheckpointContents contents = sample_contents(2);
  contents.state = view(written, grid.part(0, ranks));
  if (grid.rank() == 0) written.fill(value);
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  const WriteStatus status =
      CheckpointStore(folder.name(), "run", MPI_COMM_WORLD).write(contents, 2);
  INFO(status.message);
  REQUIRE_ALL(status.ok);
  const CheckpointFile file = CheckpointFile::open(store.path_of({2}), MPI_COMM_WORLD);
  file.verify();
  file.load_state(view(read, grid.part(ranks - 1, ranks)));
  bool good = true;
  if (grid.rank() == ranks - 1)
    for (Index j = 0; j < 40; ++j)
      for (Index i = 0; i < 5; ++i) good = good && read.at(i, j) == value(i, j);
  REQUIRE_ALL(good);
}

TEST_CASE("checksums do not depend on the grid") {
  const ScratchFolder folder;
  std::vector<std::uint64_t> first, other;
  bool good = true;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    good = good && write_sample(folder.name(), "run", grid, 3, 2).ok;
    const CheckpointFile file = CheckpointFile::open(
        CheckpointStore(folder.name(), "run", grid.comm()).path_of({2}), grid.comm());
    other.clear();
    for (const DataSet& d : file.catalogue().data_sets) other.push_back(d.checksum);
    if (first.empty()) first = other;
    good = good && other == first && file.contents().origin.grid_rows == grid.rows() &&
           file.contents().origin.ranks == grid.size() && file.contents().origin.row_block == 3;
  }
  // 9 of the state, 5 of the network, 2 of the history
  REQUIRE_ALL(good && first.size() == 16);
}

TEST_CASE("a tensor larger than the staging buffers goes through several panels") {
  // One column exceeds half the limit: a rank stages one, a panel is as many columns as ranks. On
  // the grid of one row columns go without staging. The tensor is the middle of its matrix.
  const ScratchFolder folder;
  const int ranks = size_of(MPI_COMM_WORLD);
  const Index rows = staging_bytes / 8 / 2 + 1, cols = 2 * ranks + 1;
  const auto value = [](Index i, Index j) {
    return static_cast<double>(i) + 0.125 * static_cast<double>(j);
  };
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  SampleState sample(ProcessGrid(MPI_COMM_WORLD, 1, ranks), 2);
  std::vector<std::uint64_t> sums;
  for (int grid_rows : {ranks, 1}) {
    BlockCyclicMatrix A(ProcessGrid(MPI_COMM_WORLD, grid_rows, ranks / grid_rows), rows, cols + 3,
                        1000, 2);
    A.fill(value);
    CheckpointContents contents = sample_contents(1);
    contents.state = sample.view();
    contents.state.tensors.push_back({"big", rows, cols, {{&A, 2, cols, 0}}});
    const WriteStatus status = store.write(contents, 1);
    INFO(status.message);
    REQUIRE_ALL(status.ok && status.bytes > 8 * rows * cols);
    sums.push_back(
        CheckpointFile::open(store.path_of({1}), MPI_COMM_WORLD).find_state("big")->checksum);

    for (int other_rows : {ranks, 1}) {
      BlockCyclicMatrix B(ProcessGrid(MPI_COMM_WORLD, other_rows, ranks / other_rows), rows,
                          cols + 3, 1000, 2);
      B.fill_constant(-1.0);
      contents.state.tensors.back().parts.front().matrix = &B;
      CheckpointFile::open(store.path_of({1}), MPI_COMM_WORLD).load_state(contents.state);
      Index wrong = 0;
      for (Index j = 0; j < B.local_cols(); ++j)
        for (Index i = 0; i < B.local_rows(); ++i) {
          const Index col = B.global_col(j);
          const bool inside = col >= 2 && col < cols + 2;
          wrong += B.at(i, j) != (inside ? value(B.global_row(i), col) : -1.0);
        }
      REQUIRE_ALL(wrong == 0);
    }
  }
  REQUIRE_ALL(sums[0] == sums[1]);
}

TEST_CASE("the checksum is the sum of its terms, however it is computed") {
  std::vector<double> elements(1001);
  for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = std::sin(static_cast<double>(i));
  for (std::size_t first : {0, 1, 7})
    for (std::size_t count : {0, 1, 8, 9, 994}) {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        std::uint64_t bits;
        std::memcpy(&bits, &elements[first + i], 8);
        sum += mix(5 + i, bits);
      }
      REQUIRE_ALL(checksum(5, &elements[first], static_cast<Index>(count)) == sum);
    }
}

TEST_CASE("a part of the state can be read alone, another shape or name is refused") {
  const ScratchFolder folder;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  REQUIRE_ALL(write_sample(folder.name(), "run", grid, 4, 3).ok);
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  const CheckpointFile file = CheckpointFile::open(store.path_of({3}), MPI_COMM_WORLD);
  REQUIRE(file.find_state("layer_1/W") != nullptr);
  REQUIRE(file.find_state("layer_1/W")->shape == std::vector<Index>{13, 7});
  REQUIRE(file.find_state("layer_9/W") == nullptr);

  BlockCyclicMatrix W(grid, 7, 13, 2, 2);
  StateView part;
  part.tensors = {{"layer_1/W", 7, 13, {{&W, 0, 13, 0}}}};
  file.load_state(part);
  bool good = true;
  for (Index j = 0; j < W.local_cols(); ++j)
    for (Index i = 0; i < W.local_rows(); ++i) {
      const double expected = SampleState::value(W.global_row(i), W.global_col(j), 3);
      good = good && std::memcmp(&expected, &W.column(j)[i], sizeof expected) == 0;
    }
  REQUIRE_ALL(good);

  part.tensors = {{"layer_1/W", 7, 12, {{&W, 0, 12, 0}}}};
  REQUIRE_THROWS_AS(file.load_state(part), BadInput);
  REQUIRE_THROWS_WITH(file.load_state(part),
                      Catch::Contains("(13, 7)") && Catch::Contains("(12, 7)"));
  part.tensors = {{"layer_3/W", 7, 12, {{&W, 0, 12, 0}}}};
  REQUIRE_THROWS_WITH(file.load_state(part), Catch::Contains("holds no /state/layer_3/W"));
  Index integer = 0;
  part.tensors.clear();
  part.scalars = {{"resync/eta", nullptr, &integer}};
  REQUIRE_THROWS_WITH(file.load_state(part), Catch::Contains("resync/eta as f64"));
}

TEST_CASE("large texts and arrays, no history") {
  const ScratchFolder folder;
  SampleState state(ProcessGrid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)), 2);
  CheckpointContents contents = sample_contents(0);
  contents.state = state.view();
  contents.deck.assign(200000, 'x');  // beyond the 64 KiB that an HDF5 object header can hold
  contents.deck += "the end: \xC3\xA4";
  contents.history.clear();
  contents.network.rotation.resize(13 * 13);
  std::iota(contents.network.rotation.begin(), contents.network.rotation.end(), 0.5);
  for (int i = 0; i < 40; ++i) contents.notes["note " + std::to_string(i)] = std::string(i, 'n');
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  const WriteStatus status = store.write(contents, 2);
  INFO(status.message);
  REQUIRE_ALL(status.ok);
  const CheckpointFile file = CheckpointFile::open(store.path_of({0}), MPI_COMM_WORLD);
  REQUIRE_ALL(same_contents(file.contents(), contents));
  REQUIRE(file.catalogue().find("/network/rotation")->shape == std::vector<Index>{13, 13});
}

TEST_CASE("inputs that are components of more features") {
  const ScratchFolder folder;
  SampleState state(ProcessGrid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)), 2);
  CheckpointContents contents = sample_contents(0);
  contents.state = state.view();
  contents.network.components_of = 20;
  contents.network.rotation.resize(13 * 20);
  std::iota(contents.network.rotation.begin(), contents.network.rotation.end(), 0.5);
  contents.network.shift.assign(20, 0.25);
  contents.network.scale.assign(20, 2.0);
  contents.network.fill.clear();
  contents.network.feature_names.clear();
  const int known = GENERATE(20, 13);
  for (int i = 20; i > 20 - known; --i) contents.network.eigenvalues.push_back(i);
  contents.network.rest_of_trace = known < 20 ? 28.0 : 0.0;
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  REQUIRE_ALL(store.write(contents, 2).ok);
  const CheckpointFile file = CheckpointFile::open(store.path_of({0}), MPI_COMM_WORLD);
  const NetworkDescription& network = file.contents().network;
  REQUIRE(file.catalogue().find("/network/rotation")->shape == std::vector<Index>{13, 20});
  REQUIRE(network.inputs == 13);
  REQUIRE(network.features() == 20);
  REQUIRE_ALL(network.rotation == contents.network.rotation);
  REQUIRE_ALL(network.eigenvalues == contents.network.eigenvalues);
  REQUIRE_ALL(network.rest_of_trace == contents.network.rest_of_trace);
  REQUIRE_ALL(network.shift == contents.network.shift);
}

TEST_CASE("a state that cannot be written is a defect of the program, said on every rank") {
  const ScratchFolder folder;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  BlockCyclicMatrix A(grid, 4, 4, 2, 2);
  const CheckpointStore store(folder.name(), "run", MPI_COMM_WORLD);
  CheckpointContents contents = sample_contents(1);
  const auto message = [&](std::vector<StateTensor> tensors) {
    contents.state.tensors = std::move(tensors);
    try {
      store.write(contents, 1);
    } catch (const InternalError& error) {
      return std::string("static type lost: ") + error.what();
    } catch (const Error& error) {
      return error.code() == ExitCode::internal ? text_of(error) : "wrong code";
    }
    return std::string("no error");
  };
  CHECK_THAT(message({{"A", 4, 4, {{&A, 0, 3, 0}}}}), Catch::Contains("hold 3 columns of 4"));
  CHECK_THAT(message({{"A", 4, 5, {{&A, 0, 5, 0}}}}), Catch::Contains("reaches beyond"));
  CHECK_THAT(message({{"A", 4, 4, {{&A, 0, 4, 0}}}, {"A", 4, 4, {{&A, 0, 4, 0}}}}),
             Catch::Contains("'A' twice"));
  CHECK_THAT(message({{"/A", 4, 4, {{&A, 0, 4, 0}}}}), Catch::Contains("is no path"));
  CHECK(store.candidates().empty());
}
