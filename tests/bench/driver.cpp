#include "driver.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "runtime/failure.h"
#include "runtime/session.h"

extern "C" {
void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
            const double*, const int*, const double*, const int*, const double*, double*,
            const int*);
void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*,
            const float*, const int*, const float*, const int*, const float*, float*, const int*);
}

namespace admmnet::bench {

Arguments::Arguments(int argc, char** argv, const std::vector<std::string>& names) {
  const std::string prefix = "-bench_";
  for (int i = 1; i < argc; ++i) {
    const std::string key = argv[i];
    asks_for_help_ = asks_for_help_ || key == "-help" || key == "-h";
    if (key.rfind(prefix, 0) != 0) {
      others_.push_back(key);
      continue;
    }
    const std::string name = key.substr(prefix.size());
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw BadInput(key + ": no such key, see -help");
    if (i + 1 == argc) throw BadInput(key + ": a value is missing");
    values_[name] = argv[++i];
  }
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

static Index to_number(const std::string& name, const std::string& text) {
  char* end = nullptr;
  const long long value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || value < 1)
    throw BadInput("-bench_" + name + ": '" + text + "' is not a whole number above 0");
  return value;
}

Index Arguments::number(const std::string& name, Index otherwise) const {
  return to_number(name, text(name, std::to_string(otherwise)));
}

std::vector<std::string> Arguments::list(const std::string& name,
                                         const std::string& otherwise) const {
  std::vector<std::string> result;
  std::stringstream stream(text(name, otherwise));
  for (std::string item; std::getline(stream, item, ',');) result.push_back(item);
  return result;
}

std::vector<Index> Arguments::numbers(const std::string& name, const std::string& otherwise) const {
  std::vector<Index> result;
  for (const std::string& item : list(name, otherwise)) result.push_back(to_number(name, item));
  return result;
}

int run_benchmark(int argc, char** argv, const char* help, const std::vector<std::string>& names,
                  const std::function<void(const Arguments&)>& body) {
  Session session(&argc, &argv);
  return exit_code_on_every_rank(MPI_COMM_WORLD, [&] {
    const Arguments arguments(argc, argv, names);
    if (arguments.asks_for_help()) {
      say(MPI_COMM_WORLD, "%s", help);
      return ExitCode::finished;
    }
    std::vector<std::string> for_petsc = {argv[0]};
    for_petsc.insert(for_petsc.end(), arguments.others().begin(), arguments.others().end());
    session.start_libraries(for_petsc);
    body(arguments);
    return ExitCode::finished;
  });
}

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values.front(), values[values.size() / 2], values.back()};
}

double seconds_of(MPI_Comm comm, const std::function<void()>& work) {
  MPI_Barrier(comm);
  const double start = MPI_Wtime();
  work();
  return max_over(comm, MPI_Wtime() - start);
}

std::vector<double> repeat(MPI_Comm comm, Index repeats, const std::function<void()>& work) {
  work();
  std::vector<double> seconds;
  for (Index r = 0; r < repeats; ++r) seconds.push_back(seconds_of(comm, work));
  return seconds;
}

static constexpr int kOrder = 2048, kRateRepeats = 5;

template <class T, class Gemm>
static double gemm_rate(MPI_Comm comm, Gemm gemm) {
  const int n = kOrder;
  const std::vector<T> A(static_cast<std::size_t>(n) * n, T(1)), B(A.size(), T(0.5));
  std::vector<T> C(A.size());
  const T one = 1, zero = 0;
  const Spread seconds = spread(repeat(comm, kRateRepeats, [&] {
    gemm("N", "N", &n, &n, &n, &one, A.data(), &n, B.data(), &n, &zero, C.data(), &n);
  }));
  return 2e-9 * n * n * n / seconds.min;
}

MachineRates measure_machine(MPI_Comm comm) {
  return {gemm_rate<double>(comm, dgemm_), gemm_rate<float>(comm, sgemm_)};
}

MachineRates best_of(const MachineRates& a, const MachineRates& b) {
  return {std::max(a.dgemm, b.dgemm), std::max(a.sgemm, b.sgemm)};
}

void Csv::row(const std::vector<std::pair<std::string, std::string>>& cells) const {
  if (!writes_ || path_.empty()) return;
  const bool fresh = !std::ifstream(path_).good();
  std::ofstream file(path_, std::ios::app);
  std::string names, values;
  for (const auto& [name, value] : cells) {
    names += (names.empty() ? "" : ",") + name;
    values += (values.empty() ? "" : ",") + value;
  }
  if (fresh) file << names << "\n";
  file << values << "\n";
}

void say(MPI_Comm comm, const char* format, ...) {
  if (rank_of(comm) != 0) return;
  va_list values;
  va_start(values, format);
  std::vprintf(format, values);
  va_end(values);
  std::fflush(stdout);
}

std::string text_of(const char* format, ...) {
  char text[256];
  va_list values;
  va_start(values, format);
  std::vsnprintf(text, sizeof text, format, values);
  va_end(values);
  return text;
}

}  // namespace admmnet::bench
