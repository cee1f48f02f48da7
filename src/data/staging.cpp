#include "data/staging.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "data/dataset.h"
#include "data/file_share.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

StagedSet::StagedSet(PanelColumns columns, Index features, ValueType type, int rank)
    : columns_(std::move(columns)), features_(features), type_(type), rank_(rank) {
  panels_.resize(static_cast<std::size_t>(columns_.panels()));
  for (Index p = 0; p < columns_.panels(); ++p) {
    const auto count = static_cast<std::size_t>(local_count(p));
    at(p).records.resize(count * record_bytes());
    at(p).labels.assign(count, kNoLabel);
  }
}

void StagedSet::values(Index panel, Index j, double* out) const {
  const unsigned char* record =
      at(panel).records.data() + static_cast<std::size_t>(j) * record_bytes();
  if (type_ == ValueType::byte) {
    std::copy(record, record + features_, out);
  } else {
    std::memcpy(out, record, record_bytes());
  }
}

void StagedSet::store(Index panel, Index j, int label, const unsigned char* record) {
  const auto column = static_cast<std::size_t>(j);
  std::memcpy(at(panel).records.data() + column * record_bytes(), record, record_bytes());
  at(panel).labels[column] = label;
}

std::vector<int> StagedSet::take_labels(Index panel) {
  return std::move(at(panel).labels);
}

void StagedSet::release(Index panel) {
  std::vector<unsigned char>().swap(at(panel).records);
}

namespace {

/// One rank's part of a delivery: reads its range of the file batch by batch and packs it by owner.
class Courier {
 public:
  Courier(const Delivery& delivery, const std::vector<StagedSet*>& sets, MPI_Comm comm)
      : delivery_(delivery),
        sets_(sets),
        share_(delivery, columns_of(sets), comm),
        comm_(comm),
        ranks_(share_.ranks()),
        value_bytes_(static_cast<std::size_t>(sets.front()->features()) *
                     value_bytes(sets.front()->type())),
        letter_bytes_(sizeof(Envelope) + value_bytes_) {
    const std::size_t share = kBatchOfAll / static_cast<std::size_t>(ranks_);
    batch_ =
        static_cast<Index>(std::max<std::size_t>(1, std::min(kBatchOfRank, share) / letter_bytes_));
  }

  Index rounds() const { return share_.rounds(batch_); }
  bool reads_to_the_end() const { return share_.reads_to_the_end(); }

  /// Rank-local: the next batch from the file into letters sorted by owner.
  void read_batch() {
    const Index count = share_.count(batch_);
    records_.resize(static_cast<std::size_t>(count) * value_bytes_);
    if (count > 0) delivery_.source->read(share_.next(), count, records_.data());
    const std::vector<FileShare::Address>& addressed = share_.address(count);
    outgoing_.resize(addressed.size() * letter_bytes_);
    offsets_.assign(static_cast<std::size_t>(ranks_) + 1, 0);
    for (const auto& letter : addressed) ++offsets_[static_cast<std::size_t>(letter.rank) + 1];
    for (std::size_t r = 0; r + 1 < offsets_.size(); ++r) offsets_[r + 1] += offsets_[r];
    std::vector<Index> filled(offsets_.begin(), offsets_.end() - 1);
    for (const auto& letter : addressed) {
      const Index place = filled[static_cast<std::size_t>(letter.rank)]++;
      unsigned char* out = outgoing_.data() + static_cast<std::size_t>(place) * letter_bytes_;
      std::memcpy(out, &letter.envelope, sizeof(Envelope));
      std::memcpy(out + sizeof(Envelope), records_.data() + letter.sample * value_bytes_,
                  value_bytes_);
    }
  }

  /// Collective: hands the letters out and stores those received.
  void exchange() {
    std::vector<int> sent(static_cast<std::size_t>(ranks_)), received(sent.size());
    std::vector<int> sent_from(sent.size()), received_from(sent.size());
    for (std::size_t r = 0; r < sent.size(); ++r) {
      sent[r] = static_cast<int>(offsets_[r + 1] - offsets_[r]);
      sent_from[r] = static_cast<int>(offsets_[r]);
    }
    ADMMNET_MPI(MPI_Alltoall(sent.data(), 1, MPI_INT, received.data(), 1, MPI_INT, comm_));
    int total = 0;
    for (std::size_t r = 0; r < received.size(); ++r) {
      received_from[r] = total;
      total += received[r];
    }
    incoming_.resize(static_cast<std::size_t>(total) * letter_bytes_);
    MPI_Datatype letter = MPI_DATATYPE_NULL;
    ADMMNET_MPI(MPI_Type_contiguous(static_cast<int>(letter_bytes_), MPI_BYTE, &letter));
    ADMMNET_MPI(MPI_Type_commit(&letter));
    ADMMNET_MPI(MPI_Alltoallv(outgoing_.data(), sent.data(), sent_from.data(), letter,
                              incoming_.data(), received.data(), received_from.data(), letter,
                              comm_));
    ADMMNET_MPI(MPI_Type_free(&letter));
    for (int i = 0; i < total; ++i) {
      const unsigned char* in = incoming_.data() + static_cast<std::size_t>(i) * letter_bytes_;
      Envelope envelope = {};
      std::memcpy(&envelope, in, sizeof envelope);
      sets_[static_cast<std::size_t>(envelope.set)]->store(envelope.panel, envelope.column,
                                                           envelope.label, in + sizeof envelope);
    }
  }

 private:
  const Delivery& delivery_;
  const std::vector<StagedSet*>& sets_;
  FileShare share_;
  MPI_Comm comm_;
  int ranks_;
  std::size_t value_bytes_, letter_bytes_;
  Index batch_ = 1;
  std::vector<unsigned char> records_, outgoing_, incoming_;
  std::vector<Index> offsets_;  ///< of each owner's letters in outgoing_, counted in letters
};

}  // namespace

void deliver(const Delivery& delivery, const std::vector<StagedSet*>& sets, MPI_Comm comm) {
  Courier courier(delivery, sets, comm);
  hand_out(courier, delivery, comm);
}

}  // namespace admmnet
