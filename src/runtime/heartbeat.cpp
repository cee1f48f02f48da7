#include "runtime/heartbeat.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <unistd.h>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/machine.h"

namespace admmnet {

namespace {

using Seconds = std::chrono::duration<double>;
using Clock = std::chrono::steady_clock;

// Written by the thread that works and read by the watchdog, which may see one of them earlier than
// another: they are for a message.
struct LastSign {
  std::atomic<unsigned long> beats{0};
  std::atomic<const char*> phase{nullptr}, part{nullptr};
  std::atomic<Index> iteration{0}, step{0}, steps{0};
};
LastSign last;

constexpr int text_bytes = 512;

void count_beat() {
  last.beats.fetch_add(1, std::memory_order_relaxed);
}

/// Without allocating, for a watchdog must not wait for a lock that the stalled thread holds.
void write_place(char (&text)[text_bytes]) {
  char part[256] = "", pass[64] = "", step[64] = "";
  if (const char* const what = last.part) std::snprintf(part, sizeof part, " (%.240s)", what);
  const auto number = [](const std::atomic<Index>& value) { return static_cast<long long>(value); };
  if (last.iteration > 0) std::snprintf(pass, sizeof pass, ", pass %lld", number(last.iteration));
  if (last.steps > 0)
    std::snprintf(step, sizeof step, ", step %lld of %lld", number(last.step), number(last.steps));
  const char* const phase = last.phase;
  std::snprintf(text, sizeof text, "%s%.100s%s%s%s", phase ? "phase " : "",
                phase ? phase : "no timed phase", part, pass, step);
}

/// In one piece, so that lines of other ranks do not come in between.
void print_line(const char* text, int bytes) {
  if (::write(STDERR_FILENO, text, static_cast<std::size_t>(bytes)) < 0) return;
}

}  // namespace

const char* lasting_text(const std::string& text) {
  static std::mutex mutex;
  static auto* const texts = new std::set<std::string>;  // beyond the end of main
  const std::lock_guard<std::mutex> guard(mutex);
  return texts->insert(text).first->c_str();
}

void beat(const char* what) {
  last.part = what;
  count_beat();
}

const char* heartbeat_phase(const char* phase) {
  const char* const before = last.phase.exchange(phase);
  last.part = nullptr;
  count_beat();
  return before;
}

void heartbeat_step(Index iteration, Index step, Index steps) {
  last.iteration = iteration;
  last.step = step;
  last.steps = steps;
  count_beat();
}

std::string heartbeat_place() {
  char text[text_bytes];
  write_place(text);
  return text;
}

StallTimer::Verdict StallTimer::look(unsigned long beats, double seconds) {
  if (beats != beats_) {
    beats_ = beats;
    idle_ = 0.0;
    reported_ = false;
    return Verdict::alive;
  }
  idle_ += std::min(seconds, 2.0 * look_);
  if (idle_ < limit_) return Verdict::alive;
  if (!reported_) {
    reported_ = true;
    return Verdict::report;
  }
  return idle_ < limit_ + grace_ ? Verdict::alive : Verdict::end;
}

Watchdog::Watchdog(double minutes, MPI_Comm comm)
    : minutes_(minutes), rank_(rank_of(comm)), host_(host_name()) {
  if (minutes_ <= 0.0) return;
  // Signals are for the thread that works.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { watch(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Watchdog::~Watchdog() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchdog::watch() {
  constexpr double longest_look = 1.0, longest_grace = 10.0;
  const double limit = 60.0 * minutes_;
  const double look = std::min(longest_look, limit / 20.0);
  StallTimer timer(limit, std::min(longest_grace, limit / 2.0), look);
  std::unique_lock<std::mutex> guard(mutex_);
  for (auto then = Clock::now(); !wake_.wait_for(guard, Seconds(look), [this] { return stop_; });) {
    const auto now = Clock::now();
    const auto verdict = timer.look(last.beats, Seconds(now - then).count());
    then = now;
    if (verdict == StallTimer::Verdict::report) report();
    if (verdict == StallTimer::Verdict::end) end_all_ranks();
  }
}

void Watchdog::report() const {
  char place[text_bytes], text[2 * text_bytes];
  write_place(place);
  const int used =
      std::snprintf(text, sizeof text,
                    "[rank %d/%.64s] admmnet: stalled: nothing has ended for %g minutes in %s\n",
                    rank_, host_.c_str(), minutes_, place);
  print_line(text, used);
}

void Watchdog::end_all_ranks() const {
  // One rank after the other, so that few of them say this.
  std::this_thread::sleep_for(std::chrono::milliseconds(100 * std::min(rank_, 50)));
  char text[2 * text_bytes];
  const int used = std::snprintf(
      text, sizeof text,
      "admmnet: the run has stalled, and ends with exit code %d: the same command goes on from the "
      "newest checkpoint. A rank of the process grid without a line above was stopped, or its node "
      "is lost or overloaded: leave that node out. Where none is missing, the one in another place "
      "holds up the rest; if it only needed longer, raise -run_stall_minutes.\n",
      static_cast<int>(ExitCode::stopped));
  print_line(text, used);
  constexpr unsigned int patience = 10;  // seconds
  std::signal(SIGALRM, [](int) { std::_Exit(static_cast<int>(ExitCode::stopped)); });
  ::alarm(patience);
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(ExitCode::stopped));
  std::_Exit(static_cast<int>(ExitCode::stopped));
}

}  // namespace admmnet
