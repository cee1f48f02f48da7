#include "checkpoint/checkpoint_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <sstream>

#include "checkpoint/contents_check.h"
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

void CheckpointFile::require_network() const {
  try {
    check_weights(contents_.network, catalogue_);
  } catch (const IoFailure& failure) {
    throw IoFailure(unusable(path(), failure.what()));
  }
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
    ADMMNET_MPI(MPI_Bcast(result.data() + first,
                          static_cast<int>(std::min(most, result.size() - first)), MPI_UINT64_T, 0,
                          comm_));
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

/// The value of one number of the state, when it is within its bounds.
void CheckpointFile::load_scalar(const StateScalar& scalar) const {
  const DataSet& data_set = *find_state(scalar.path);
  const std::uint64_t bits = words(data_set).front();
  double real = 0.0;
  Index integer = 0;
  std::memcpy(&real, &bits, sizeof bits);
  std::memcpy(&integer, &bits, sizeof bits);
  const double value = scalar.real ? real : static_cast<double>(integer);
  const bool below = !std::isnan(scalar.least) && !(value >= scalar.least);
  const bool above = !std::isnan(scalar.most) && !(value <= scalar.most);
  if (below || above) {
    std::ostringstream text;
    text << "the data set " << data_set.name << " is ";
    scalar.real ? text << real : text << integer;
    text << "; expected " << scalar.least << " to " << scalar.most;
    throw IoFailure(unusable(path(), text.str()));
  }
  if (scalar.real)
    *scalar.real = real;
  else
    *scalar.integer = integer;
}

/// `place`: of an element in the file's order.
static std::string not_finite_text(const DataSet& data_set, Index place) {
  const Index width = data_set.shape.back();
  return "the data set " + data_set.name + " holds NaN or infinity at " +
         shape_text({place / width, place % width}) + "; expected finite numbers";
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

  for (const StateScalar& scalar : state.scalars)
    if (!absent(scalar)) load_scalar(scalar);
  std::vector<std::uint64_t> found;
  std::vector<Index> not_finite(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i)
    found.push_back(read_tensor(state.tensors[i], *tensors[i], file_, comm_, not_finite[i]));
  sum_checksums(found, comm_);
  for (std::size_t i = 0; i < tensors.size(); ++i) compare(*tensors[i], found[i]);
  collectively(comm_, [&] {
    for (std::size_t i = 0; i < tensors.size(); ++i)
      if (state.tensors[i].finite && not_finite[i] >= 0)
        throw IoFailure(unusable(path(), not_finite_text(*tensors[i], not_finite[i])));
  });
}

}  // namespace admmnet
