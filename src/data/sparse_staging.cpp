#include "data/sparse_staging.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "data/dataset.h"
#include "data/file_share.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

SparseStagedSet::SparseStagedSet(PanelColumns columns, Index features, int rank)
    : columns_(std::move(columns)), features_(features), rank_(rank) {
  panels_.resize(static_cast<std::size_t>(columns_.panels()));
  for (Index p = 0; p < columns_.panels(); ++p) {
    const auto count = static_cast<std::size_t>(local_count(p));
    Panel& panel = panels_[static_cast<std::size_t>(p)];
    panel.begins.assign(count, 0);
    panel.sizes.assign(count, 0);
    panel.labels.assign(count, kNoLabel);
  }
}

void SparseStagedSet::store(Index panel, Index column, int label, const Index* features,
                            const double* values, Index count) {
  Panel& p = panels_[static_cast<std::size_t>(panel)];
  const auto j = static_cast<std::size_t>(column);
  p.labels[j] = label;
  p.begins[j] = p.features.size();
  for (Index e = 0; e < count; ++e) {
    if (values[e] == 0.0) continue;
    p.features.push_back(features[e]);
    p.values.push_back(values[e]);
  }
  p.sizes[j] = p.features.size() - p.begins[j];
}

std::vector<int> SparseStagedSet::take_labels(Index panel) {
  return std::move(panels_[static_cast<std::size_t>(panel)].labels);
}

void SparseStagedSet::release(Index panel) {
  panels_[static_cast<std::size_t>(panel)] = {};
}

Index SparseStagedSet::entries() const {
  std::size_t sum = 0;
  for (const Panel& panel : panels_) sum += panel.features.size();
  return static_cast<Index>(sum);
}

namespace {

constexpr std::size_t kEntryBytes = sizeof(Index) + sizeof(double);

/// In front of the features and the values of a sample.
struct Head {
  Envelope envelope;
  Index count;
};

/// One rank's part of a delivery.
class SparseCourier {
 public:
  SparseCourier(const Delivery& delivery, double mean, const std::vector<SparseStagedSet*>& sets,
                MPI_Comm comm)
      : source_(delivery.source),
        sets_(sets),
        share_(delivery, columns_of(sets), comm),
        comm_(comm) {
    const auto ranks = static_cast<std::size_t>(share_.ranks());
    const double room = static_cast<double>(std::min(kBatchOfRank, kBatchOfAll / ranks));
    const double bytes = static_cast<double>(sizeof(Head)) + mean * double{kEntryBytes};
    batch_ = std::max<Index>(1, static_cast<Index>(room / bytes));
  }

  Index rounds() const { return share_.rounds(batch_); }
  bool reads_to_the_end() const { return share_.reads_to_the_end(); }

  /// Rank-local: the next batch into a letter for each owner.
  void read_batch() {
    const Index count = share_.count(batch_);
    SparseRows rows;
    if (count > 0) rows = source_->read_sparse(share_.next(), count);
    letters_.assign(static_cast<std::size_t>(share_.ranks()), {});
    for (const FileShare::Address& address : share_.address(count)) {
      const std::size_t begin = rows.begins[address.sample];
      const Index size = rows.size(static_cast<Index>(address.sample));
      std::vector<unsigned char>& letter = letters_[static_cast<std::size_t>(address.rank)];
      const Head head{address.envelope, size};
      append(&head, sizeof head, letter);
      append(rows.cols.data() + begin, static_cast<std::size_t>(size) * sizeof(Index), letter);
      append(rows.values.data() + begin, static_cast<std::size_t>(size) * sizeof(double), letter);
    }
  }

  /// Collective: hands the letters out and stores those received.
  void exchange() {
    const auto ranks = static_cast<std::size_t>(share_.ranks());
    std::vector<int> sent(ranks), received(ranks), sent_from(ranks), received_from(ranks);
    std::vector<unsigned char> outgoing;
    for (std::size_t r = 0; r < ranks; ++r) {
      sent[r] = static_cast<int>(letters_[r].size());
      sent_from[r] = static_cast<int>(outgoing.size());
      outgoing.insert(outgoing.end(), letters_[r].begin(), letters_[r].end());
      std::vector<unsigned char>().swap(letters_[r]);
    }
    ADMMNET_REQUIRE(outgoing.size() <= std::numeric_limits<int>::max(),
                    "deliver_sparse: a batch of more than 2^31 - 1 bytes");
    ADMMNET_MPI(MPI_Alltoall(sent.data(), 1, MPI_INT, received.data(), 1, MPI_INT, comm_));
    Index total = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
      received_from[r] = static_cast<int>(total);
      total += received[r];
    }
    ADMMNET_REQUIRE(total <= std::numeric_limits<int>::max(),
                    "deliver_sparse: more than 2^31 - 1 bytes for a rank");
    std::vector<unsigned char> incoming(static_cast<std::size_t>(total));
    ADMMNET_MPI(MPI_Alltoallv(outgoing.data(), sent.data(), sent_from.data(), MPI_BYTE,
                              incoming.data(), received.data(), received_from.data(), MPI_BYTE,
                              comm_));
    store(incoming);
  }

 private:
  static void append(const void* bytes, std::size_t count, std::vector<unsigned char>& letter) {
    const auto* first = static_cast<const unsigned char*>(bytes);
    letter.insert(letter.end(), first, first + count);
  }

  /// Letters are made of eight-byte numbers, and so aligned.
  void store(const std::vector<unsigned char>& incoming) {
    for (std::size_t at = 0; at < incoming.size();) {
      Head head{};
      std::memcpy(&head, incoming.data() + at, sizeof head);
      at += sizeof head;
      const auto* features = reinterpret_cast<const Index*>(incoming.data() + at);
      at += static_cast<std::size_t>(head.count) * sizeof(Index);
      const auto* values = reinterpret_cast<const double*>(incoming.data() + at);
      at += static_cast<std::size_t>(head.count) * sizeof(double);
      const Envelope& to = head.envelope;
      sets_[static_cast<std::size_t>(to.set)]->store(to.panel, to.column, to.label, features,
                                                     values, head.count);
    }
  }

  SampleSource* source_;
  const std::vector<SparseStagedSet*>& sets_;
  FileShare share_;
  MPI_Comm comm_;
  Index batch_ = 1;
  std::vector<std::vector<unsigned char>> letters_;
};

}  // namespace

void deliver_sparse(const Delivery& delivery, double mean,
                    const std::vector<SparseStagedSet*>& sets, MPI_Comm comm) {
  SparseCourier courier(delivery, mean, sets, comm);
  hand_out(courier, delivery, comm);
}

}  // namespace admmnet
