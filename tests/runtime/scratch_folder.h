/// A folder for the files of one test.
#pragma once

#include <filesystem>
#include <stdlib.h>
#include <string>

#include <mpi.h>

#include "runtime/communicator.h"

namespace admmnet::test {

/// Made by rank 0 under the system's temporary folder, known to all ranks, removed by rank 0 at the
/// end: a test whose last statement is not collective must not let another rank still need it.
class ScratchFolder {
 public:
  explicit ScratchFolder(MPI_Comm comm = MPI_COMM_WORLD) : owner_(rank_of(comm) == 0) {
    std::string name = (std::filesystem::temp_directory_path() / "admmnet-test-XXXXXX").string();
    if (owner_ && mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    name_ = broadcast(name, 0, comm);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (owner_) std::filesystem::remove_all(name_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string operator/(const std::string& file) const { return name_ + "/" + file; }
  const std::string& name() const { return name_; }

 private:
  bool owner_;
  std::string name_;
};

}  // namespace admmnet::test
