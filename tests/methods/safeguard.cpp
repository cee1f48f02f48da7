// The safeguard of the block sweep: its rule in numbers, and that it does not freeze a training.
#include "methods/taylor/safeguard.h"

#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

namespace admmnet {
namespace {

using Verdict = Safeguard::Verdict;

TEST_CASE("the rule, number by number") {
  Safeguard guard(8);
  // f = f_0 = 1
  CHECK(guard.judge(1.0) == Verdict::good);
  CHECK(guard.running_loss() == Approx(1.0));
  // f = .8 + .2 1.5 = 1.1; 1.5 <= 1.65 + .1, but above 1.21
  CHECK(guard.judge(1.5) == Verdict::accepted);
  CHECK(guard.running_loss() == Approx(1.1));
  // f = .88 + .2 min(9, 2.2) = 1.32; 9 > 1.98 + .1; f = .66 + .5 min(9, 3.96) = 2.64
  CHECK(guard.judge(9.0) == Verdict::rejected);
  CHECK(guard.running_loss() == Approx(2.64));
  CHECK(guard.step_factor() == Approx(0.5));
  CHECK(guard.judge(1.0) == Verdict::good);
  CHECK(guard.step_factor() == Approx(0.51));
  CHECK(guard.rejections() == 1);
}

TEST_CASE("the slack of a tenth of the first loss: noise close to zero loss is no reason") {
  Safeguard guard(8);
  guard.judge(2.0);
  for (int block = 0; block < 200; ++block) guard.judge(0.001);  // f falls to about .001
  CHECK(guard.running_loss() == Approx(0.001).epsilon(0.01));
  CHECK(guard.judge(0.2) == Verdict::accepted);  // 200 times f, and below .1 f_0
  CHECK(guard.judge(0.21) == Verdict::rejected);
}

TEST_CASE("blocks that stay difficult do not bring a training to a halt") {
  for (const double difficult : {2.0, 4.0, 100.0}) {
    Safeguard guard(8);
    guard.judge(1.0);
    for (int pass = 0; pass < 100; ++pass)
      for (int block = 0; block < 8; ++block)
        guard.judge(block == 6 ? difficult / 2.0 : block == 7 ? difficult : 0.1);
    // In a pass h becomes .75 2 2 = 3 times as large, until both are within 1.5 h for good.
    INFO("loss of the difficult block: " << difficult);
    CHECK(guard.rejections() <= 2.0 * std::ceil(std::log(difficult) / std::log(3.0)));
    CHECK(guard.step_factor() == 1.0);
  }
}

TEST_CASE("losses that grow are rejected, however large the largest of late") {
  Safeguard guard(8);
  double loss = 1.0;
  for (int block = 0; block < 16; ++block) guard.judge(block % 8 == 3 ? 3.0 : 1.0);
  const Index before = guard.rejections();
  for (int block = 0; block < 6; ++block) guard.judge(loss *= 5.0);
  CHECK(guard.rejections() >= before + 5);
}

TEST_CASE("what is not finite is rejected, and neither f nor f_0 takes it in") {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Safeguard guard(8);
    CHECK(guard.judge(bad) == Verdict::rejected);
    CHECK(guard.judge(2.0) == Verdict::good);
    CHECK(guard.running_loss() == Approx(2.0));
    CHECK(guard.judge(bad) == Verdict::rejected);
    CHECK(guard.running_loss() == Approx(2.0));
    CHECK(guard.rejections() == 2);
    CHECK(guard.step_factor() == Approx(0.5 * 0.51));
  }
}

TEST_CASE("state without f_0, as older programs wrote it: the next block sets it") {
  Safeguard guard(8);
  StateView view;
  guard.append_state(view);
  for (const StateScalar& scalar : view.scalars)
    if (scalar.path == "iterate/running_loss") *scalar.real = 0.001;
  CHECK(guard.judge(0.0012) == Verdict::accepted);
  CHECK(guard.judge(0.002) == Verdict::rejected);  // 1.5 f + .1 f_0 = about .0019
}

}  // namespace
}  // namespace admmnet
