#include "checkpoint/checkpoint_file.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "checkpoint/contents_codec.h"
#include "checkpoint/faults.h"
#include "checkpoint/hdf5_reader.h"
#include "checkpoint/tensor_io.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

static std::string unusable(const std::string& path, const std::string& reason) {
  return path + " is not a usable checkpoint: " + reason;
}

/// This rank's own opening of the file that rank 0 has read the catalogue of.
static PosixFile open_part(const std::string& path, Index expected_bytes, MPI_Comm comm) {
  fault_on_open(path, comm);
  PosixFile file = PosixFile::open_to_read(path);
  if (file.size() != expected_bytes)
    throw IoFailure("it has " + std::to_string(file.size()) + " bytes here and " +
                    std::to_string(expected_bytes) + " on rank 0");
  return file;
}

CheckpointFile CheckpointFile::open(const std::string& path, MPI_Comm comm) {
  try {
    Catalogue catalogue;
    collectively(comm, [&] {
      if (rank_of(comm) == 0) catalogue = read_catalogue(path);
    });
    catalogue = unpacked(broadcast(packed(catalogue), 0, comm));
    std::optional<PosixFile> file;
    collectively(comm, [&] { file = open_part(path, catalogue.file_bytes, comm); });
    return CheckpointFile(std::move(catalogue), std::move(*file), comm);
  } catch (const Error& error) {
    if (error.code() != ExitCode::io_failure) throw;
    throw IoFailure(unusable(path, error.what()));
  }
}

CheckpointFile::CheckpointFile(Catalogue catalogue, PosixFile file, MPI_Comm comm)
    : comm_(comm), catalogue_(std::move(catalogue)), file_(std::move(file)) {
  contents_ = decode(catalogue_, [this](const DataSet& data_set) { return words(data_set); });
}

const DataSet* CheckpointFile::find_state(const std::string& path) const {
  return catalogue_.find(state_name(path));
}

void CheckpointFile::compare(const DataSet& data_set, std::uint64_t checksum) const {
  if (checksum != data_set.checksum)
    throw IoFailure(unusable(path(), "the data set " + data_set.name +
                                         " does not have its checksum: the file is damaged"));
}

/// The elements of a small data set on every rank, checked.
std::vector<std::uint64_t> CheckpointFile::words(const DataSet& data_set) const {
  std::vector<std::uint64_t> result;
  collectively(comm_, [&] {
    result.resize(static_cast<std::size_t>(data_set.words()));
    if (rank_of(comm_) != 0) return;
    file_.read(data_set.offset, result.data(), data_set.bytes());
    if (checksum(0, result.data(), data_set.words()) != data_set.checksum)
      throw IoFailure("the data set " + data_set.name +
                      " does not have its checksum: the file is damaged");
  });
  constexpr std::size_t most = std::size_t{1} << 27;  // MPI counts in int
  for (std::size_t first = 0; first < result.size(); first += most)
    check_mpi(
        MPI_Bcast(result.data() + first, static_cast<int>(std::min(most, result.size() - first)),
                  MPI_UINT64_T, 0, comm_),
        "MPI_Bcast");
  return result;
}

void CheckpointFile::verify() const {
  const std::vector<std::uint64_t> found = checksums_in_file(catalogue_.data_sets, file_, comm_);
  for (std::size_t i = 0; i < found.size(); ++i) compare(catalogue_.data_sets[i], found[i]);
}

const DataSet& CheckpointFile::required(const std::string& path, const std::vector<Index>& shape,
                                        ElementType type) const {
  const DataSet* data_set = find_state(path);
  if (!data_set)
    throw BadInput(this->path() + " holds no " + state_name(path) + ", which this run needs");
  if (data_set->shape != shape || data_set->type != type)
    throw BadInput(this->path() + " holds " + data_set->name + " as " + type_text(data_set->type) +
                   " " + shape_text(data_set->shape) + ", this run needs " + type_text(type) + " " +
                   shape_text(shape));
  return *data_set;
}

void CheckpointFile::load_state(const StateView& state) const {
  std::vector<const DataSet*> tensors;
  for (const StateTensor& tensor : state.tensors)
    tensors.push_back(&required(tensor.path, file_shape(tensor), ElementType::real));
  const auto absent = [this](const StateScalar& scalar) {
    return scalar.presence == StateScalar::Presence::optional && !find_state(scalar.path);
  };
  for (const StateScalar& scalar : state.scalars)
    if (!absent(scalar))
      required(scalar.path, {}, scalar.real ? ElementType::real : ElementType::integer);

  for (const StateScalar& scalar : state.scalars) {
    if (absent(scalar)) continue;
    const std::uint64_t bits = words(*find_state(scalar.path)).front();
    std::memcpy(scalar.real ? static_cast<void*>(scalar.real) : scalar.integer, &bits, sizeof bits);
  }
  std::vector<std::uint64_t> found;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    found.push_back(read_tensor(state.tensors[i], *tensors[i], file_, comm_));
  sum_checksums(found, comm_);
  for (std::size_t i = 0; i < tensors.size(); ++i) compare(*tensors[i], found[i]);
}

}  // namespace admmnet
