#include "methods/pdadmm/messages.h"

#include <cstdint>
#include <cstring>

#include "runtime/clock.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

double bytes_of_number(const Quantiser& quantiser) {
  return quantiser.bits == 0 ? 8.0 : static_cast<double>(quantiser.bits) / 8.0;
}

std::size_t bytes_of(Index numbers, const Quantiser& quantiser) {
  const Index bits = quantiser.bits == 0 ? 64 : quantiser.bits;
  return static_cast<std::size_t>((numbers * bits + 7) / 8);
}

/// Calls f(entry, its number in the message) for the leading rows.
template <class Matrix, class F>
void for_each_number(Matrix& A, Index rows, F&& f) {
  const Index held = A.local_rows_below(rows);
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < held; ++i) f(A.at(i, j), static_cast<std::size_t>(i + j * held));
}

Index numbers_of(const BlockCyclicMatrix& A, Index rows) {
  return A.local_rows_below(rows) * A.local_cols();
}

void pack(const BlockCyclicMatrix& A, Index rows, const Quantiser& quantiser,
          std::vector<unsigned char>& bytes) {
  bytes.assign(bytes_of(numbers_of(A, rows), quantiser), 0);
  for_each_number(A, rows, [&](double x, std::size_t k) {
    if (quantiser.bits == 0) {
      std::memcpy(&bytes[8 * k], &x, 8);
      return;
    }
    const auto code = static_cast<std::uint32_t>(quantiser.code(x));
    if (quantiser.bits == 4) {
      bytes[k / 2] = static_cast<unsigned char>(bytes[k / 2] | code << 4 * (k % 2));
    } else if (quantiser.bits == 8) {
      bytes[k] = static_cast<unsigned char>(code);
    } else {
      bytes[2 * k] = static_cast<unsigned char>(code & 0xFF);
      bytes[2 * k + 1] = static_cast<unsigned char>(code >> 8);
    }
  });
}

void unpack(const std::vector<unsigned char>& bytes, Index rows, const Quantiser& quantiser,
            BlockCyclicMatrix& A) {
  for_each_number(A, rows, [&](double& x, std::size_t k) {
    if (quantiser.bits == 0)
      std::memcpy(&x, &bytes[8 * k], 8);
    else if (quantiser.bits == 4)
      x = quantiser.value(bytes[k / 2] >> 4 * (k % 2) & 0xF);
    else if (quantiser.bits == 8)
      x = quantiser.value(bytes[k]);
    else
      x = quantiser.value(bytes[2 * k] + 256.0 * bytes[2 * k + 1]);
  });
}

}  // namespace

Messages::~Messages() {
  for (auto* messages : {&sent_, &expected_})
    for (auto& [tag, message] : *messages)
      if (message.request != MPI_REQUEST_NULL) {
        MPI_Cancel(&message.request);
        MPI_Request_free(&message.request);
      }
}

void Messages::send(int to, int tag, const BlockCyclicMatrix& A, Index rows,
                    const Quantiser& quantiser) {
  parts_.grid(part_).account(
      {Verb::pass_on, rows, 0, A.cols(), A.col_block(), bytes_of_number(quantiser)});
  if (on_shapes()) return;
  Message& message = sent_[tag];
  wait(message);
  pack(A, rows, quantiser, message.bytes);
  bytes_sent_ += static_cast<double>(message.bytes.size());
  ADMMNET_MPI(MPI_Isend(message.bytes.data(), static_cast<int>(message.bytes.size()), MPI_BYTE, to,
                        tag, parts_.peers(), &message.request));
}

void Messages::expect(int from, int tag, const BlockCyclicMatrix& A, Index rows,
                      const Quantiser& quantiser) {
  if (on_shapes()) return;
  Message& message = expected_[tag];
  message.bytes.resize(bytes_of(numbers_of(A, rows), quantiser));
  ADMMNET_MPI(MPI_Irecv(message.bytes.data(), static_cast<int>(message.bytes.size()), MPI_BYTE,
                        from, tag, parts_.peers(), &message.request));
}

void Messages::receive(int tag, BlockCyclicMatrix& A, Index rows, const Quantiser& quantiser) {
  if (on_shapes()) return;
  Message& message = expected_[tag];
  wait(message);
  unpack(message.bytes, rows, quantiser, A);
}

void Messages::wait(Message& message) {
  const double before = seconds_since_start();
  ADMMNET_MPI(MPI_Wait(&message.request, MPI_STATUS_IGNORE));
  waited_ += seconds_since_start() - before;
}

void Messages::progress() {
  int done = 0;
  for (auto* messages : {&sent_, &expected_})
    for (auto& [tag, message] : *messages)
      if (message.request != MPI_REQUEST_NULL)
        ADMMNET_MPI(MPI_Test(&message.request, &done, MPI_STATUS_IGNORE));
}

void Messages::finish() {
  for (auto& [tag, message] : sent_) wait(message);
}

}  // namespace admmnet
