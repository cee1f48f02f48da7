#include "test_files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <mpi.h>
#include <zlib.h>

#include "runtime/communicator.h"
#include "support/mpi_check.h"

namespace admmnet::test {

namespace {

bool is_root() {
  return rank_of(MPI_COMM_WORLD) == 0;
}

bool ends_with_gz(const std::string& name) {
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".gz") == 0;
}

}  // namespace

TestFolder::TestFolder() {
  if (is_root()) {
    path_ = (std::filesystem::temp_directory_path() / "admmnet-data-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  path_ = broadcast(path_, 0, MPI_COMM_WORLD);
  REQUIRE(!path_.empty());
}

TestFolder::~TestFolder() {
  MPI_Barrier(MPI_COMM_WORLD);
  std::error_code ignored;
  if (is_root()) std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::write(const std::string& name, const std::string& bytes) const {
  return write_unpacked(name, ends_with_gz(name) ? packed(bytes) : bytes);
}

std::string TestFolder::write_unpacked(const std::string& name, const std::string& bytes) const {
  if (is_root()) std::ofstream(path(name), std::ios::binary) << bytes;
  MPI_Barrier(MPI_COMM_WORLD);
  return path(name);
}

void TestFolder::remove(const std::string& name) const {
  MPI_Barrier(MPI_COMM_WORLD);
  if (is_root()) std::filesystem::remove_all(path(name));
  MPI_Barrier(MPI_COMM_WORLD);
}

std::string idx_bytes(const std::vector<std::uint32_t>& sizes, const std::string& values,
                      unsigned char type) {
  std::string bytes = {'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  return bytes + values;
}

std::string packed(const std::string& bytes) {
  constexpr int gzip_window = 15 + 16;
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

int Pattern::value(Index sample, Index feature) const {
  // The last feature is constant, as the border pixels of real images are.
  return feature == features - 1
             ? 17
             : static_cast<int>((37 * sample + 101 * feature + sample * sample * (feature + 1)) %
                                256);
}

int Pattern::label(Index sample) const {
  return first_label + static_cast<int>((7 * sample + sample / 5) % classes);
}

std::string Pattern::idx_images() const {
  std::string values;
  for (Index s = 0; s < samples; ++s)
    for (Index i = 0; i < features; ++i) values += static_cast<char>(value(s, i));
  return idx_bytes(
      {static_cast<std::uint32_t>(samples), 2, static_cast<std::uint32_t>(features / 2)}, values);
}

std::string Pattern::idx_labels() const {
  std::string values;
  for (Index s = 0; s < samples; ++s) values += static_cast<char>(label(s));
  return idx_bytes({static_cast<std::uint32_t>(samples)}, values);
}

std::string Pattern::csv(LabelColumn label_column, bool header) const {
  std::string text;
  const auto add_line = [&](const std::string& label_text, const auto& value_text) {
    if (label_column == LabelColumn::first) text += label_text + ",";
    for (Index i = 0; i < features; ++i) text += (i > 0 ? "," : "") + value_text(i);
    text += (label_column == LabelColumn::last ? "," + label_text : "") + "\n";
  };
  if (header) add_line("label", [](Index i) { return "x" + std::to_string(i); });
  for (Index s = 0; s < samples; ++s)
    add_line(std::to_string(label(s)), [&](Index i) { return std::to_string(value(s, i)); });
  return text;
}

Outcome outcome_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

void require_bad_input(const std::function<void()>& call, const std::vector<std::string>& parts) {
  const Outcome outcome = outcome_of(call);
  INFO("message: " << outcome.message);
  REQUIRE_ALL(outcome.code == ExitCode::bad_input);
  for (const auto& part : parts) {
    INFO("expected in the message: " << part);
    REQUIRE_ALL(outcome.message.find(part) != std::string::npos);
  }
}

}  // namespace admmnet::test
