// Where records may lie, and how long they may be.
#include <catch2/catch.hpp>

#include "csv_row.h"
#include "test_files.h"

using namespace admmnet;
using test::check;
using test::none;
using test::repeated;
using test::Row;
using test::TestFolder;

TEST_CASE("a record may begin and end anywhere in a piece of the file") {
  const TestFolder folder;
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 4000; ++i) {  // names of growing length, so that all places are met
    const std::string name(static_cast<std::size_t>(i % 241) + 1, static_cast<char>('a' + i % 26));
    expected.push_back(name + (i % 3 == 0 ? ", \"x\"" : ""));
    text += std::to_string(i) + "," + std::string(static_cast<std::size_t>(i % 700), ' ') + "1.5," +
            (i % 3 == 0 ? "\"" + name + ", \"\"x\"\"\"" : name) + (i % 2 == 0 ? "\r\n" : "\n");
  }
  REQUIRE(text.size() > (std::size_t{3} << 19));  // more than one piece
  DataOptions options;
  options.header = Header::no;
  CsvLayout layout;
  const Contents contents = scan_csv(folder.write("t.csv", text), options, nullptr, layout);
  REQUIRE(contents.samples == 4000);
  bool right = true;
  for (std::size_t s = 0; s < expected.size(); ++s)
    right =
        right && contents.label_names[static_cast<std::size_t>(contents.labels[s])] == expected[s];
  REQUIRE(right);
}

TEST_CASE("a line without an end is refused early") {
  const Row wide{
      "", "1,2,0\n" + repeated("1,", (1 << 22) + 1), none, "!", {"line 2: ", "4194304 fields"}};
  check(wide);
  const TestFolder folder;
  const std::string path =
      folder.write("t.csv.gz", "1,2,0\n" + std::string((std::size_t{64} << 20) + 1, '1'));
  try {
    CsvLayout layout;
    scan_csv(path, {}, nullptr, layout);
    FAIL("it was read");
  } catch (const BadInput& error) {
    CHECK_THAT(error.what(), Catch::Matchers::Contains("line 2: ") &&
                                 Catch::Matchers::Contains("longer than 64 MiB"));
  }
}
