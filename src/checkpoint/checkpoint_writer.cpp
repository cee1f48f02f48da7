#include "checkpoint/checkpoint_writer.h"

#include <optional>
#include <unistd.h>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/contents_codec.h"
#include "checkpoint/faults.h"
#include "checkpoint/hdf5_image.h"
#include "checkpoint/tensor_io.h"
#include "checkpoint/utc.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

CheckpointOrigin origin_of(const StateView& state, MPI_Comm comm) {
  CheckpointOrigin origin;
  origin.created_utc = utc_now();
  origin.ranks = size_of(comm);
  for (const StateTensor& tensor : state.tensors)
    for (const StateTensor::Part& part : tensor.parts) {
      if (part.cols == 0 || part.matrix == nullptr || origin.grid_rows > 0) continue;
      origin.grid_rows = part.matrix->grid().rows();
      origin.grid_cols = part.matrix->grid().cols();
      origin.row_block = part.matrix->row_block();
      origin.col_block = part.matrix->col_block();
    }
  return origin;
}

void check_free_space(const std::string& path, Index bytes) {
  const double available = free_bytes(directory_of(path)), needed = static_cast<double>(bytes);
  if (needed <= available) return;
  const auto megabytes = [](double count) {
    return std::to_string(static_cast<Index>(count / 1e6));
  };
  throw IoFailure("it needs " + megabytes(needed) + " MB and " + directory_of(path) + " has " +
                  megabytes(available) +
                  " MB free (free some space, or write elsewhere with -run_outdir)");
}

/// One checkpoint on its way to the disk; the steps in the order of write_checkpoint.
class Writing {
 public:
  Writing(const std::string& path, MPI_Comm comm)
      : temporary_(path + ".tmp"), path_(path), comm_(comm), root_(rank_of(comm) == 0) {}

  void create(const CheckpointContents& contents) {
    Catalogue catalogue;
    collectively(comm_, [&] {
      if (!root_) return;
      image_.emplace(encode(contents));
      ::unlink(temporary_.c_str());  // left by a run that was killed
      check_free_space(path_, image_->bytes());
      file_ = PosixFile::create(temporary_);
      image_->write_to(*file_);
      catalogue.data_sets = image_->data_sets();
      catalogue.file_bytes = image_->bytes();
    });
    catalogue = unpacked(broadcast(packed(catalogue), 0, comm_));
    data_sets_ = std::move(catalogue.data_sets);
    bytes_ = catalogue.file_bytes;
    collectively(comm_, [&] {
      fault_on_open(temporary_, comm_);
      if (!root_) file_ = PosixFile::open_to_write(temporary_);
    });
    fault_point(FaultPoint::after_open, comm_);
  }

  void write_tensors(const StateView& state) {
    const std::size_t first = data_sets_.size() - state.tensors.size();
    for (std::size_t i = 0; i < state.tensors.size(); ++i)
      checksums_.push_back(write_tensor(state.tensors[i], data_sets_[first + i], *file_, comm_));
    sum_checksums(checksums_, comm_);
    fault_point(FaultPoint::before_index, comm_);
  }

  void complete() {
    collectively(comm_, [&] {
      if (!root_) return;
      image_->complete(checksums_);
      image_->write_to(*file_);
    });
    fault_point(FaultPoint::before_close, comm_);
    collectively(comm_, [&] { file_->sync(); });
    file_.reset();
    image_.reset();
  }

  void verify() {
    fault_point(FaultPoint::before_verify, comm_);
    CheckpointFile::open(temporary_, comm_).verify();
  }

  void publish() {
    fault_point(FaultPoint::before_rename, comm_);
    collectively(comm_, [&] {
      if (root_) publish_file(temporary_, path_);
    });
  }

  void abandon() {
    file_.reset();
    if (root_) ::unlink(temporary_.c_str());
  }

  Index bytes() const { return bytes_; }

 private:
  std::string temporary_, path_;
  MPI_Comm comm_;
  bool root_;
  std::optional<FileImage> image_;  // rank 0
  std::optional<PosixFile> file_;
  std::vector<DataSet> data_sets_;
  std::vector<std::uint64_t> checksums_;  // of the tensors
  Index bytes_ = 0;
};

}  // namespace

void write_checkpoint(const std::string& path, CheckpointContents contents, MPI_Comm comm,
                      WriteStatus& status) {
  contents.origin = origin_of(contents.state, comm);
  status.path = path;
  Writing writing(path, comm);
  const double start = MPI_Wtime();
  try {
    writing.create(contents);
    status.bytes = writing.bytes();
    const double created = MPI_Wtime();
    writing.write_tensors(contents.state);
    const double written = MPI_Wtime();
    writing.complete();
    const double completed = MPI_Wtime();
    writing.verify();
    const double verified = MPI_Wtime();
    writing.publish();
    status.data_seconds = max_over(comm, written - created);
    status.verify_seconds = max_over(comm, verified - completed);
    status.seconds = max_over(comm, MPI_Wtime() - start);
  } catch (const Error&) {
    writing.abandon();
    throw;
  }
}

}  // namespace admmnet
