#include "runtime/communicator.h"

#include <utility>

#include "runtime/error.h"
#include "runtime/failure.h"

namespace admmnet {

void check_mpi(int status, const char* call) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw InternalError(std::string(call) + " failed: " + text);
}

int rank_of(MPI_Comm comm) {
  int rank = 0;
  ADMMNET_MPI(MPI_Comm_rank(comm, &rank));
  return rank;
}

int size_of(MPI_Comm comm) {
  int size = 0;
  ADMMNET_MPI(MPI_Comm_size(comm, &size));
  return size;
}

Communicator Communicator::duplicate(MPI_Comm parent) {
  Communicator result;
  ADMMNET_MPI(MPI_Comm_dup(parent, &result.comm_));
  return result;
}

Communicator Communicator::part(MPI_Comm parent, bool member) {
  return split(parent, member ? 0 : MPI_UNDEFINED);
}

Communicator Communicator::split(MPI_Comm parent, int colour) {
  Communicator result;
  ADMMNET_MPI(MPI_Comm_split(parent, colour, rank_of(parent), &result.comm_));
  return result;
}

Communicator::Communicator(Communicator&& other) noexcept
    : comm_(std::exchange(other.comm_, MPI_COMM_NULL)) {}

Communicator& Communicator::operator=(Communicator&& other) noexcept {
  std::swap(comm_, other.comm_);
  return *this;
}

Communicator::~Communicator() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (comm_ != MPI_COMM_NULL && !finalized) MPI_Comm_free(&comm_);
}

int Communicator::rank() const {
  return rank_of(comm_);
}
int Communicator::size() const {
  return size_of(comm_);
}

std::string broadcast(const std::string& text, int root, MPI_Comm comm) {
  unsigned long long length = text.size();
  ADMMNET_MPI(MPI_Bcast(&length, 1, MPI_UNSIGNED_LONG_LONG, root, comm));
  std::string result = rank_of(comm) == root ? text : std::string(length, '\0');
  ADMMNET_REQUIRE(length < (1ULL << 31), "broadcast: a text of 2 GiB or more");
  ADMMNET_MPI(MPI_Bcast(result.data(), static_cast<int>(length), MPI_CHAR, root, comm));
  return result;
}

void collectively(MPI_Comm comm, const std::function<void()>& local_work) {
  int code = 0;
  std::string message;
  try {
    local_work();
  } catch (...) {
    const Failure failure = describe_current_exception();
    code = static_cast<int>(failure.code);
    message = failure.message;
  }
  const int size = size_of(comm);
  int first_failed = code == 0 ? size : rank_of(comm);
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &first_failed, 1, MPI_INT, MPI_MIN, comm));
  if (first_failed == size) return;
  ADMMNET_MPI(MPI_Bcast(&code, 1, MPI_INT, first_failed, comm));
  message = broadcast(message, first_failed, comm);
  if (size > 1) message += " [rank " + std::to_string(first_failed) + "]";
  throw Error(static_cast<ExitCode>(code), message);
}

static double reduce(MPI_Comm comm, double value, MPI_Op operation) {
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, operation, comm));
  return value;
}

double sum_over(MPI_Comm comm, double value) {
  return reduce(comm, value, MPI_SUM);
}
double min_over(MPI_Comm comm, double value) {
  return reduce(comm, value, MPI_MIN);
}
double max_over(MPI_Comm comm, double value) {
  return reduce(comm, value, MPI_MAX);
}

}  // namespace admmnet
