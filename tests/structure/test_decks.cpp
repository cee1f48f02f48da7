// Every deck of input/ is accepted by the train command, and a used deck of it says the same.
#include <filesystem>
#include <vector>

#include <catch2/catch.hpp>

#include "config/deck.h"
#include "config/describe.h"
#include "config/parse.h"
#include "support/registered_methods.h"

using namespace admmnet;

TEST_CASE("the decks of input/ are accepted and survive their used.yaml") {
  std::vector<std::filesystem::path> decks;
  for (const auto& entry : std::filesystem::directory_iterator(ADMMNET_INPUT_DIR))
    if (entry.path().extension() == ".yaml") decks.push_back(entry.path());
  REQUIRE_FALSE(decks.empty());

  for (const auto& deck : decks) {
    INFO(deck);
    const Options options = parse_options(read_deck(deck.string()), Command::train, 1);
    // The name is the deck's own, so that runs of different decks do not meet in one place.
    CHECK(options.run.name == deck.stem());
    CHECK_FALSE(options.run.outdir.empty());
    const auto again =
        parse_options(deck_arguments(used_yaml(options), "used.yaml"), Command::train, 1);
    CHECK(values(again) == values(options));
  }
}
