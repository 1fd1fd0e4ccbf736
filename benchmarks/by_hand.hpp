#pragma once

#include <event_draft.hpp>
#include <stdexcept>

// The flow as somebody would write it without the service: the same domain functions in a row, the same receipt, and no
// guard around the ports.
namespace by_hand {

using namespace event_draft;

struct Timer {
  SteadyTime step_began;
  StepDurations durations{};

  void end(Step step, SteadyTime now) noexcept {
    durations.add(step, now - step_began);
    step_began = now;
  }
};

template <class Repo, class Cache, class Publisher, class ClockPort>
[[gnu::noinline]] Result<Receipt> create(Repo& repository, Cache& cache, Publisher& publisher, ClockPort& clock,
                                         const Options& options, const CreateEventDraft& command) {
  Timer timer{clock.steady_now()};
  const Deadline deadline{timer.step_began + options.budget.request};
  const Deadline lookup_deadline{timer.step_began + std::min(options.budget.cache, options.budget.request)};
  StepSet degraded;

  const auto user = UserId::make(command.user_id);
  if (!user) return user.assume_error();

  const auto looked_up = cache.get(cache_key(user.assume_value()).view(), lookup_deadline);
  if (!looked_up) degraded.insert(Step::lookup);
  if (looked_up && looked_up.assume_value()) {
    const auto draft = decode_cache_entry(*looked_up.assume_value());
    if (draft && draft->user_id == user.assume_value() &&
        std::chrono::abs(clock.now() - draft->created_at) < in_progress_window) {
      timer.end(Step::lookup, clock.steady_now());
      return Receipt{*draft,   Origin::in_progress, steps::differs(*draft, command), EventDelivery::none,
                     degraded, timer.durations};
    }
  }
  timer.end(Step::lookup, clock.steady_now());

  const auto new_draft = steps::validate(command, user.assume_value(), clock.now());
  timer.end(Step::validate, clock.steady_now());
  if (!new_draft) return new_draft.assume_error();

  const auto saved = repository.save(new_draft.assume_value(), deadline);
  timer.end(Step::save, clock.steady_now());
  if (!saved) return saved.assume_error();
  const EventDraft& draft = saved.assume_value().draft;
  if (draft.user_id != user.assume_value()) return Error{Errc::corrupt_draft, {}, Certainty::unknown};
  if (!saved.assume_value().inserted) {
    return Receipt{draft,    Origin::in_progress, steps::differs(draft, command), EventDelivery::none,
                   degraded, timer.durations};
  }

  const CacheEntry entry = encode_cache_entry(draft);
  const CacheKey draft_key = cache_key(draft.id);
  const CacheKey user_key = cache_key(draft.user_id);
  const std::array writes{CacheWrite{draft_key, entry.view(), draft_time_to_live},
                          CacheWrite{user_key, entry.view(), in_progress_window}};
  const Deadline cache_deadline = std::min(Deadline{timer.step_began + options.budget.cache}, deadline);
  if (!cache.set(writes, cache_deadline)) degraded.insert(Step::cache);
  timer.end(Step::cache, clock.steady_now());

  const auto message =
      EventMessage{draft_created(draft, TraceParent::parse(command.traceparent)), options.event_source};
  const auto published = publisher.publish(message, deadline);
  timer.end(Step::publish, clock.steady_now());
  const auto delivery = published ? EventDelivery::acknowledged : EventDelivery::lost;
  return Receipt{draft, Origin::created, false, delivery, degraded, timer.durations};
}

struct Rejection : std::runtime_error {
  explicit Rejection(Error why) : std::runtime_error{message(why.code, Language::english).data()}, error{why} {}
  Error error;
};

[[gnu::noinline]] inline NewEventDraft validate_or_throw(const CreateEventDraft& command, UserId user, Timestamp now) {
  auto draft = steps::validate(command, user, now);
  if (!draft) throw Rejection{draft.assume_error()};
  return draft.assume_value();
}

/// As far as a rejected request gets, with the rejection thrown.
template <class Cache, class ClockPort>
[[gnu::noinline]] NewEventDraft rejected_or_throw(Cache& cache, ClockPort& clock, const Options& options,
                                                  const CreateEventDraft& command) {
  Timer timer{clock.steady_now()};
  const auto user = UserId::make(command.user_id).value();
  const auto looked_up = cache.get(cache_key(user).view(), Deadline{timer.step_began + options.budget.cache});
  if (!looked_up || looked_up.assume_value()) throw std::logic_error{"the benchmark's cache holds nothing"};
  timer.end(Step::lookup, clock.steady_now());
  auto draft = validate_or_throw(command, user, clock.now());
  timer.end(Step::validate, clock.steady_now());
  return draft;
}

}  // namespace by_hand
