#include "checkpoint/run_lock.h"

#include "runtime/communicator.h"

namespace admmnet {

RunLock::RunLock(const std::string& dir, const std::string& name, MPI_Comm comm, LockTiming timing)
    : comm_(comm) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    file_ = std::make_unique<LockFile>(dir + "/" + name + ".lock", timing);
    taken_over_ = file_->taken_over();
  });
  taken_over_ = broadcast(taken_over_, 0, comm);
}

void RunLock::require_held() const {
  collectively(comm_, [&] {
    if (file_) file_->require_held();
  });
}

}  // namespace admmnet
