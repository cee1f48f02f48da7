#include "csv_row.h"

#include <sstream>

#include <catch2/catch.hpp>

#include "config/parse.h"
#include "data/dataset.h"
#include "test_files.h"

namespace admmnet::test {

namespace {

std::string read_back(const std::string& path, const Contents& contents, const CsvLayout& layout,
                      Missing missing) {
  const auto features = static_cast<std::size_t>(layout.features);
  std::vector<double> values(features * static_cast<std::size_t>(contents.samples));
  const auto source = open_csv(path, layout, missing);
  source->read(0, contents.samples, reinterpret_cast<unsigned char*>(values.data()));
  source->expect_end();
  std::ostringstream out;
  if (!layout.feature_names.empty()) out << "[";
  for (const std::string& name : layout.feature_names)
    out << (&name == &layout.feature_names[0] ? "" : " ") << name;
  if (!layout.feature_names.empty()) out << "] ";
  for (std::size_t s = 0; s < contents.labels.size(); ++s) {
    out << (s > 0 ? " | " : "");
    const int label = contents.labels[s];
    if (label == kLeftOut) {
      out << "-";
      continue;
    }
    for (std::size_t i = 0; i < features; ++i)
      out << (i > 0 ? " " : "") << values[s * features + i];
    for (Index t = 0; t < contents.targets; ++t)
      out << (t > 0 ? "," : "=")
          << contents.reals[s * static_cast<std::size_t>(contents.targets) +
                            static_cast<std::size_t>(t)];
    if (layout.label_field >= 0 && contents.targets == 0)
      out << ">" << contents.label_names[static_cast<std::size_t>(label)];
  }
  return out.str();
}

}  // namespace

void check(const Row& row, const TrainedColumns* trained) {
  const TestFolder folder;
  const std::string path = folder.write("t.csv", row.text);
  std::vector<std::string> arguments = {"-data_format", "csv", "-data_train", path};
  arguments.insert(arguments.end(), row.keys.begin(), row.keys.end());
  const DataOptions options = parse_options(arguments).data;
  INFO(row.what);
  std::string outcome, said;
  try {
    CsvLayout layout;
    const Contents contents = scan_csv(path, options, trained, layout);
    outcome = read_back(path, contents, layout, options.missing);
    for (const std::string& note : contents.notes) said += note + "\n";
  } catch (const BadInput& error) {
    outcome = "!";
    said = error.what();
    CHECK(said.find(path) != std::string::npos);
  }
  INFO("said: " << said);
  CHECK(outcome == row.outcome);
  for (const std::string& part : row.said) {
    INFO("expected: " << part);
    CHECK(said.find(part) != std::string::npos);
  }
}

}  // namespace admmnet::test
