// The reference implementation checked against properties that no implementation of it shares.
#include <cmath>

#include <catch2/catch.hpp>

#include "reference/full_batch.h"
#include "reference/printed.h"
#include "reference/proximal.h"
#include "reference/resync_blocks.h"
#include "reference/synthetic.h"
#include "runtime/random.h"
#include "support/worst.h"

using namespace admmnet;
using namespace admmnet::reference;
using admmnet::test::Worst;

namespace {

const std::vector<ActivationKind> activations = {ActivationKind::relu, ActivationKind::leaky_relu,
                                                 ActivationKind::hard_sigmoid,
                                                 ActivationKind::hard_tanh};
const std::vector<Loss> losses = {Loss::squared, Loss::hinge, Loss::multiclass_hinge,
                                  Loss::softmax};

Matrix random_matrix(Index rows, Index cols, Index seed) {
  const CounterRandom random(seed, Stream::z);
  Matrix A(rows, cols);
  for (Index j = 0; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) A(i, j) = random.normal(i, j);
  }
  return A;
}

/// The entries of |A - B| over `size`.
Worst difference(const Matrix& A, const Matrix& B, double size = 1.0) {
  const Matrix off = A - B;
  Worst worst;
  for (Index j = 0; j < off.cols; ++j)
    for (Index i = 0; i < off.rows; ++i) worst.add(std::abs(off(i, j)) / size, "entry", i, j);
  return worst;
}

Worst relative_difference(const Matrix& A, const Matrix& B) {
  return difference(A, B, max_abs(B));
}

double loss_over_all(const Problem& problem, const Layers& W) {
  return mean_loss(problem, forward(problem, W, problem.X).z[problem.layers()], problem.targets());
}

}  // namespace

TEST_CASE("dense: a product and a Cholesky solve undo each other") {
  const Matrix A = random_matrix(30, 70, 1), R = random_matrix(5, 30, 2);
  const Matrix G = plus_diagonal(A * transposed(A), 1.0);
  // Condition number below 1e3 (70 columns for 30 rows), so 1e3 times rounding, with room for ten.
  CHECK(relative_difference(Cholesky(G).right_solve(R) * G, R) <= 1e-12);
  CHECK(relative_difference(G * Cholesky(G).left_solve(transposed(R)), transposed(R)) <= 1e-12);
  CHECK_THROWS(Cholesky(-1.0 * G));
}

TEST_CASE("hidden z: no other z on a fine grid is better") {
  const CounterRandom random(3, Stream::z);
  std::vector<ActivationKind> kinds = activations;
  kinds.insert(kinds.end(), {ActivationKind::tanh, ActivationKind::sigmoid});
  for (ActivationKind kind : kinds) {
    const Activation h{kind, 0.1};
    for (Index test = 0; test < 40; ++test) {
      const double a = 2.0 * random.normal(0, test), m = 2.0 * random.normal(1, test);
      const double gamma = std::exp(2.0 * random.normal(2, test));
      const auto objective = [&](double z) {
        return 0.5 * gamma * std::pow(a - activate(h, z), 2) + 0.5 * std::pow(z - m, 2);
      };
      const double smallest = objective(hidden_z(h, a, m, gamma, 1.0));
      bool beaten = false;
      for (int i = -4000; i <= 4000; ++i) {
        if (objective(0.005 * i) < smallest - 1e-13 * (1.0 + smallest)) beaten = true;  // rounding
      }
      CHECK_FALSE(beaten);
    }
  }
}

TEST_CASE("output z: no perturbation is better, for every loss") {
  const Index classes = 5, count = 20;
  const Matrix v = 2.0 * random_matrix(classes, count, 4);
  Matrix T(classes, count);
  for (Index j = 0; j < count; ++j) T(j % classes, j) = 1.0;
  for (Loss loss : losses) {
    for (double beta : {0.01, 0.3, 1.0, 10.0}) {
      const auto objective = [&](const Matrix& z) {
        return total_loss(loss, z, T) + 0.5 * beta * squared_norm(z - v);
      };
      const Matrix z = prox_loss(loss, beta, v, T);
      for (double size : {1e-6, 1e-3, 0.1}) {
        for (Index trial = 0; trial < 10; ++trial) {
          const Matrix other = z + size * random_matrix(classes, count, 100 + trial);
          CHECK(objective(z) <= objective(other) * (1.0 + 1e-14));  // rounding of the sums
        }
      }
    }
  }
}

TEST_CASE("printed: the objective falls at every iteration without a multiplier") {
  for (bool bias : {true, false}) {
    for (ActivationKind kind : activations) {
      for (Loss loss : losses) {
        Problem problem = synthetic_problem(6, 150, {9, 7}, 3);
        problem.activation = {kind, 0.1};
        problem.loss = loss;
        problem.bias = bias;
        PrintedParameters parameters = PrintedParameters::uniform(problem, 1.0, 2.0);
        parameters.beta = {0.5, 1.0, 2.0};
        parameters.multiplier = Multiplier::none;
        // The ridge is no part of the objective; here it is only as large as a singular Gram matrix
        // (a dead unit) needs, and what it can cost is below the tolerance.
        parameters.ridge = 1e-10;
        Printed sweep(problem, parameters);
        double before = sweep.objective();
        for (int k = 1; k <= 15; ++k) {
          sweep.iterate();
          INFO("iteration " << k);
          CHECK(sweep.objective() <= before * (1.0 + 1e-8));
          before = sweep.objective();
        }
      }
    }
  }
}

TEST_CASE("printed: the multiplier of the squared loss is y - z_L") {
  for (Multiplier multiplier : {Multiplier::output, Multiplier::residual}) {
    Problem problem = synthetic_problem(6, 100, {8}, 3);
    problem.loss = Loss::squared;
    PrintedParameters parameters = PrintedParameters::uniform(problem, 0.7, 3.0);
    parameters.multiplier = multiplier;
    parameters.warmup = 2;
    Printed sweep(problem, parameters);
    for (int k = 1; k <= 6; ++k) {
      sweep.iterate();
      if (k <= 2) {
        CHECK(max_abs(sweep.lambda) == 0.0);
      } else {
        CHECK(difference(sweep.lambda, sweep.T - sweep.z[2]) <= 1e-12);  // entries of order one
      }
    }
  }
}

TEST_CASE("printed: with the multiplier on the output from the start the labels cancel") {
  Problem problem = synthetic_problem(8, 400, {20}, 4);
  problem.loss = Loss::squared;
  problem.init = InitScheme::normal;
  // The first z_L = (y + beta m) / (1 + beta) holds the labels with weight 1 / (1 + beta), the last
  // that is heard of them; a large beta shows the collapse as MNIST does (16 %).
  PrintedParameters parameters = PrintedParameters::uniform(problem, 5.0, 5.0);
  parameters.warmup = 0;
  const auto final_accuracy = [&](Multiplier multiplier) {
    parameters.multiplier = multiplier;
    Printed sweep(problem, parameters);
    for (int k = 0; k < 30; ++k) {
      const Matrix z_before = sweep.z[2];
      sweep.iterate();
      if (multiplier == Multiplier::output && k >= 1) {
        // lambda = y - z_L makes z_L = (y + beta m - lambda) / (1 + beta) forget y
        // (src/methods/taylor/README.md §4.3).
        const Matrix m = sweep.W[2] * with_bias_row(problem, sweep.a[1]);
        CHECK(relative_difference(sweep.z[2], (1.0 / 6.0) * (z_before + 5.0 * m)) <= 1e-12);
      }
    }
    return accuracy(problem, sweep.W, problem.X, problem.labels);
  };
  const double output = final_accuracy(Multiplier::output);
  const double residual = final_accuracy(Multiplier::residual);
  const double none = final_accuracy(Multiplier::none);
  CAPTURE(output, residual, none);
  CHECK(output < residual - 0.2);
  CHECK(output < none - 0.2);
}

TEST_CASE("printed: the correction form of the activations equals the direct Cholesky form") {
  const double beta = 0.7, gamma = 0.2;
  for (Index units : {4, 12, 30}) {
    const Matrix W = random_matrix(units, 12, 5);
    const Matrix t = random_matrix(units, 25, 6), h = random_matrix(12, 25, 7);
    const Matrix Wt = transposed(W);
    const Cholesky H(plus_diagonal(beta * (W * Wt), gamma));
    const Matrix corrected = h + H.right_solve(beta * Wt) * (t - W * h);
    // Condition number of both inner matrices below 1e3.
    CHECK(relative_difference(corrected, printed_activations(W, t, h, beta, gamma)) <= 1e-12);
  }
}

TEST_CASE("resync: the output-side solve is the same for wide and tall layers") {
  for (Index units : {4, 30}) {
    const Matrix W = random_matrix(units, 12, 8), Wt = transposed(W);
    const double kappa = 0.1;
    // The other side: (W'^T W' + kappa s I)^{-1} W'^T with the same s = tr(W' W'^T) / n_{l+1}.
    const double s = squared_norm(W) / static_cast<double>(units);
    const Matrix other = Cholesky(plus_diagonal(Wt * W, kappa * s)).left_solve(Wt);
    CHECK(relative_difference(output_side_solve(W, kappa), other) <= 1e-12);
  }
}

TEST_CASE("resync: with every sample in the block the weight step is the proximal solve") {
  // Delta = argmin_W' |z + D - W' h~|^2 + ridge mbar |W' I'|^2 + p mbar |W' - W|^2, minus W.
  Problem problem = synthetic_problem(6, 80, {}, 3);
  const Matrix W = random_matrix(3, 7, 9), D = random_matrix(3, 80, 10);
  const Matrix x = with_bias_row(problem, problem.X), G = x * transposed(x);
  const double ridge = 0.3, p = 2.0, mbar = mean_diagonal(G);
  const Matrix S = (W * x + D) * transposed(x) + (p * mbar) * W;
  const Cholesky H(regularised(problem, G, ridge, p));
  const Matrix Delta = weight_step(problem, D * transposed(x), W, G, H, ridge);
  CHECK(relative_difference(W + Delta, H.right_solve(S)) <= 1e-12);
}

TEST_CASE("resync on blocks: the loss falls, for every activation and loss") {
  for (ActivationKind kind : activations) {
    for (Loss loss : losses) {
      Problem problem = synthetic_problem(8, 800, {24}, 4);
      problem.activation.kind = kind;
      problem.loss = loss;
      BlockParameters parameters = BlockParameters::defaults(problem, 8, 8);
      parameters.smoothing = 0.0;  // the loss below is the plain one
      ResyncBlocks sweep(problem, parameters);
      const double before = loss_over_all(problem, sweep.W);
      const double accuracy_before = accuracy(problem, sweep.W, problem.X, problem.labels);
      for (int k = 0; k < 8; ++k) sweep.pass();
      INFO("activation " << kind->name << ", loss " << loss->name);
      CHECK(loss_over_all(problem, sweep.W) < before);
      CHECK(accuracy(problem, sweep.W, problem.X, problem.labels) > accuracy_before);
      if (loss == Loss::softmax) CHECK(loss_over_all(problem, sweep.W) < 0.4 * before);
      CHECK(sweep.t == 8 * parameters.blocks);
    }
  }
}

TEST_CASE("resync on blocks: a step far too long is rejected and the network recovers") {
  Problem problem = synthetic_problem(8, 800, {24, 16}, 4);
  BlockParameters parameters = BlockParameters::defaults(problem, 10, 8);
  parameters.step = 300.0;
  parameters.smoothing = 0.0;  // the loss below is the plain one
  ResyncBlocks sweep(problem, parameters);
  const double before = loss_over_all(problem, sweep.W);
  for (int k = 0; k < 10; ++k) sweep.pass();
  CHECK(sweep.rejections > 0);
  // Halved by each rejection, 1.02 times as long after each accepted block, but never above 1.
  const double halved = std::pow(0.5, sweep.rejections);
  CHECK(sweep.eta_factor > halved);
  CHECK(sweep.eta_factor <= halved * std::pow(1.02, sweep.t - sweep.rejections) * (1.0 + 1e-12));
  CHECK(sweep.eta_factor <= 1.0);
  CHECK(loss_over_all(problem, sweep.W) < 0.5 * before);
}

TEST_CASE("resync, full batch: the accepted loss falls, one output and no bias included") {
  for (bool bias : {true, false}) {
    for (Index outputs : {1, 4}) {
      Problem problem = synthetic_problem(8, 600, {24, 12}, outputs);
      problem.loss = outputs == 1 ? Loss::squared : Loss::multiclass_hinge;
      problem.bias = bias;
      FullBatch sweep(problem, {});
      sweep.iterate();
      const double first = sweep.f;
      for (int k = 2; k <= 12; ++k) {
        const double before = sweep.f_accepted;
        sweep.iterate();
        // An increase is accepted only after the step has been cut to a quarter.
        if (!sweep.rejected && sweep.eta > 1.2 * 0.25 * 2.0) {
          CHECK(sweep.f_accepted <= 1.001 * before);
        }
      }
      CAPTURE(bias, outputs, first, sweep.f_accepted);
      CHECK(sweep.f_accepted < 0.7 * first);
    }
  }
}
