// The deck knows the formats of the program around it: here those of the room data.
#include "data/formats.h"

#include <catch2/catch.hpp>

#include "config/parse.h"
#include "config/schema.h"
#include "runtime/error.h"

using namespace admmnet;
using Catch::Matchers::Contains;

TEST_CASE("every format is a value of -data_format, and nothing else is") {
  for (const FileFormat* format : format_table().rows()) {
    const Options options = parse_options({"-data_format", format->name});
    CHECK(&format_of(options.data) == format);
    CHECK_THAT(find_key("data_format")->allowed, Contains(format->name));
  }
  CHECK_THROWS_WITH(parse_options({"-data_format", "xls"}),
                    Contains("-data_format: 'xls' is not allowed; allowed: one of idx, csv"));
  DataOptions options;
  options.format = "xls";
  CHECK_THROWS_WITH(format_of(options), Contains("allowed: one of idx, csv"));
}
