#include "runtime/progress_file.h"

namespace admmnet {

ProgressFile::ProgressFile(MPI_Comm comm, const std::string& path, const Score& score,
                           double position, bool on)
    : file_(RowsFile::continued(
          comm, path, std::string("pass,seconds,validation_") + score.name + ",train_loss",
          position, on)) {}

void ProgressFile::add(const ProgressRecord& record) {
  file_.add({record.pass, record.seconds, record.validation_score, record.train_loss});
}

}  // namespace admmnet
