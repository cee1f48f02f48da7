#include "runtime/log.h"

#include <cstdio>

#include "runtime/communicator.h"

namespace admmnet {

Log::Log(MPI_Comm comm) : writes_(rank_of(comm) == 0) {}

Log::Log(MPI_Comm comm, const std::string& path, LineWriter::Mode mode) : Log(comm) {
  collectively(comm, [&] {
    if (writes_) file_ = LineWriter(path, mode);
  });
}

void Log::line(const std::string& text) {
  if (!writes_) return;
  std::fprintf(stdout, "%s\n", text.c_str());
  std::fflush(stdout);
  file_.write(text);
}

void Log::section(const std::string& title) {
  line();
  line("== " + title + " ==");
}

void Log::warning(const std::string& text) {
  line("warning: " + text);
}

void Log::value(const std::string& key, const std::string& value) {
  line(key + ": " + value);
}

std::string Log::format(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

}  // namespace admmnet
