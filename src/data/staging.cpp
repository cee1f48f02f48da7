#include "data/staging.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "data/dataset.h"
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

/// What travels in front of each record.
struct Envelope {
  Index panel, column;
  int set, label;
};

constexpr std::size_t kBatchOfRank = std::size_t{8} << 20;
/// All ranks' batches of a round together, so that no rank can be sent more than this.
constexpr std::size_t kBatchOfAll = std::size_t{128} << 20;

/// One rank's part of a delivery: reads its range of the file batch by batch and packs it by owner.
class Courier {
 public:
  Courier(const Delivery& delivery, const std::vector<StagedSet*>& sets, MPI_Comm comm)
      : delivery_(delivery),
        sets_(sets),
        comm_(comm),
        ranks_(size_of(comm)),
        value_bytes_(static_cast<std::size_t>(sets.front()->features()) *
                     value_bytes(sets.front()->type())),
        letter_bytes_(sizeof(Envelope) + value_bytes_) {
    const std::size_t share = kBatchOfAll / static_cast<std::size_t>(ranks_);
    batch_ =
        static_cast<Index>(std::max<std::size_t>(1, std::min(kBatchOfRank, share) / letter_bytes_));
    const auto& classes = *delivery.classes;
    const auto is_selected = [](int label) { return label != kNotSelected; };
    // The file is read up to the first selected sample that is beyond the limit.
    const auto size = static_cast<Index>(classes.size());
    for (Index wanted = 0; file_part_ < size; ++file_part_)
      if (is_selected(classes[static_cast<std::size_t>(file_part_)]) && ++wanted > delivery.limit)
        break;
    const int readers = delivery.random_access ? ranks_ : 1;
    const int rank = rank_of(comm);
    slab_ = (file_part_ + readers - 1) / readers;
    next_ = std::min(file_part_, rank * slab_);
    end_ = rank < readers ? std::min(file_part_, next_ + slab_) : next_;
    selected_before_ = std::count_if(classes.begin(), classes.begin() + next_, is_selected);
  }

  Index rounds() const { return (slab_ + batch_ - 1) / batch_; }
  bool reads_to_the_end() const {
    return file_part_ == static_cast<Index>(delivery_.classes->size());
  }

  /// Rank-local: the next batch from the file into letters sorted by owner.
  void read_batch() {
    const Index count = std::min(batch_, end_ - next_);
    records_.resize(static_cast<std::size_t>(count) * value_bytes_);
    if (count > 0) delivery_.source->read(next_, count, records_.data());
    address_batch(count);
    outgoing_.resize(addressed_.size() * letter_bytes_);
    offsets_.assign(static_cast<std::size_t>(ranks_) + 1, 0);
    for (const auto& letter : addressed_) ++offsets_[static_cast<std::size_t>(letter.rank) + 1];
    for (std::size_t r = 0; r + 1 < offsets_.size(); ++r) offsets_[r + 1] += offsets_[r];
    std::vector<Index> filled(offsets_.begin(), offsets_.end() - 1);
    for (const auto& letter : addressed_) {
      const Index place = filled[static_cast<std::size_t>(letter.rank)]++;
      unsigned char* out = outgoing_.data() + static_cast<std::size_t>(place) * letter_bytes_;
      std::memcpy(out, &letter.envelope, sizeof(Envelope));
      std::memcpy(out + sizeof(Envelope), records_.data() + letter.record * value_bytes_,
                  value_bytes_);
    }
    next_ += count;
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
  struct Letter {
    std::size_t record;  ///< within the batch
    int rank;
    Envelope envelope;
  };

  void address_batch(Index count) {
    addressed_.clear();
    for (Index i = 0; i < count && selected_before_ < delivery_.limit; ++i) {
      const int label = (*delivery_.classes)[static_cast<std::size_t>(next_ + i)];
      if (label == kNotSelected) continue;
      const Destination to = delivery_.destination(selected_before_++);
      const auto slot = sets_[static_cast<std::size_t>(to.set)]->columns().locate(to.position);
      addressed_.push_back(
          {static_cast<std::size_t>(i), slot.rank, {slot.panel, slot.column, to.set, label}});
    }
  }

  const Delivery& delivery_;
  const std::vector<StagedSet*>& sets_;
  MPI_Comm comm_;
  int ranks_;
  std::size_t value_bytes_, letter_bytes_;
  Index batch_ = 1;
  Index file_part_ = 0;        ///< samples of the file that are read, by all together
  Index slab_ = 0;             ///< and by each of the readers, at most
  Index next_ = 0, end_ = 0;   ///< samples of the file that this rank has still to read
  Index selected_before_ = 0;  ///< selected samples of the file in front of next_
  std::vector<unsigned char> records_, outgoing_, incoming_;
  std::vector<Letter> addressed_;
  std::vector<Index> offsets_;  ///< of each owner's letters in outgoing_, counted in letters
};

}  // namespace

void deliver(const Delivery& delivery, const std::vector<StagedSet*>& sets, MPI_Comm comm) {
  Courier courier(delivery, sets, comm);
  for (Index round = 0; round < courier.rounds(); ++round) {
    collectively(comm, [&] { courier.read_batch(); });
    courier.exchange();
  }
  collectively(comm, [&] {
    if (!delivery.random_access && delivery.source != nullptr && courier.reads_to_the_end())
      delivery.source->expect_end();
  });
}

}  // namespace admmnet
