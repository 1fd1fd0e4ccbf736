#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <event_draft/outbox.hpp>
#include <event_draft/port_function.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/testing/samples.hpp>

namespace event_draft::test {

/// All ports and capabilities in one. What each call comes to is the script's to say: an error, an exception, or nothing.
struct ScriptedPorts {
  std::function<std::optional<Error>(PortFunction)> script = [](PortFunction) { return std::nullopt; };
  std::vector<PortFunction> calls{};
  int settled_later = 0;

  Result<SavedDraft> save(const NewEventDraft&, Deadline) {
    return answer(PortFunction::save, SavedDraft{testing::sample_draft(), true});
  }
  Result<std::optional<EventDraft>> find(const DraftId&, Deadline) {
    return answer(PortFunction::find, std::optional{testing::sample_draft()});
  }
  Result<std::optional<ApprovedDraft>> approve(const DraftApproval&, Deadline) {
    return answer(PortFunction::approve, std::optional{ApprovedDraft{testing::sample_draft(), true}});
  }
  void settle_later(const Settlement&) noexcept { ++settled_later; }
  Result<std::vector<LeasedEvent>> claim(std::size_t, std::chrono::milliseconds, Deadline) {
    return answer(PortFunction::claim, std::vector<LeasedEvent>{});
  }
  Result<void> settle(std::span<const Settlement>, Deadline) { return answer(PortFunction::settle); }
  Result<std::size_t> remove_published(std::chrono::milliseconds, std::size_t, Deadline) {
    return answer(PortFunction::remove_published, std::size_t{0});
  }
  Result<OutboxStats> stats(Deadline) { return answer(PortFunction::stats, OutboxStats{}); }
  Result<std::vector<ParkedEvent>> parked(const std::optional<EventId>&, std::size_t, Deadline) {
    return answer(PortFunction::parked, std::vector<ParkedEvent>{});
  }
  Result<bool> replay(const EventId&, Deadline) { return answer(PortFunction::replay, true); }
  Result<bool> discard(const EventId&, Deadline) { return answer(PortFunction::discard, true); }
  Result<std::optional<std::string>> get(std::string_view, Deadline) {
    return answer(PortFunction::get, std::optional<std::string>{});
  }
  Result<void> set(std::span<const CacheWrite>, Deadline) { return answer(PortFunction::set); }
  Result<void> publish(const EventMessage&, Deadline) { return answer(PortFunction::publish); }

 private:
  Result<void> answer(PortFunction function) {
    calls.push_back(function);
    if (const auto error = script(function)) return *error;
    return success();
  }
  template <class T>
  Result<T> answer(PortFunction function, T value) {
    calls.push_back(function);
    if (const auto error = script(function)) return *error;
    return value;
  }
};

inline constexpr EventId sample_event{DraftId::numbered(1), EventType::event_draft_created};
inline constexpr Settlement sample_settlement = Settlement::published({sample_event, LeaseToken{1}});

inline std::vector<PortFunction> all_port_functions() {
  std::vector<PortFunction> all;
  for (std::size_t i = 0; i != port_function_count; ++i) all.push_back(static_cast<PortFunction>(i));
  return all;
}

/// Calls that function of what has them all, and gives the error that it came to.
template <class Ports>
std::optional<Error> call(Ports& ports, PortFunction function, Deadline deadline) {
  const auto error = [](const auto& result) { return result ? std::nullopt : std::optional{result.assume_error()}; };
  const UserId user = UserId::make(testing::sample_user).value();
  switch (function) {
    case PortFunction::save: return error(ports.save(testing::sample_new_draft(), deadline));
    case PortFunction::find: return error(ports.find(sample_event.draft_id, deadline));
    case PortFunction::approve: return error(ports.approve({sample_event.draft_id, user, {}}, deadline));
    case PortFunction::claim: return error(ports.claim(1, std::chrono::seconds{1}, deadline));
    case PortFunction::settle: return error(ports.settle({}, deadline));
    case PortFunction::remove_published: return error(ports.remove_published(std::chrono::hours{1}, 1, deadline));
    case PortFunction::stats: return error(ports.stats(deadline));
    case PortFunction::parked: return error(ports.parked(std::nullopt, 1, deadline));
    case PortFunction::replay: return error(ports.replay(sample_event, deadline));
    case PortFunction::discard: return error(ports.discard(sample_event, deadline));
    case PortFunction::get: return error(ports.get("k", deadline));
    case PortFunction::set: return error(ports.set(std::span<const CacheWrite>{}, deadline));
    case PortFunction::publish: break;
  }
  return error(ports.publish(EventMessage{draft_created(testing::sample_draft()), "/x"}, deadline));
}

}  // namespace event_draft::test
