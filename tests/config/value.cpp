#include "config/value.h"

#include <cmath>

#include <catch2/catch.hpp>

using namespace admmnet;

namespace {

// True when `text` is read, and gives `expected`.
template <class T>
bool reads(const std::string& text, const T& expected, const Range& range = {}) {
  T value{};
  return Codec<T>::read(text, range, value) && value == expected;
}

template <class T>
bool refuses(const std::string& text, const Range& range = {}) {
  T value{};
  return !Codec<T>::read(text, range, value);
}

}  // namespace

TEST_CASE("keys begin with a dash and a letter; numbers are values") {
  for (const char* key : {"-a", "--net_hidden", "-info", "-infinite_x", "-e1"}) {
    INFO(key);
    CHECK(is_key(key));
  }
  for (const char* value : {"", "-", "--", "-1", "-.5", "-1e-3", "-inf", "-nan", "a", "5", "-_a"}) {
    INFO(value);
    CHECK_FALSE(is_key(value));
  }
}

TEST_CASE("integers are decimal, whole and in range") {
  CHECK(reads<Index>("-3", -3));
  CHECK(reads<Index>("+3", 3));
  CHECK(reads<Index>("9000000000", 9000000000));
  for (const char* text :
       {"", "1.0", "1e3", "0x10", "3 ", "+", "+-3", "9223372036854775808", "x"}) {
    INFO(text);
    CHECK(refuses<Index>(text));
  }
  CHECK(refuses<int>("2147483648"));
  CHECK(reads<Index>("1", 1, at_least(1)));
  CHECK(refuses<Index>("0", at_least(1)));
}

TEST_CASE("reals are finite decimals") {
  CHECK(reads("-1e-3", -1e-3));
  CHECK(reads(".5", .5));
  for (const char* text :
       {"", "nan", "inf", "-inf", "1e999", "0x1p3", "1,5", " 1", "1 ", "e", "-"}) {
    INFO(text);
    CHECK(refuses<double>(text));
  }
  CHECK(refuses<double>("0", above(0)));
  CHECK(refuses<double>("1", {0, 1, false, true}));
  CHECK(reads("0", 0.0, {0, 1, false, true}));
}

TEST_CASE("reals are written with the fewest digits that read back as the same number") {
  CHECK(Codec<double>::write(0.1) == "0.1");
  CHECK(Codec<double>::write(10) == "10");
  CHECK(Codec<double>::write(1e-6) == "1e-06");
  for (const double value : {1.0 / 3, std::nextafter(0.1, 1), 1e300, 5e-324, 123456789.0, -0.0}) {
    INFO(value);
    CHECK(reads(Codec<double>::write(value), value));
  }
}

TEST_CASE("lists, flags, enumerations, optional values, durations") {
  using List = std::vector<Index>;
  CHECK(reads("100", List{100}));
  CHECK(reads("1,2,3", List{1, 2, 3}));
  CHECK(reads("[1, 2 ,3]", List{1, 2, 3}));
  CHECK(reads("[]", List{}));
  for (const char* text : {"", "1,", ",1", "1,,2", "1 2", "[1", "1;2"}) {
    INFO(text);
    CHECK(refuses<List>(text));
  }
  CHECK(refuses<List>("5,0", at_least(1)));

  CHECK(reads("Yes", true));
  CHECK(reads("off", false));
  CHECK(refuses<bool>("maybe"));
  CHECK(reads("hard_tanh", ActivationKind::hard_tanh));
  CHECK(refuses<ActivationKind>("softsign"));
  CHECK(reads("auto", std::optional<Index>{}));
  CHECK(reads("7", std::optional<Index>{7}));
  CHECK(refuses<std::optional<Index>>("Auto"));

  std::optional<double> seconds;
  CHECK((DurationCodec::read("08:30:05", {}, seconds) && seconds == 8 * 3600 + 30 * 60 + 5));
  CHECK(DurationCodec::write(seconds) == "08:30:05");
  CHECK((DurationCodec::read("auto", {}, seconds) && !seconds));
  const std::pair<const char*, double> forms[] = {
      {"100:00:00", 360000},  {"90", 5400},     {"90:30", 5430},     {"01:30", 90},
      {"1:30:05", 5405},      {"2-12", 216000}, {"2-12:30", 217800}, {"2-12:30:05", 217805},
      {"0-36:00:01", 129601}, {"1440", 86400},  {"7-0", 604800}};
  for (const auto& [text, expected] : forms) {
    INFO(text);
    CHECK((DurationCodec::read(text, {}, seconds) && seconds == expected));
    std::optional<double> again;
    CHECK((DurationCodec::read(DurationCodec::write(seconds), {}, again) && again == seconds));
  }
  for (const char* text :
       {"",         "1:60:00", "1:00:60", "90:60",      "-1:00:00", "0:0:0",  "0",        "1:2:3:4",
        "1:00:00x", "1::0",    "1-",      "-1",         "1-2-3",    "1-2:60", "1-2:3:60", "1-:2",
        "1:2-3",    "1.5",     "1e3",     "1234567890", " 1",       "1 "}) {
    INFO(text);
    CHECK_FALSE(DurationCodec::read(text, {}, seconds));
  }
}

TEST_CASE("UTF-8 and what is not") {
  for (const char* text : {"", "run_1", "caf\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80",
                           "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    INFO(text);
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"caf\xe9", "\x80", "a\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe6\x97",
        "\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    INFO(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("components: none, all, a number or a share") {
  const auto kind_of = [](const std::string& text) {
    Components value;
    CHECK(Codec<Components>::read(text, {}, value));
    CHECK(Codec<Components>::write(value) == text);
    return value.kind;
  };
  CHECK(kind_of("none") == Components::none);
  CHECK(kind_of("all") == Components::all);
  CHECK(kind_of("1") == Components::number);
  CHECK(kind_of("240") == Components::number);
  CHECK(kind_of("0.975") == Components::share);
  for (const char* text :
       {"0", "-3", "1.0", "1.5", "0.0", "-0.5", "some", "auto", "", "3000000000"}) {
    INFO(text);
    CHECK(refuses<Components>(text));
  }
}
