#pragma once

#include <chrono>
#include <event_draft/deadline.hpp>
#include <event_draft/testing/virtual_clock.hpp>
#include <thread>

namespace event_draft::testing {

/// A harness's time for adapters on the process's own clock.
struct RealTime {
  static Deadline deadline() { return Deadline::after(std::chrono::seconds{30}); }
  static Deadline expired() { return Deadline::after(std::chrono::milliseconds{-1}); }
  static void pass(std::chrono::milliseconds span) { std::this_thread::sleep_for(span); }
};

/// A harness's time for fakes.
struct VirtualTime {
  VirtualClock clock;

  Deadline deadline() const { return Deadline{clock.steady_now() + std::chrono::seconds{1}}; }
  Deadline expired() const { return Deadline{clock.steady_now()}; }
  void pass(std::chrono::milliseconds span) { clock.advance(span); }
};

}  // namespace event_draft::testing
