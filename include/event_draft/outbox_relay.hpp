#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <event_draft/check_port.hpp>
#include <event_draft/clock.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/observer.hpp>
#include <event_draft/outbox.hpp>
#include <event_draft/port_call.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/relay_options.hpp>

namespace event_draft {

/// Delivers what an outbox holds, at least once, and in each draft's order. It has no thread: the host calls `run_once` again
/// and again, from one thread at a time, and waits in between as the pass says. Any number of relays, in any number of
/// processes, may work on one outbox.
template <class Outbox, class Publisher, class ClockPort = const SystemClock, class ObserverPort = const NoObserver>
class OutboxRelay {
  static_assert(check_port<Outbox, Port::outbox>());
  static_assert(check_port<Publisher, Port::publisher>());
  static_assert(check_port<ClockPort, Port::clock>());
  static_assert(check_port<ObserverPort, Port::observer>());

 public:
  /// \throws std::bad_alloc; the passes allocate nothing of their own.
  OutboxRelay(Outbox& outbox, Publisher& publisher, RelayOptions options = {}, ClockPort& clock = system_clock,
              ObserverPort& observer = no_observer)
      : outbox_{outbox}, publisher_{publisher}, options_{std::move(options)}, clock_{clock}, observer_{observer} {
    messages_.reserve(options_.batch);
    results_.reserve(options_.batch);
    settlements_.reserve(options_.batch);
  }

  /// One pass: settle what requests have published, claim what is due, publish it, settle that, delete what is old.
  RelayPass run_once() noexcept {
    RelayPass pass;
    const SteadyTime began = clock_.steady_now();
    const bool settles = settle({}, pass);  // held back or not: what is not settled in time is sent again
    if (began < paced_until_) {
      pass.wait = until_paced(began);
      return pass;
    }
    settlements_.clear();
    if (settles) deliver(began, pass);
    remove_published(pass);
    pace(began, pass);
    return pass;
  }

 private:
  bool settle(std::span<const Settlement> settlements, RelayPass& pass) noexcept {
    const auto settled = call(Step::settle, pass, [&] { return outbox_.settle(settlements, call_deadline()); });
    if (settled) return true;
    for (const Settlement& settlement : settlements) outbox_.settle_later(settlement);  // the next pass tries again
    return false;
  }

  /// Only while the outbox lets itself be told: what can't be settled would be sent again and again, and end up parked.
  void deliver(SteadyTime began, RelayPass& pass) noexcept {
    auto events = claim(pass);
    park_the_hopeless(events, pass);
    publish(events, Deadline::after(options_.lease / 2, began), pass);
    settle(settlements_, pass);
  }

  std::vector<LeasedEvent> claim(RelayPass& pass) noexcept {
    auto claimed =
        call(Step::claim, pass, [&] { return outbox_.claim(options_.batch, options_.lease, call_deadline()); });
    if (!claimed) return {};
    pass.claimed = claimed.assume_value().size();
    return std::move(claimed).assume_value();
  }

  /// An attempt that is not the event's own fault does not count, so what has more than it may have ended its relay each time.
  void park_the_hopeless(std::vector<LeasedEvent>& events, RelayPass& pass) noexcept {
    std::erase_if(events, [&](const LeasedEvent& leased) {
      if (leased.attempts <= options_.most_attempts) return false;
      park(leased, Errc::internal_error, {}, pass);
      return true;
    });
  }

  /// What is not tried before `end`, or after the broker turned out to be down, is put back untouched.
  void publish(const std::vector<LeasedEvent>& events, Deadline end, RelayPass& pass) noexcept {
    for (std::span<const LeasedEvent> rest{events}; !rest.empty();) {
      const std::size_t count = std::min(rest.size(), BatchEventPublisher<Publisher> ? options_.batch : 1);
      if (is_down_ || end.expired(clock_.steady_now())) {
        put_back(rest, pass);
        break;
      }
      publish_some(rest.first(count), std::min(end, call_deadline()), pass);
      rest = rest.subspan(count);
    }
    is_down_ = false;
  }

  void publish_some(std::span<const LeasedEvent> events, Deadline deadline, RelayPass& pass) noexcept {
    messages_.clear();
    for (const LeasedEvent& each : events) messages_.emplace_back(each.event, options_.event_source);
    results_.assign(events.size(), Error{Errc::publisher_unavailable, {}, Certainty::unknown});
    const SteadyTime began = clock_.steady_now();
    hand_over(deadline);
    const auto duration = clock_.steady_now() - began;
    for (std::size_t i = 0; i != events.size(); ++i) {
      if (results_[i]) last_published_ = clock_.steady_now();
    }
    for (std::size_t i = 0; i != events.size(); ++i) judge(events[i], results_[i], duration, pass);
  }

  void hand_over(Deadline deadline) noexcept {
    const auto on_exception = [this](std::string_view what) noexcept { observer_.on_exception(Step::publish, what); };
    if constexpr (BatchEventPublisher<Publisher>) {
      const auto handed = call_port(
          [&]() -> Result<void> {
            publisher_.publish_all(messages_, results_, deadline);
            return success();
          },
          on_exception);
      static_cast<void>(handed);  // what an exception left undecided is unknown already
    } else {
      results_.front() = call_port([&] { return publisher_.publish(messages_.front(), deadline); }, on_exception);
    }
  }

  /// What becomes of an event after its attempt.
  void judge(const LeasedEvent& leased, const Result<void>& published, std::chrono::nanoseconds duration,
             RelayPass& pass) noexcept {
    const EventLease lease = leased.lease();
    if (published) {
      ++pass.published;
      settlements_.push_back(Settlement::published(lease));
      report(Step::publish, StepOutcome::ok, duration, &leased.event);
      return;
    }
    const Error& error = published.assume_error();
    const bool counts = error.code == Errc::event_rejected || publisher_works();
    if (!pass.error) pass.error = error;
    if (error.code != Errc::event_rejected) is_down_ = true;
    if (counts && leased.attempts >= options_.most_attempts) {
      park(leased, error, duration, pass);
    } else {
      ++pass.retried;
      const auto after = options_.backoff(counts ? leased.attempts : failed_passes_ + 1, bits(leased.token));
      settlements_.push_back(Settlement::retry(lease, after, counts, error.code));
      report(Step::publish, StepOutcome::pending, duration, &leased.event, error);
    }
  }

  void park(const LeasedEvent& leased, const Error& error, std::chrono::nanoseconds duration,
            RelayPass& pass) noexcept {
    ++pass.parked;
    settlements_.push_back(Settlement::parked(leased.lease(), error.code));
    report(Step::publish, StepOutcome::parked, duration, &leased.event, error);
  }

  void put_back(std::span<const LeasedEvent> events, RelayPass& pass) noexcept {
    pass.retried += events.size();
    for (const LeasedEvent& each : events) {
      settlements_.push_back(Settlement::retry(each.lease(), {}, false, Errc::publisher_unavailable));
    }
  }

  /// Only then a failure is the event's own: a broker that is down for a day must not have everything parked.
  [[nodiscard]] bool publisher_works() const noexcept {
    return last_published_ && clock_.steady_now() - *last_published_ < options_.backoff.most;
  }

  void remove_published(RelayPass& pass) noexcept {
    if constexpr (OutboxUpkeep<Outbox>) {
      constexpr std::size_t at_once = 1000;
      const SteadyTime now = clock_.steady_now();
      if (now < removes_at_) return;
      const auto removed = call(Step::remove, pass,
                                [&] { return outbox_.remove_published(options_.retention, at_once, call_deadline()); });
      pass.removed = removed ? removed.assume_value() : 0;
      removes_at_ = pass.removed == at_once ? now : now + std::chrono::seconds{1};
    }
  }

  /// When the next pass is worth its while.
  void pace(SteadyTime began, RelayPass& pass) noexcept {
    const bool failed = pass.error && pass.published == 0;
    failed_passes_ = failed ? failed_passes_ + 1 : 0;
    const auto share = std::chrono::nanoseconds{std::chrono::seconds{1}} * pass.claimed /
                       std::max<std::size_t>(options_.most_per_second, 1);
    paced_until_ = began + share;
    if (failed) {
      pass.wait = options_.backoff(failed_passes_, static_cast<std::uint64_t>(began.time_since_epoch().count()));
    } else if (pass.claimed == options_.batch) {
      pass.wait = until_paced(clock_.steady_now());
    } else {
      pass.wait = options_.poll;
    }
  }

  [[nodiscard]] std::chrono::milliseconds until_paced(SteadyTime now) const noexcept {
    const auto rest = std::max(paced_until_ - now, SteadyTime::duration::zero());
    return std::min(std::chrono::ceil<std::chrono::milliseconds>(rest), options_.poll);
  }

  /// Calls the outbox, and reports what was more than nothing.
  template <class Call>
  auto call(Step step, RelayPass& pass, Call call) noexcept {
    const SteadyTime began = clock_.steady_now();
    auto result = call_port(call, [&](std::string_view what) noexcept { observer_.on_exception(step, what); });
    const auto duration = clock_.steady_now() - began;
    if (!result) {
      if (!pass.error) pass.error = result.assume_error();
      report(step, StepOutcome::failed, duration, nullptr, result.assume_error());
    } else if (did_something(result)) {
      report(step, StepOutcome::ok, duration);
    }
    return result;
  }

  static bool did_something(const Result<std::vector<LeasedEvent>>& claimed) noexcept {
    return !claimed.assume_value().empty();
  }
  static bool did_something(const Result<std::size_t>& removed) noexcept { return removed.assume_value() != 0; }
  static bool did_something(const Result<void>&) noexcept { return true; }

  void report(Step step, StepOutcome outcome, std::chrono::nanoseconds duration, const DraftEvent* event = nullptr,
              std::optional<Error> error = {}) noexcept {
    observer_.on_step({Operation::relay, step, outcome, duration, event != nullptr ? event->user_id.value() : 0,
                       event != nullptr ? event->id.draft_id.view() : std::string_view{}, error});
  }

  [[nodiscard]] Deadline call_deadline() const noexcept { return Deadline::after(options_.call, clock_.steady_now()); }
  static constexpr std::uint64_t bits(LeaseToken token) noexcept { return static_cast<std::uint64_t>(token); }

  Outbox& outbox_;
  Publisher& publisher_;
  RelayOptions options_;
  ClockPort& clock_;
  ObserverPort& observer_;
  std::vector<EventMessage> messages_;
  std::vector<Result<void>> results_;
  std::vector<Settlement> settlements_;
  std::optional<SteadyTime> last_published_;
  bool is_down_ = false;  // within a pass
  int failed_passes_ = 0;
  SteadyTime paced_until_ = SteadyTime::min();
  SteadyTime removes_at_ = SteadyTime::min();
};

}  // namespace event_draft
