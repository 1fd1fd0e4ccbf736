#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <event_draft/error.hpp>
#include <event_draft/result.hpp>

#include "conditions.hpp"
#include "engine.hpp"
#include "local_clock.hpp"
#include "statistics.hpp"
#include "trace.hpp"

namespace event_draft::simulation {

/// What all processes of a schedule share.
struct Surroundings {
  Engine& engine;
  Random& random;
  const Conditions& conditions;
  Statistics& statistics;
  Trace& trace;
};

/// A process's way to the backend: slow, cut, or leading nowhere since the process died.
class SimulatedLink {
 public:
  SimulatedLink(Surroundings& around, const LocalClock& clock, int process) noexcept
      : around_{around}, clock_{clock}, process_{process} {}

  [[nodiscard]] Request& request() const noexcept { return *around_.engine.request(); }
  [[nodiscard]] int process() const noexcept { return process_; }
  [[nodiscard]] bool lives() const noexcept { return lives_; }
  [[nodiscard]] bool reach_settle_later() const noexcept { return lives_; }

  template <class Effect, class Late>
  std::invoke_result_t<Effect> call(PortFunction function, Deadline deadline, Effect effect, Late late) {
    return travel(function, deadline, effect, [&](std::chrono::nanoseconds span) {
      around_.statistics.add(Count::late_effects);
      around_.engine.later(span, late());
    });
  }

  template <class Effect>
  std::invoke_result_t<Effect> read(PortFunction function, Deadline deadline, Effect effect) {
    return travel(function, deadline, effect, [](std::chrono::nanoseconds) {});
  }

  [[nodiscard]] std::uint64_t parts(Target target) const noexcept {
    const bool all = is_healed_ || !around_.random.chance(around_.conditions.mishaps[static_cast<std::size_t>(target)]);
    return all ? ~std::uint64_t{0} : around_.random();
  }

  void acknowledged() noexcept {
    if (request().operation == Operation::relay) relay_published_at_ = clock_.steady_now();
  }
  /// May the relay think so? It judged at most a pass ago.
  [[nodiscard]] bool broker_works() const noexcept {
    const RelayOptions& relay = around_.conditions.relay;
    return relay_published_at_ &&
           (request().stood_still || clock_.steady_now() - *relay_published_at_ < relay.backoff.most + relay.lease);
  }

  void die() noexcept { lives_ = false; }
  void cut(Target target, std::chrono::nanoseconds until) noexcept {
    cut_until_[static_cast<std::size_t>(target)] = until;
  }
  void pause(std::chrono::nanoseconds until) noexcept { paused_until_ = until; }

  /// Nothing goes wrong any more.
  void heal() noexcept {
    cut_until_ = {};
    paused_until_ = {};
    is_healed_ = true;
  }

  /// Lets the fiber wait, and longer when the process stands still.
  void sleep(std::chrono::nanoseconds span) {
    around_.engine.sleep(span);
    while (lives_ && around_.engine.now() < paused_until_) {
      request().stood_still = true;
      around_.engine.sleep(paused_until_ - around_.engine.now());
    }
  }

 private:
  /// How one call goes.
  struct Way {
    Mishap mishap = Mishap::none;
    std::chrono::nanoseconds there{};
    std::chrono::nanoseconds back{};
    std::chrono::nanoseconds detour{};  ///< of what is late
    bool is_noticed = false;            ///< the caller hears of a lost request before its deadline
    bool arrives = true;                ///< although the process died meanwhile
  };

  Way draw(PortFunction function) {
    const Target target = target_of(function);
    Way way;
    if (is_healed_) {
      way.there = std::chrono::microseconds{200};
      return way;
    }
    Random& random = around_.random;
    const auto slowness = around_.conditions.slowness[static_cast<std::size_t>(target)];
    way.there = random.span(slowness);
    way.back = random.chance(500) ? random.span(slowness) : std::chrono::nanoseconds{};
    way.mishap = draw_mishap(around_.conditions, target, random);
    if (way.mishap == Mishap::twice && function == PortFunction::save)
      way.mishap = Mishap::none;  // a transaction is sent once
    if (around_.engine.now() < cut_until_[static_cast<std::size_t>(target)]) {
      way.mishap =
          random.pick(std::array{Mishap::refused, Mishap::lost_request, Mishap::lost_request, Mishap::lost_reply});
    }
    if (way.mishap == Mishap::none) return way;
    way.detour = random.span(random.pick(std::array{std::chrono::milliseconds{300}, std::chrono::milliseconds{4000}}));
    way.is_noticed = random.chance(500);
    way.arrives = random.chance(500);
    return way;
  }

  template <class Effect, class Delay>
  std::invoke_result_t<Effect> travel(PortFunction function, Deadline deadline, Effect& effect, Delay delay) {
    request().count_call(function);
    around_.statistics.add(Count::port_calls);
    if (!lives_) return lost(function, Certainty::unknown);
    if (deadline.expired(clock_.steady_now())) return Errc::deadline_exceeded;
    const Way way = draw(function);
    around_.trace.note(static_cast<std::uint64_t>(function) << 8U | static_cast<std::uint64_t>(way.mishap));
    if (way.mishap != Mishap::none) tell(function, way);
    const auto time = clock_.until(deadline);
    if (!arrives_in_time(way, time)) return give_up(function, way, time, delay);
    sleep(way.there);
    if (!lives_ && !way.arrives) return lost(function, Certainty::unknown);
    if (is_refused(way.mishap)) return refuse(function, way.mishap);
    auto answer = effect();
    if (way.mishap == Mishap::twice) delay(way.detour);
    return come_back(function, way, clock_.until(deadline), answer);
  }

  static bool arrives_in_time(const Way& way, std::chrono::nanoseconds time) noexcept {
    return way.mishap != Mishap::lost_request && way.mishap != Mishap::late && way.there < time;
  }

  /// The caller has waited in vain; what it asked for may still happen.
  template <class Delay>
  Error give_up(PortFunction function, const Way& way, std::chrono::nanoseconds time, Delay& delay) {
    if (way.mishap != Mishap::lost_request) delay(way.there + way.detour);
    sleep(way.is_noticed ? std::min(way.there, time) : time);
    return way.is_noticed ? lost(function, Certainty::unknown) : Error{Errc::deadline_exceeded, {}, Certainty::unknown};
  }

  static bool is_refused(Mishap mishap) noexcept {
    return mishap == Mishap::refused || mishap == Mishap::thrown || mishap == Mishap::rejected;
  }

  static Error refuse(PortFunction function, Mishap mishap) {
    if (mishap == Mishap::thrown) throw std::runtime_error{"injected"};
    return mishap == Mishap::rejected ? Error{Errc::event_rejected} : lost(function, Certainty::not_applied);
  }

  template <class Answer>
  Answer come_back(PortFunction function, const Way& way, std::chrono::nanoseconds time, Answer& answer) {
    if (way.mishap == Mishap::lost_reply || way.back >= time) {
      sleep(time);
      return Error{Errc::deadline_exceeded, {}, Certainty::unknown};
    }
    if (way.back.count() != 0) sleep(way.back);
    if (!lives_ || way.mishap == Mishap::applied_then_failed) return lost(function, Certainty::unknown);
    if (way.mishap == Mishap::applied_then_thrown) throw std::runtime_error{"injected"};
    return std::move(answer);
  }

  static Error lost(PortFunction function, Certainty certainty) noexcept {
    return {unavailable(function), {}, certainty};
  }

  void tell(PortFunction function, const Way& way) {
    constexpr std::array counts{
        Count::port_calls,    Count::refused,      Count::thrown,       Count::applied_then_failed, Count::thrown,
        Count::lost_requests, Count::lost_replies, Count::late_effects, Count::twice_applied,       Count::rejected};
    const auto kind = static_cast<std::size_t>(way.mishap);
    if (way.mishap != Mishap::late) around_.statistics.add(counts[kind]);
    around_.trace.line("process {}: {} {}", process_, to_string(function), mishap_names[kind]);
  }

  Surroundings& around_;
  const LocalClock& clock_;
  int process_;
  bool lives_ = true;
  bool is_healed_ = false;
  std::chrono::nanoseconds paused_until_{};
  std::array<std::chrono::nanoseconds, target_count> cut_until_{};
  std::optional<SteadyTime> relay_published_at_;
};

}  // namespace event_draft::simulation
