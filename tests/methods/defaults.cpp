// What auto stands for in the block sweep, and the factors on the length of its steps.
#include <cmath>

#include <catch2/catch.hpp>

#include "methods/method_cost.h"
#include "methods/taylor/block_sweep.h"
#include "methods/taylor/taylor.h"

namespace admmnet::test {
namespace {

Topology topology(std::vector<Index> widths) {
  Topology result;
  result.widths = std::move(widths);
  return result;
}

struct Resolved {
  Index passes;
  TaylorOptions admm;
};

Resolved resolved(std::vector<Index> widths, Index samples, Options options = {}) {
  taylor_method().resolve({topology(std::move(widths)), samples, 0, 0}, options);
  return {*options.train.iterations, taylor_options(options)};
}

Options with_passes(Index passes) {
  Options options;
  options.train.iterations = passes;
  return options;
}

}  // namespace

TEST_CASE("passes and blocks by the number of columns") {
  const auto check = [](Index samples, Options options, Index passes, Index blocks, Index every) {
    CAPTURE(samples);
    const Resolved r = resolved({784, 256, 10}, samples, options);
    CHECK(r.passes == passes);
    CHECK(*r.admm.blocks == blocks);
    CHECK(*r.admm.gram_every == every);
  };
  check(55000, {}, 8, 66, 6);                // 833 columns
  check(55000, with_passes(2), 2, 265, 24);  // 530 updates, 207 columns
  check(55000, with_passes(1), 1, 275, 26);  // 200 columns
  check(55000, with_passes(50), 50, 66, 6);
  check(10000, {}, 17, 31, 15);  // 323 columns
  check(3000, {}, 50, 11, 11);   // 273 columns; once a pass
  check(1199, {}, 200, 1, 1);
  check(1200, {}, 200, 3, 3);  // 530 updates would be 2.65 blocks a pass
  check(10, {}, 200, 1, 1);
  check(100000, {}, 8, 120, 6);   // the last with 830 columns
  check(1000000, {}, 8, 120, 1);  // 964 updates
  check(1000000, with_passes(2), 2, 482, 3);
  check(1000000, with_passes(50), 50, 120, 1);
  check(10500000, {}, 8, 120, 1);

  Options columns;
  taylor_options(columns).block_columns = 2500;
  check(55000, columns, 8, 22, 2);
  Options first;
  taylor_options(first).defaults = Defaults::first;
  check(55000, first, 10, 22, 2);
}

TEST_CASE("steps and damping by the columns of a block and by depth") {
  const TaylorOptions one = resolved({784, 256, 10}, 55000).admm;
  const double f = std::sqrt(55000.0 / 66 / 2500);
  CHECK(*one.step == Approx(25 * f));
  CHECK(*one.step_output == Approx(0.2 * f));
  CHECK(*one.momentum == 0.9);
  CHECK(*one.proximal == 10.0);
  CHECK(*one.proximal_output == 0.1);
  CHECK(*one.schedule == Schedule::cosine);
  CHECK(*one.error_rule == ErrorRule::root);

  const TaylorOptions two = resolved({784, 256, 256, 10}, 55000).admm;
  CHECK(*two.step == Approx(25 * f / std::sqrt(2.0)));
  CHECK(*two.error_rule == ErrorRule::linear);

  // An output layer with more inputs than 1.2 N_b, and a hidden one with more than 80 N_b.
  const TaylorOptions wide = resolved({784, 50000, 8192, 10}, 55000, with_passes(2)).admm;
  const double columns = 55000.0 / 265;
  CHECK(*wide.proximal_output == Approx(8192 / (12 * columns)));
  CHECK(*wide.proximal == Approx(50000 / (8 * columns)));

  const TaylorOptions table = resolved({30, 100, 2}, 400).admm;
  CHECK(*table.step == 25.0);
  CHECK(*table.error_rule == ErrorRule::off);
  CHECK(*resolved({784, 10}, 55000).admm.error_rule == ErrorRule::off);
}

TEST_CASE("what a deck says goes before") {
  Options asked;
  TaylorOptions& admm = taylor_options(asked);
  admm.blocks = 9;
  admm.step = 3.0;
  admm.proximal_output = 0.7;
  admm.gram_every = 4;
  admm.schedule = Schedule::linear;
  admm.error_rule = ErrorRule::off;
  const TaylorOptions r = resolved({784, 256, 10}, 55000, asked).admm;
  CHECK(*r.blocks == 9);
  CHECK(*r.step == 3.0);
  CHECK(*r.proximal_output == 0.7);
  CHECK(*r.gram_every == 4);
  CHECK(*r.schedule == Schedule::linear);
  CHECK(*r.error_rule == ErrorRule::off);
}

TEST_CASE("the schedule of the steps") {
  CHECK(step_schedule(Schedule::cosine, 1, 0.0, 8) == Approx(1.0));
  CHECK(step_schedule(Schedule::cosine, 5, 0.0, 8) == Approx(0.02 + 0.49));
  CHECK(step_schedule(Schedule::cosine, 8, 1.0, 8) == Approx(0.02));
  CHECK(step_schedule(Schedule::cosine, 20, 0.5, 8) == Approx(0.02));  // beyond the last pass
  CHECK(step_schedule(Schedule::linear, 4, 0.5, 8) == 1.0);
  CHECK(step_schedule(Schedule::linear, 6, 0.5, 8) == Approx(1.0 - 2.0 / 4.5));
}

TEST_CASE("the error rule") {
  CHECK(error_factor(ErrorRule::root, 0.0) == 1.0);
  CHECK(error_factor(ErrorRule::root, 0.02) == Approx(1.0));
  CHECK(error_factor(ErrorRule::root, 0.08) == Approx(0.5));
  CHECK(error_factor(ErrorRule::root, 0.9) == 0.4);
  CHECK(error_factor(ErrorRule::linear, 0.03) == Approx(1.0));
  CHECK(error_factor(ErrorRule::linear, 0.06) == Approx(0.5));
  CHECK(error_factor(ErrorRule::linear, 0.9) == 0.1);
  CHECK(error_factor(ErrorRule::off, 0.9) == 1.0);
}

// Flops of a pass over those of its products with samples: forward, outer and backward
// (src/methods/taylor/README.md §6.9). Images come as about 245 components.
TEST_CASE("wide layers cost hardly more than their products with samples") {
  const auto ratio = [](const std::vector<Index>& widths, Index samples, bool components) {
    Options options;
    if (components) options.data.components = Components::of(widths.front());
    const ProblemSize problem{topology(widths), samples, 0, 0};
    taylor_method().resolve(problem, options);
    double products = 0.0;  // of a sample
    for (std::size_t l = 1; l < widths.size(); ++l) {
      const auto m = static_cast<double>(widths[l]), n = static_cast<double>(widths[l - 1]);
      products += 4.0 * m * (n + 1.0) + (l > 1 ? 2.0 * m * n : 0.0);
    }
    return MethodCost(taylor_method(), problem, options, 0).flops() /
           (products * static_cast<double>(samples));
  };
  CHECK(ratio({245, 2048, 2048, 10}, 55000, true) < 1.25);
  CHECK(ratio({245, 4096, 10}, 55000, true) < 1.25);
  CHECK(ratio({245, 4096, 4096, 10}, 55000, true) < 1.25);
  CHECK(ratio({245, 8192, 8192, 10}, 55000, true) < 1.25);
  CHECK(ratio({245, 16384, 10}, 55000, true) < 1.3);
  CHECK(ratio({5000, 50000, 50000, 10}, 1000000, false) < 1.25);
}

}  // namespace admmnet::test
