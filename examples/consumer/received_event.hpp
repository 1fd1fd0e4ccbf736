#pragma once

#include <event_draft/event_type.hpp>
#include <event_draft/objective.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace event_draft::consumer {

/// A record of `event-topic`, as views.
struct Record {
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string_view>> headers;
};

/// What the counting needs of a record.
struct ReceivedEvent {
  std::string id;      ///< `ce_id`: the same in each resend
  std::string source;  ///< `ce_source`: ids are unique within it
  EventType type;
  Objective objective;
  std::string day;  ///< of the draft's creation, in UTC: `2026-11-23`
};

/// Why a record can't be read, in a few words.
using Unreadable = std::string;

/// Never throws for what a record holds.
[[nodiscard]] std::variant<ReceivedEvent, Unreadable> read_event(const Record& record);

}  // namespace event_draft::consumer
