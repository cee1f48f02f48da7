#include "runtime/nearest.h"

#include <catch2/catch.hpp>

#include "config/schema.h"

using namespace admmnet;

TEST_CASE("edit distance counts insertions, deletions, substitutions and swaps") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("hidden", "hidden") == 0);
  CHECK(edit_distance("hiden", "hidden") == 1);
  CHECK(edit_distance("hiddne", "hidden") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest word is near or there is none") {
  CHECK(nearest_word("trian", {"predict", "train"}) == "train");
  CHECK(nearest_word("xyz", {"predict", "train"}).empty());
  CHECK(nearest_word("ab", {"ac", "ad"}) == "ac");
  CHECK(nearest_word("", {"a"}) == "a");
  CHECK(nearest_word("a", {}).empty());
}

TEST_CASE("the nearest key: misspelt, in no group, in the wrong group") {
  CHECK(nearest_key("net_hiden") == "net_hidden");
  CHECK(nearest_key("iterations") == "train_iterations");
  CHECK(nearest_key("net_iterations") == "train_iterations");
  CHECK(nearest_key("itertions") == "train_iterations");
  CHECK(nearest_key("ckpt_every_minute") == "ckpt_every_minutes");
  CHECK(nearest_key("qqqqqqqq").empty());
}
