#include "methods/taylor/safeguard.h"

#include <algorithm>
#include <cmath>

namespace admmnet {

namespace {
constexpr double kNewest = 0.2, kLargest = 2.0;  // of f: weight and bound of the newest block
constexpr double kGood = 1.1, kBad = 1.5, kSlack = 0.1;
constexpr double kRise = 0.5, kLargestRise = 3.0;  // the same on a rejection
constexpr double kHalve = 0.5, kRecover = 1.02;
constexpr double kFall = 4.0 / 3.0;  // of h, in a pass
}  // namespace

Safeguard::Safeguard(Index blocks) : fall_(std::pow(kFall, -1.0 / static_cast<double>(blocks))) {}

Safeguard::Verdict Safeguard::judge(double f_B) {
  const bool finite = std::isfinite(f_B);
  double& f = running_loss_;
  if (finite) {
    if (!std::isfinite(first_loss_)) first_loss_ = f_B;
    if (!std::isfinite(f)) f = f_B;
    // f <- .8 f + .2 min(f_B, 2 f)
    f = (1.0 - kNewest) * f + kNewest * std::min(f_B, kLargest * f);
    // h <- .75^(1/n) h, and with this block: max(h, min(f_B, 2 h))
    const double h = fall_ * largest_loss_;
    largest_loss_ = h > 0.0 ? std::max(h, std::min(f_B, kLargest * h)) : f_B;
    if (f_B <= kBad * f + kSlack * first_loss_ || f_B <= kBad * h) {
      step_factor_ = std::min(1.0, kRecover * step_factor_);
      return f_B <= kGood * f ? Verdict::good : Verdict::accepted;
    }
    // f <- .5 f + .5 min(f_B, 3 f)
    f = (1.0 - kRise) * f + kRise * std::min(f_B, kLargestRise * f);
  }
  step_factor_ *= kHalve;
  ++rejections_;
  return Verdict::rejected;
}

void Safeguard::append_state(StateView& view) {
  StateScalar first{"iterate/first_loss", &first_loss_, nullptr, 0.0, kUnknown};
  StateScalar largest{"iterate/largest_loss", &largest_loss_, nullptr, 0.0,
                      std::numeric_limits<double>::max()};
  first.presence = largest.presence = StateScalar::Presence::optional;
  view.scalars.push_back({"iterate/running_loss", &running_loss_, nullptr});
  view.scalars.push_back(first);
  view.scalars.push_back(largest);
  view.scalars.push_back({"iterate/step_factor", &step_factor_, nullptr, 0.0, 1.0});
  view.scalars.push_back({"iterate/rejections", nullptr, &rejections_, 0.0, largest_count});
}

}  // namespace admmnet
