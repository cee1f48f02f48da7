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
  Safeguard guard;
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
  Safeguard guard;
  guard.judge(2.0);
  for (int block = 0; block < 200; ++block) guard.judge(0.001);  // f falls to about .001
  CHECK(guard.running_loss() == Approx(0.001).epsilon(0.01));
  CHECK(guard.judge(0.2) == Verdict::accepted);  // 200 times f, and below .1 f_0
  CHECK(guard.judge(0.21) == Verdict::rejected);
}

TEST_CASE("a block with twice the loss of the others does not bring a training to a halt") {
  for (const double first : {1.0, 4.0}) {
    Safeguard guard;
    guard.judge(first);
    for (int pass = 0; pass < 40; ++pass)
      for (int block = 0; block < 8; ++block) guard.judge(block == 7 ? 2.0 : 1.0);
    // f_0 = 4: f = 1.2, and 2 <= 1.8 + .4. f_0 = 1: 2 > 1.8 + .1, f = 1.6; seven blocks later
    // f = 1 + .6 .8^7 = 1.126, then 1.30, and 2 <= 1.95 + .1; in the pass after that f = 1.25, and
    // 2 > 1.875 + .1. Without slack and rise: a rejection in every pass.
    INFO("f_0 = " << first);
    CHECK(guard.rejections() == (first == 1.0 ? 20 : 0));
  }
}

TEST_CASE("what is not finite is rejected, and neither f nor f_0 takes it in") {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Safeguard guard;
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
  Safeguard guard;
  StateView view;
  guard.append_state(view);
  for (const StateScalar& scalar : view.scalars)
    if (scalar.path == "iterate/running_loss") *scalar.real = 0.001;
  CHECK(guard.judge(0.0012) == Verdict::accepted);
  CHECK(guard.judge(0.002) == Verdict::rejected);  // 1.5 f + .1 f_0 = about .0019
}

}  // namespace
}  // namespace admmnet
