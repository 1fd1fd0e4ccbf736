#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <event_draft/error.hpp>
#include <event_draft/step.hpp>

namespace event_draft {

enum class Operation : std::uint8_t {
  create,   ///< the specification's flow
  find,     ///< a read
  approve,  ///< the final approval
  relay,    ///< a pass of the outbox's relay
};

inline constexpr std::array all_operations{Operation::create, Operation::find, Operation::approve, Operation::relay};

[[nodiscard]] constexpr std::string_view to_string(Operation operation) noexcept {
  constexpr std::array<std::string_view, all_operations.size()> names{"create", "find", "approve", "relay"};
  return names[static_cast<std::size_t>(operation)];
}

/// How a step went.
enum class StepOutcome : std::uint8_t {
  ok,           ///< done: valid, stored, cached, acknowledged, loaded, approved, claimed, settled, removed
  hit,          ///< lookup: a value that may be used
  miss,         ///< lookup: nothing there; load, approve: no such draft
  damaged,      ///< lookup: not a value that this version writes; taken as a miss
  foreign,      ///< another user's draft, or another draft; never shown
  expired,      ///< lookup: a draft past its window, or approved; taken as a miss
  in_progress,  ///< save: the user's window was held already
  repeated,     ///< approve: it was approved before
  rejected,     ///< validate: the command breaks a rule; `error` says which
  failed,       ///< the port failed; `error` says how
  pending,      ///< publish: the event is stored with its draft, and is or will be with the relay
  parked,       ///< publish, by the relay: it failed too often and waits for a person. Wake somebody.
  lost,         ///< publish: the draft is stored and nothing will deliver its event. Wake somebody.
};

[[nodiscard]] constexpr std::string_view to_string(StepOutcome outcome) noexcept {
  switch (outcome) {
    case StepOutcome::ok: return "ok";
    case StepOutcome::hit: return "hit";
    case StepOutcome::miss: return "miss";
    case StepOutcome::damaged: return "damaged";
    case StepOutcome::foreign: return "foreign";
    case StepOutcome::expired: return "expired";
    case StepOutcome::in_progress: return "in_progress";
    case StepOutcome::rejected: return "rejected";
    case StepOutcome::failed: return "failed";
    case StepOutcome::repeated: return "repeated";
    case StepOutcome::pending: return "pending";
    case StepOutcome::parked: return "parked";
    case StepOutcome::lost: break;
  }
  return "lost";
}

/// One step of one operation, as an observer hears it. Valid during the call.
struct StepReport {
  Operation operation;
  Step step;
  StepOutcome outcome;
  std::chrono::nanoseconds duration;
  std::int64_t user_id;        ///< as the caller gave it; 0 for the relay's steps that are nobody's
  std::string_view draft_id;   ///< empty while there is none
  std::optional<Error> error;  ///< the port's own words, or the rule that was broken
};

/// Hears every step, on the thread that runs the operation. It must not throw, and the operation waits for it.
/// - `on_exception` hears the text of an exception that a port let out, before the step's own report.
/// Satisfied by `NoObserver`, and by the log, metrics and sequence recorder of the examples.
template <class T>
concept Observer = requires(T& observer, const StepReport& report, Step step, std::string_view what) {
  { observer.on_step(report) } noexcept -> std::same_as<void>;
  { observer.on_exception(step, what) } noexcept -> std::same_as<void>;
};

/// Hears nothing; the compiler leaves it out.
struct NoObserver {
  static constexpr void on_step(const StepReport&) noexcept {}
  static constexpr void on_exception(Step, std::string_view) noexcept {}
};

static_assert(Observer<const NoObserver>);

inline constexpr NoObserver no_observer{};

}  // namespace event_draft
