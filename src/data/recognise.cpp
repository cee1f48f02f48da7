#include "data/recognise.h"

#include <array>
#include <cstring>
#include <sys/stat.h>

#include "data/contents.h"
#include "data/csv_text.h"
#include "data/file_list.h"
#include "data/input_file.h"
#include "data/source.h"
#include "data/text_lines.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

template <std::size_t n>
bool stands_at(InputFile& file, Index offset, const char (&magic)[n]) {
  std::array<char, n> bytes{};
  return file.read_at(offset, bytes.data(), n - 1) == n - 1 &&
         std::memcmp(bytes.data(), magic, n - 1) == 0;
}

/// A file may begin with a block of the user's own, of 512 bytes or twice, four times, ... as many.
bool is_hdf5(InputFile& file) {
  constexpr Index last = Index{1} << 24;
  if (stands_at(file, 0, "\x89HDF\r\n\x1a\n")) return true;
  for (Index offset = 512; offset <= last && offset < file.size_on_disk(); offset *= 2)
    if (stands_at(file, offset, "\x89HDF\r\n\x1a\n")) return true;
  return false;
}

bool is_feature(std::string_view field) {
  const std::size_t colon = field.find(':');
  Index index = 0;
  double value = 0.0;
  return colon != std::string_view::npos && parse_index(field.substr(0, colon), index) &&
         parse_number(field.substr(colon + 1), value);
}

/// In the first line that has them all fields but a label are index:value.
bool is_svmlight(const std::string& path) {
  TextLines lines(path);
  std::string_view line;
  while (lines.next(line)) {
    std::string_view rest = trimmed(line.substr(0, line.find('#')));
    const std::string_view first = next_field(rest);
    std::string_view field = is_feature(first) ? first : next_field(rest);
    if (field.empty() && first.find(',') == std::string_view::npos) continue;
    while (is_feature(field)) field = next_field(rest);
    return field.empty() && first.find(',') == std::string_view::npos;
  }
  return false;
}

[[noreturn]] void not_looked_up() {
  throw InternalError("-data_format auto: nobody has looked at the files");
}

}  // namespace

std::string recognised_format(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return "idx";
  const std::string first = listed_files("data_train", path).front();
  InputFile file(first);
  if (!file.compressed()) {
    if (is_hdf5(file)) return "hdf5";
    if (stands_at(file, 0, "\x93NUMPY")) return "npy";
    if (stands_at(file, 0, "PK\3\4") || stands_at(file, 0, "PK\5\6")) return "npz";
  }
  std::array<char, 6> begin{};
  const std::size_t got = file.read(begin.data(), begin.size());
  if (got == begin.size() && std::memcmp(begin.data(), "\x93NUMPY", 6) == 0) return "npy";
  if (got >= 3 && std::memcmp(begin.data(), "\0\0\x08", 3) == 0)
    throw BadInput(first + ": is an IDX file; name its folder (-data_format idx -data_dir)");
  return is_svmlight(first) ? "svmlight" : "csv";
}

void AutomaticFormat::check(const DataOptions& options, DataUse use, const Refuse& refuse) const {
  refuse(use == DataUse::train && options.train.empty() && options.dir.empty(),
         {"data_train", "data_dir", "data_format"},
         "missing; name the file of the training samples");
  refuse(use == DataUse::predict && options.test.empty() && options.test_last == 0,
         {"data_test", "data_format"}, "missing; name the file of the samples to predict");
}

Contents AutomaticFormat::examine_train(const DataOptions&) const {
  not_looked_up();
}
Contents AutomaticFormat::examine_test(const DataOptions&, Need,
                                       const std::vector<std::string>&) const {
  not_looked_up();
}
ValueType AutomaticFormat::value_type(const DataOptions&) const {
  not_looked_up();
}
std::unique_ptr<SampleSource> AutomaticFormat::open(const DataOptions&, const DataShape&,
                                                    const SourceFile&) const {
  not_looked_up();
}

}  // namespace admmnet
