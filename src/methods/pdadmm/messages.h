/// Sample matrices on their way between the peers of two parts of the ranks.
#pragma once

#include <map>
#include <vector>

#include "methods/pdadmm/coupling.h"
#include "methods/pdadmm/parts.h"

namespace admmnet {

/// A message is what a rank holds of the leading rows of a sample matrix; its peer holds the same
/// entries of a matrix of the same shape (ProcessGrid::part). Numbers that a quantiser has rounded
/// travel as their codes, of half a byte, one or two, and arrive bit by bit as they were; others as
/// doubles. On a grid of shapes sending is accounted for, and nothing arrives.
class Messages {
 public:
  /// Of the rank's part. `parts` must outlive it.
  Messages(const LayerParts& parts, int part) : parts_(parts), part_(part) {}
  ~Messages();
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  /// Returns at once; A may change.
  void send(int to, int tag, const BlockCyclicMatrix& A, Index rows, const Quantiser& quantiser);
  /// Makes room, so that a message can arrive beside other work; A is only looked at for its size.
  void expect(int from, int tag, const BlockCyclicMatrix& A, Index rows,
              const Quantiser& quantiser);
  /// Waits for it, and puts it into A.
  void receive(int tag, BlockCyclicMatrix& A, Index rows, const Quantiser& quantiser);
  /// Moves things on, without waiting.
  void progress();
  /// Waits until all that was sent has left.
  void finish();

  double waited() const { return waited_; }  ///< seconds so far
  double bytes_sent() const { return bytes_sent_; }

 private:
  struct Message {
    std::vector<unsigned char> bytes;
    MPI_Request request = MPI_REQUEST_NULL;
  };
  void wait(Message& message);
  bool on_shapes() const { return parts_.all().ledger() != nullptr; }

  const LayerParts& parts_;
  int part_;
  std::map<int, Message> sent_, expected_;  // by tag
  double waited_ = 0.0, bytes_sent_ = 0.0;
};

}  // namespace admmnet
