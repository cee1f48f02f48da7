/// MPI communicators: ownership, error checks, and the agreement of errors across ranks.
#pragma once

#include <functional>
#include <string>

#include <mpi.h>

namespace admmnet {

/// Throws InternalError with MPI's own text and the call's unless `status` is MPI_SUCCESS.
void check_mpi(int status, const char* call);

/// An owned duplicate or part of a communicator; freed in the destructor. Move-only.
class Communicator {
 public:
  Communicator() = default;
  /// Duplicate of `parent`. Collective on parent.
  static Communicator duplicate(MPI_Comm parent);
  /// The ranks of `parent` that pass true; a rank that passes false gets an empty Communicator.
  /// Collective on parent.
  static Communicator part(MPI_Comm parent, bool member);
  /// The ranks of `parent` with the same colour as this one, in their order. Collective on parent.
  static Communicator split(MPI_Comm parent, int colour);
  Communicator(Communicator&& other) noexcept;
  Communicator& operator=(Communicator&& other) noexcept;
  ~Communicator();

  MPI_Comm get() const { return comm_; }
  bool empty() const { return comm_ == MPI_COMM_NULL; }
  int rank() const;
  int size() const;

 private:
  MPI_Comm comm_ = MPI_COMM_NULL;
};

int rank_of(MPI_Comm comm);
int size_of(MPI_Comm comm);

/// Runs rank-local work that may fail on some ranks only, and agrees on the outcome: when it threw
/// on any rank, every rank throws an Error with the message and exit code of the lowest rank that
/// failed. `local_work` must contain no collective call. Collective on comm (two reductions).
void collectively(MPI_Comm comm, const std::function<void()>& local_work);

/// The string of rank `root` on every rank. Collective on comm.
std::string broadcast(const std::string& text, int root, MPI_Comm comm);

/// Sum, minimum and maximum over the ranks. Collective on comm.
double sum_over(MPI_Comm comm, double value);
double min_over(MPI_Comm comm, double value);
double max_over(MPI_Comm comm, double value);

}  // namespace admmnet

/// check_mpi() with the call's own text.
#define ADMMNET_MPI(call) ::admmnet::check_mpi((call), #call)
