/// Which samples of a file a rank reads, and where each of them belongs.
#pragma once

#include <algorithm>
#include <vector>

#include <mpi.h>

#include "data/split.h"
#include "data/staging.h"
#include "runtime/communicator.h"

namespace admmnet {

/// What travels in front of each sample.
struct Envelope {
  Index panel, column;
  int set, label;
};

/// Of a file that is read in slabs by all ranks, or by the first one: this rank's samples, batch by
/// batch. The file is read up to the first selected sample that is beyond the limit.
class FileShare {
 public:
  /// `columns`: of each set. References must outlive it.
  FileShare(const Delivery& delivery, std::vector<const PanelColumns*> columns, MPI_Comm comm);

  struct Address {
    std::size_t sample;  ///< within the batch
    int rank;
    Envelope envelope;
  };

  /// Batches of so many samples that the rank with most of them has.
  Index rounds(Index batch) const { return (slab_ + batch - 1) / batch; }
  Index next() const { return next_; }  ///< sample of the file
  Index count(Index batch) const { return std::min(batch, end_ - next_); }
  /// Of the next so many samples those that are wanted, and goes on behind them.
  const std::vector<Address>& address(Index count);
  /// Whether all together read the whole file.
  bool reads_to_the_end() const {
    return file_part_ == static_cast<Index>(delivery_.classes->size());
  }
  int ranks() const { return ranks_; }

 private:
  const Delivery& delivery_;
  std::vector<const PanelColumns*> columns_;
  int ranks_;
  Index file_part_ = 0;        ///< samples of the file that are read, by all together
  Index slab_ = 0;             ///< and by each of the readers, at most
  Index next_ = 0, end_ = 0;   ///< samples of the file that this rank has still to read
  Index selected_before_ = 0;  ///< selected samples of the file in front of next_
  std::vector<Address> addressed_;
};

template <class Set>
std::vector<const PanelColumns*> columns_of(const std::vector<Set*>& sets) {
  std::vector<const PanelColumns*> columns;
  for (const Set* set : sets) columns.push_back(&set->columns());
  return columns;
}

/// All rounds of a courier: it reads a batch, and exchanges it with the other ranks. Collective.
template <class Courier>
void hand_out(Courier& courier, const Delivery& delivery, MPI_Comm comm) {
  for (Index round = 0; round < courier.rounds(); ++round) {
    collectively(comm, [&] { courier.read_batch(); });
    courier.exchange();
  }
  collectively(comm, [&] {
    if (!delivery.random_access && delivery.source != nullptr && courier.reads_to_the_end())
      delivery.source->expect_end();
  });
}

/// A batch of a rank takes so many bytes, and those of all ranks of a round together no more than
/// that, so that no rank can be sent more.
constexpr std::size_t kBatchOfRank = std::size_t{8} << 20;
constexpr std::size_t kBatchOfAll = std::size_t{128} << 20;

}  // namespace admmnet
