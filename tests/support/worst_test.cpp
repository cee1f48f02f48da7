#include "support/worst.h"

#include <limits>
#include <sstream>

#include <catch2/catch.hpp>

using admmnet::test::Worst;

static std::string text_of(const Worst& worst) {
  std::ostringstream text;
  text << worst;
  return text.str();
}

TEST_CASE("the worst deviation is kept with its place") {
  Worst worst;
  worst.add(-2.0, "row", 0);
  CHECK(worst <= -2.0);
  worst.add(0.25, "row", 1);
  worst.add(0.125, "row", 2);
  CHECK(worst <= 0.25);
  CHECK_FALSE(worst <= 0.2);
  CHECK(text_of(worst) == "0.25 at row 1");
}

TEST_CASE("NaN and infinity stick, and nothing at all is no success") {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(Worst() <= infinity);
  for (const double bad : {nan, infinity, -infinity})
    for (const int before : {0, 1}) {
      Worst worst;
      if (before == 1) worst.add(-1.0);
      worst.add(bad, "here");
      worst.add(2.0, "later");
      CHECK_FALSE(worst <= infinity);
      CHECK(text_of(worst).find("here") != std::string::npos);
    }
}
