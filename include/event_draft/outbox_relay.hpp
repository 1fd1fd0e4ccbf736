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
    options_.batch = std::max<std::size_t>(options_.batch, 1);
    options_.most_attempts = std::max(options_.most_attempts, 2);  // the request's own is one
    messages_.reserve(options_.batch);
    results_.reserve(options_.batch);
    settlements_.reserve(options_.batch);
  }

  /// One pass: settle what requests have published, claim what is due, publish it, settle that, delete what is old. Called
  /// before it is time, because somebody knows of a pending event, it does so only if nothing speaks against it: neither the
  /// rate nor a broker or an outbox that is down.
  RelayPass run_once() noexcept {
    RelayPass pass;
    const SteadyTime began = clock_.steady_now();
    const bool settled = settle(pass);  // held back or not: what is not settled in time is sent again
    if (began < paced_until_) {
      pass.wait = until_paced(began);
      return pass;
    }
    if (settled) deliver(pass);
    remove_published(pass);
    pace(began, pass);
    return pass;
  }

 private:
  static constexpr std::size_t removed_at_once = 1000;

  /// Writes this pass's settlements so far, and what the outbox was told to settle later.
  bool settle(RelayPass& pass) noexcept {
    const auto settled = call(Step::settle, pass, [&] { return outbox_.settle(settlements_, call_deadline()); });
    if (!settled) {
      for (const Settlement& settlement : settlements_) outbox_.settle_later(settlement);  // the next pass tries again
    }
    settlements_.clear();
    settled_at_ = clock_.steady_now();
    return settled.has_value();
  }

  void deliver(RelayPass& pass) noexcept {
    const Deadline end = Deadline::after(options_.lease / 2, clock_.steady_now());
    auto events = claim(pass);
    park_the_hopeless(events, pass);
    publish(events, end, pass);
    if (!settlements_.empty()) settle(pass);
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
    bool goes_on = true;
    for (std::span<const LeasedEvent> rest{events}; !rest.empty();) {
      const std::size_t count = std::min(rest.size(), BatchEventPublisher<Publisher> ? options_.batch : 1);
      if (!goes_on || end.expired(clock_.steady_now())) return put_back(rest, pass);
      // A slow publisher must not keep what requests have published unsettled until their leases end.
      if (clock_.steady_now() - settled_at_ >= inline_event_lease / 4) settle(pass);
      publish_some(rest.first(count), std::min(end, call_deadline()), pass);
      goes_on = !is_down_;
      rest = rest.subspan(count);
    }
  }

  void publish_some(std::span<const LeasedEvent> events, Deadline deadline, RelayPass& pass) noexcept {
    messages_.clear();
    for (const LeasedEvent& each : events) messages_.emplace_back(each.event, options_.event_source);
    results_.assign(events.size(), Error{Errc::publisher_unavailable, {}, Certainty::unknown});
    const SteadyTime began = clock_.steady_now();
    publisher_works_ = last_published_ && began - *last_published_ < std::chrono::seconds{5};
    hand_over(deadline);
    const auto duration = clock_.steady_now() - began;
    is_down_ = std::any_of(results_.begin(), results_.end(), [](const Result<void>& result) {
      return !result && result.assume_error().code != Errc::event_rejected;
    });
    if (std::any_of(results_.begin(), results_.end(), [](const Result<void>& result) { return result.has_value(); })) {
      last_published_ = clock_.steady_now();
      publisher_works_ = true;
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
    const bool counts = error.code == Errc::event_rejected || publisher_works_;
    note(error, pass);
    if (counts && leased.attempts >= options_.most_attempts) {
      park(leased, error, duration, pass);
    } else {
      ++pass.retried;
      const auto after = counts ? options_.backoff(leased.attempts, bits(leased.token))
                                : options_.outage(failed_passes_ + 1, bits(leased.token));
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

  /// An event that is refused says nothing of the broker, so any other failure is worth more.
  static void note(const Error& error, RelayPass& pass) noexcept {
    if (!pass.error || *pass.error == Errc::event_rejected) pass.error = error;
  }

  void remove_published(RelayPass& pass) noexcept {
    if constexpr (OutboxUpkeep<Outbox>) {
      const SteadyTime now = clock_.steady_now();
      if (now < removes_at_) return;
      const auto removed = call(Step::remove, pass, [&] {
        return outbox_.remove_published(options_.retention, removed_at_once, call_deadline());
      });
      pass.removed = removed ? removed.assume_value() : 0;
      removes_at_ = pass.removed == removed_at_once ? now : now + std::chrono::seconds{1};
    }
  }

  /// When the next pass is worth its while, and when it may be at the earliest.
  void pace(SteadyTime began, RelayPass& pass) noexcept {
    const SteadyTime now = clock_.steady_now();
    const bool failed = pass.error && *pass.error != Errc::event_rejected && pass.published == 0;
    if (failed) {
      ++failed_passes_;
      pass.wait = options_.outage(failed_passes_, static_cast<std::uint64_t>(now.time_since_epoch().count()));
      paced_until_ = Deadline::after(pass.wait, now).at();
      return;
    }
    if (!is_down_) failed_passes_ = 0;  // a pass that had nothing to try has not seen the broker come back
    const std::chrono::nanoseconds second = std::chrono::seconds{1};
    paced_until_ = began + second * pass.claimed / std::max<std::size_t>(options_.most_per_second, 1);
    pass.wait = pass.claimed < options_.batch ? options_.poll : until_paced(now);
    if (pass.removed == removed_at_once)
      pass.wait = std::min(pass.wait, std::chrono::milliseconds{10});  // there is more
  }

  /// Not longer than usual, so that what requests publish is settled meanwhile.
  [[nodiscard]] std::chrono::milliseconds until_paced(SteadyTime now) const noexcept {
    return std::min(std::chrono::ceil<std::chrono::milliseconds>(Deadline{paced_until_}.remaining(now)), options_.poll);
  }

  /// Calls the outbox, and reports what was more than nothing.
  template <class Call>
  auto call(Step step, RelayPass& pass, Call call) noexcept {
    const SteadyTime began = clock_.steady_now();
    auto result = call_port(call, [&](std::string_view what) noexcept { observer_.on_exception(step, what); });
    const auto duration = clock_.steady_now() - began;
    if (!result) {
      note(result.assume_error(), pass);
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
  bool did_something(const Result<void>&) const noexcept { return !settlements_.empty(); }  // as far as is known

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
  // When the attempt began, or by others of its batch. Only then a failure is the event's own: a broker that is down for a
  // day must not have everything parked.
  bool publisher_works_ = false;
  SteadyTime settled_at_ = SteadyTime::min();
  bool is_down_ = false;  // the broker, when it was last tried
  int failed_passes_ = 0;
  SteadyTime paced_until_ = SteadyTime::min();
  SteadyTime removes_at_ = SteadyTime::min();
};

}  // namespace event_draft
