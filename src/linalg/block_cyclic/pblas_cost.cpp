#include "linalg/block_cyclic/pblas_cost.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace admmnet {
namespace {

/// Columns or rows that PBLAS works on at once (pblas_block.cpp).
constexpr double kLogicalBlock = 256.0;
/// PBLAS weighs combining against broadcasting by this, and shifts its choices by it.
constexpr double kCombine = 1.3, kCombineSymmetric = 1.5;
/// Unblocked LAPACK code takes so many times longer than a product of the same flops.
constexpr double kUnblocked = 10.0;

double blocks(const Extent& n) {
  return std::ceil(static_cast<double>(n.size) / static_cast<double>(n.block));
}

double size(const Extent& n) {
  return static_cast<double>(n.size);
}

/// The largest part when n is dealt out to p processes, in whole blocks: what PBLAS estimates with.
double share(const Extent& n, int p) {
  return std::ceil(blocks(n) / p) * static_cast<double>(n.block);
}

double first_block(const Extent& n) {
  return std::min(size(n), static_cast<double>(n.block));
}

/// The same in entries that are there.
double largest(const Extent& n, int p) {
  return std::min(share(n, p), size(n));
}

/// Panels of a dimension: they end where the process that owns them changes.
double panels(const Extent& n, int owners) {
  const double pieces = std::min<double>(owners, blocks(n));
  return pieces * std::ceil(size(n) / pieces / kLogicalBlock);
}

/// Blocks that one logical block consists of.
double pieces(const Extent& n) {
  return std::min(std::ceil(kLogicalBlock / static_cast<double>(n.block)), blocks(n));
}

/// A panel that lies on several processes is passed along them until one has it all: so often each
/// of its entries is sent, in the mean.
double gathering(const Extent& n, int processes) {
  return 0.5 * (std::min<double>(processes, pieces(n)) - 1.0);
}

/// Messages of a rank while that happens, and while such a panel is scattered again.
double passing(const Extent& n, int processes) {
  return (std::min<double>(processes, pieces(n)) - 1.0) / processes;
}

double steps(const Extent& n) {
  return std::ceil(size(n) / kLogicalBlock);
}

/// Entries of the lower triangle of order n in steps of the logical block.
double staircase(double n) {
  return 0.5 * n * (n + std::min(n, kLogicalBlock));
}

/// Messages of a rank in a broadcast: along a ring where all dimensions exceed the logical block.
double broadcast(int p, bool large) {
  return large ? (p - 1.0) / p : rounds(p);
}

/// Part of a panel that changes its process when rows are turned into columns.
double turned(GridShape grid) {
  return 1.0 - 1.0 / std::lcm(grid.rows, grid.cols);
}

/// The same of a panel that all process columns have: from its process rows into one of them, or
/// along the diagonal of a square grid.
double turned_copies(GridShape grid) {
  return grid.rows == grid.cols ? 0.0 : 1.0 - 1.0 / grid.rows;
}

}  // namespace

double rounds(int p) {
  return std::ceil(std::log2(static_cast<double>(p)));
}

namespace {

/// C := op(A) op(B), and what the three forms below have in common.
struct Product {
  GridShape grid;
  bool tA, tB;
  Extent m, n, k;

  double rows() const { return grid.cols > 1; }  ///< 1: there is something to send along rows
  double cols() const { return grid.rows > 1; }
  double on_rows(const Extent& d) const { return share(d, grid.rows); }
  double on_cols(const Extent& d) const { return share(d, grid.cols); }
  double turn(const Extent& d) const { return std::max(on_rows(d), on_cols(d)); }
  double local(const Extent& row, const Extent& col) const {
    return largest(row, grid.rows) * largest(col, grid.cols);
  }
  int cycle() const { return std::lcm(grid.rows, grid.cols); }
  bool large() const { return std::min({size(m), size(n), size(k)}) > kLogicalBlock; }
};

/// PBLAS's estimate, by which it chooses, and what happens.
struct Form {
  double estimate;
  PblasCost cost;
};

/// Panels of op(A)'s columns go along process rows, of op(B)'s rows along process columns.
Form keeping_c(const Product& p) {
  const double M = size(p.m), N = size(p.n), K = size(p.k);
  const int Pr = p.grid.rows, Pc = p.grid.cols;
  Form form;
  form.estimate = K * (p.rows() * p.on_rows(p.m) + p.tA * p.turn(p.m) + p.cols() * p.on_cols(p.n) +
                       p.tB * p.turn(p.n));
  const double turned = 1.0 - 1.0 / p.grid.ranks();
  form.cost.elements = (Pc - 1) * M * K + (Pr - 1) * K * N + turned * (p.tA * M * K + p.tB * K * N);
  form.cost.busiest = 2.0 * p.local(p.m, p.n) * K;
  const int owners = p.tA == p.tB ? p.cycle() : (p.tA ? Pr : Pc);
  form.cost.messages =
      panels(p.k, owners) * (broadcast(Pc, p.large()) + broadcast(Pr, p.large()) + p.tA + p.tB);
  return form;
}

/// Panels of op(B)'s columns are spread over A, and the partial sums of C combined.
Form keeping_a(const Product& p) {
  const double M = size(p.m), N = size(p.n), K = size(p.k);
  const int Pr = p.grid.rows, Pc = p.grid.cols;
  Form form;
  if (p.tA) {
    // With B as it is, PBLAS takes the blocks of B's columns for those of A's.
    const double columns = p.tB ? p.on_cols(p.m) : p.on_cols({p.m.size, p.n.block});
    form.estimate = N * (p.rows() * p.on_rows(p.k) + p.tB * p.turn(p.k) +
                         kCombine * p.cols() * columns + std::max(columns, p.on_rows(p.m)));
    form.cost.elements =
        (Pc - 1) * K * N + (Pr - 1) * M * N + turned(p.grid) * (p.tB * K * N + M * N);
    form.cost.busiest = 2.0 * p.local(p.k, p.m) * N;
    form.cost.messages = broadcast(Pc, p.large()) + rounds(Pr) + p.tB;
  } else {
    form.estimate = N * (p.cols() * p.on_cols(p.k) + !p.tB * p.turn(p.k) +
                         kCombine * p.rows() * p.on_rows(p.m));
    form.cost.elements = (Pr - 1) * K * N + (Pc - 1) * M * N + turned(p.grid) * !p.tB * K * N;
    form.cost.busiest = 2.0 * p.local(p.m, p.k) * N;
    form.cost.messages = broadcast(Pr, p.large()) + rounds(Pc) + !p.tB;
  }
  form.cost.messages *= panels(p.n, p.tB ? p.cycle() : Pc);
  return form;
}

/// Panels of op(A)'s rows are spread over B, and the partial sums of C combined.
Form keeping_b(const Product& p) {
  const double M = size(p.m), N = size(p.n), K = size(p.k);
  const int Pr = p.grid.rows, Pc = p.grid.cols;
  Form form;
  if (p.tB) {
    form.estimate = M * (p.cols() * p.on_cols(p.k) + p.tA * p.turn(p.k) +
                         kCombine * p.rows() * p.on_rows(p.n) + p.turn(p.n));
    form.cost.elements =
        (Pr - 1) * M * K + (Pc - 1) * M * N + turned(p.grid) * (p.tA * M * K + M * N);
    form.cost.busiest = 2.0 * p.local(p.n, p.k) * M;
    form.cost.messages = broadcast(Pr, p.large()) + rounds(Pc) + p.tA;
  } else {
    form.estimate = M * (p.rows() * p.on_rows(p.k) + !p.tA * p.turn(p.k) +
                         kCombine * p.cols() * p.on_cols(p.n));
    form.cost.elements = (Pc - 1) * M * K + (Pr - 1) * M * N + turned(p.grid) * !p.tA * M * K;
    form.cost.busiest = 2.0 * p.local(p.k, p.n) * M;
    form.cost.messages = broadcast(Pc, p.large()) + rounds(Pr) + !p.tA;
  }
  form.cost.messages *= panels(p.m, p.tA ? p.cycle() : Pr);
  return form;
}

}  // namespace

// PBLAS leaves one of the three matrices where it is, by its own estimate of what is least.
PblasCost gemm_cost(GridShape grid, bool transpose_A, bool transpose_B, Extent m, Extent n,
                    Extent k) {
  const Product product{grid, transpose_A, transpose_B, m, n, k};
  const Form C = keeping_c(product), A = keeping_a(product), B = keeping_b(product);
  PblasCost cost = B.cost;
  if (C.estimate <= kCombine * std::min(A.estimate, B.estimate))
    cost = C.cost;
  else if (A.estimate <= B.estimate && kCombine * A.estimate <= C.estimate)
    cost = A.cost;
  cost.flops = 2.0 * size(m) * size(n) * size(k);
  cost.least = std::min({largest(m, grid.rows), largest(n, grid.cols), size(k), kLogicalBlock});
  return cost;
}

// Where C's half is smaller than A, panels of A's rows are gathered, sent along process columns,
// and the products combined and scattered again; else A's columns are sent both ways, as in potrf.
PblasCost syrk_cost(GridShape grid, Extent n, Extent k) {
  const int Pr = grid.rows, Pc = grid.cols;
  const double rows = Pc > 1, cols = Pr > 1;
  const double N = size(n), K = size(k), nr = share(n, Pr), nc = share(n, Pc);
  const double half_moves = N * (cols * share(k, Pc) + rows * kCombine * nr / 2.0);
  const double A_moves = K * (rows * nr + cols * nc + std::max(nc, nr));
  const bool large = std::min(N, K) > kLogicalBlock;
  PblasCost cost;
  if (kCombine * half_moves <= A_moves) {
    const double scatter =
        Pc > 1 ? gathering(n, Pc) + (std::fmod(pieces(n) - 1.0, Pc) != 0.0) : 0.0;
    cost.elements = (Pr - 1 + gathering(n, Pr)) * N * K + (Pc - 1 + scatter) * staircase(N);
    cost.messages =
        steps(n) * (passing(n, Pr) + broadcast(Pr, large) + rounds(Pc) + passing(n, Pc));
  } else {
    cost.elements = (Pc - 1 + turned_copies(grid) + Pr - 1) * N * K;
    cost.messages =
        panels(k, Pc) * (broadcast(Pc, large) + broadcast(Pr, large) + turned_copies(grid));
  }
  cost.flops = N * (N + 1.0) * K;
  cost.busiest = 2.0 * staircase(N) / (Pr * Pc) * K * largest(n, Pr) * Pr / N;
  cost.least = std::min({nr, K, kLogicalBlock});
  return cost;
}

// Block column by block column: an unblocked factor of the diagonal block on one process, a
// triangular solve on one process column, and the update of the rest by everybody. The messages are
// fitted to counted ones; on one process column the updates go in steps of the logical block.
PblasCost potrf_cost(GridShape grid, Extent n) {
  const int Pr = grid.rows, Pc = grid.cols;
  const double N = size(n), b = first_block(n), below = 0.5 * N * (N - b);
  PblasCost cost;
  if (Pr == 1) {
    cost.elements = (Pc - 1) * below;
    cost.messages = blocks(n) * (Pc - 1) / Pc;
  } else if (Pc == 1) {
    cost.elements = (Pr - 1 + gathering(n, Pr)) * below +
                    2.0 * (Pr - 1) * b * b * std::max(0.0, blocks(n) - 2.0);
    const double wide = kLogicalBlock / b, updated = blocks(n) - 1.0;
    const double updates = updated * (updated + wide) / (2.0 * wide);
    cost.messages = (1.25 * updates + 3.6 * blocks(n)) * (0.1 + 0.9 * rounds(Pr));
  } else {
    cost.elements =
        (Pc - 1 + Pr - 1 + turned_copies(grid)) * below + (Pr - 1) * b * b * (blocks(n) - 1.0);
    const double turns = Pr == Pc ? 0.0 : Pr > Pc ? rounds(Pr) : 0.75;
    cost.messages = blocks(n) * (1.7 + 0.8 * rounds(Pr) + turns) + 3.0 * (rounds(Pr) + rounds(Pc));
  }
  cost.flops = N * N * N / 3.0;
  cost.busiest = N / 3.0 * largest(n, Pr) * largest(n, Pc) + 0.5 * N * b * largest(n, Pr) +
                 kUnblocked * N * b * b / 3.0;
  cost.least = b;
  return cost;
}

// With many rows of B, panels of L are gathered and sent along process columns, and blocks of B
// along process rows, of which one column after the other has its turn in a panel; with few, only B
// moves.
PblasCost trsm_cost(GridShape grid, Side side, bool transposed, Extent m, Extent n) {
  // From the left all is the same with rows and columns exchanged, but for one term of an estimate.
  const bool left = side == Side::left;
  const int Pr = left ? grid.cols : grid.rows, Pc = left ? grid.rows : grid.cols;
  const double rows = Pc > 1, cols = Pr > 1;
  const double M = size(m), N = size(n), MN = M * N, padded = share(n, 1);
  const double nr = share(n, Pr), nc = share(n, Pc), mr = share(m, Pr);
  const double combining = N * (cols * nc / 2.0 + kCombine * rows * mr);
  const double spreading = N * (cols * nc / 2.0 + rows * mr + transposed * std::max(nc, nr) / 2.0);
  const double B_moves = M * (transposed ? padded * (rows + cols) + std::max(nr, nc)
                              : left     ? padded * rows + cols
                                         : padded * cols + rows);
  const double L_panels = (Pr - 1 + gathering(n, Pr)) * staircase(N);
  PblasCost cost;
  const bool large = std::min(M, N) > kLogicalBlock;
  cost.messages =
      Pr == 1 ? 0.4 * blocks(n) + 0.6 * steps(n) * rounds(Pc)
              : blocks(n) * broadcast(Pc, large) + steps(n) * (large ? 1.0 : rounds(Pr) + 0.7);
  if ((transposed ? std::min(combining, spreading) : spreading) > 2.0 * B_moves) {
    cost.elements = transposed || Pr > 1 ? (Pr + Pc) * MN : (Pc - 1) * MN;
    cost.messages = std::max(1.0, 0.6 * blocks(n)) * rounds(std::max(Pr, Pc));
  } else if (transposed && combining <= spreading) {
    cost.elements =
        L_panels + (Pc - 1) * M * (N - first_block(n)) + rows * 0.5 * (pieces(n) - 1.0) * MN;
  } else {
    cost.elements = L_panels + (Pc - 1) * MN + transposed * turned(grid) * staircase(N);
  }
  cost.flops = MN * N;
  cost.busiest = largest(m, Pr) * N * (largest(n, Pc) + std::min(N, kLogicalBlock) * rows);
  cost.least = std::min(largest(m, Pr), first_block(n));
  return cost;
}

// S is completed from its triangle on the way. With many rows, panels of A and of S are spread and
// partial sums of C combined and scattered; with few, only A and C move, there and back.
PblasCost symm_cost(GridShape grid, Extent m, Extent n) {
  const int Pr = grid.rows, Pc = grid.cols;
  const double rows = Pc > 1, cols = Pr > 1;
  const double M = size(m), N = size(n), mr = share(m, Pr), nr = share(n, Pr), nc = share(n, Pc);
  const double S_moves = N * (cols * nc / 2.0 + rows * (1.0 + kCombine) * mr);
  const double A_moves =
      M * (1.0 + kCombine) * (rows * nr + cols * nc) + 2.0 * M * std::max(nr, nc);
  PblasCost cost;
  const bool large = std::min(M, N) > kLogicalBlock;
  if (kCombineSymmetric * S_moves <= A_moves) {
    cost.elements = (Pr - 1 + gathering(n, Pr)) * staircase(N) +
                    (2.0 * (Pc - 1) + std::min<double>(Pc, pieces(n)) - 1.0) * M * N;
    cost.messages = steps(n) * (passing(n, Pr) + broadcast(Pr, large) + rows * rounds(Pc) +
                                broadcast(Pc, large) + 2.0 * passing(n, Pc));
  } else {
    cost.elements = (2.0 * (Pr - 1 + Pc - 1) + turned(grid)) * M * N;
    cost.messages = steps(m) * (rounds(Pr) + 2.0 * rounds(Pc) + 1.0);
  }
  cost.flops = 2.0 * M * N * N;
  cost.busiest = 2.0 * largest(m, Pr) * largest(n, Pc) * N;
  cost.least = std::min({largest(m, Pr), largest(n, Pc), kLogicalBlock});
  return cost;
}

}  // namespace admmnet
