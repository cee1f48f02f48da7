#include "runtime/signals.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <iterator>

#include "runtime/error.h"

namespace admmnet {

namespace {

// A handler may run on any thread of the BLAS library: lock-free atomics are safe in handlers
// (C++17 [support.signal]) and, other than volatile sig_atomic_t, between threads too.
using Counter = std::atomic<long>;
static_assert(Counter::is_always_lock_free);
Counter checkpoint_signals{0}, stop_signals{0}, terminate_signals{0}, last_terminate_ms{0};

constexpr long same_request_ms = 1000;
constexpr int watched[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
constexpr std::size_t watched_count = std::size(watched);
struct sigaction previous[watched_count];
bool watching = false;

long milliseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<long>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

void count_terminate(int number) {
  const long now = milliseconds();
  if (terminate_signals > 0 && now - last_terminate_ms < same_request_ms) return;
  last_terminate_ms = now;
  if (++terminate_signals < 3) return;
  // Takes effect when this handler returns, for the signal is blocked until then.
  std::signal(number, SIG_DFL);
  std::raise(number);
}

extern "C" void count_signal(int number) {
  const int saved = errno;
  if (number == SIGUSR1) ++checkpoint_signals;
  if (number == SIGUSR2) ++stop_signals;
  if (number == SIGTERM || number == SIGINT) count_terminate(number);
  errno = saved;
}

}  // namespace

SignalWatch::SignalWatch() {
  ADMMNET_REQUIRE(!watching, "two SignalWatch objects at a time");
  watching = true;
  checkpoint_signals = stop_signals = terminate_signals = 0;
  struct sigaction action = {};
  action.sa_handler = count_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigset_t all;
  sigemptyset(&all);
  for (std::size_t i = 0; i < watched_count; ++i) {
    sigaction(watched[i], &action, &previous[i]);
    sigaddset(&all, watched[i]);
  }
  sigprocmask(SIG_UNBLOCK, &all, nullptr);  // what has started us may have blocked them
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < watched_count; ++i) sigaction(watched[i], &previous[i], nullptr);
  watching = false;
}

SignalCounts signal_counts() {
  return {static_cast<int>(checkpoint_signals), static_cast<int>(stop_signals),
          static_cast<int>(terminate_signals)};
}

}  // namespace admmnet
