#pragma once

#include <event_draft.hpp>

// The specification's own example, as every program here uses it.
namespace sample {

inline constexpr event_draft::CreateEventDraft command{.user_id = 123,
                                                       .objective = "신규 고객 유치",
                                                       .store_name = "맛있는집",
                                                       .industry = "음식점",
                                                       .address = "서울시 강남구"};

inline constexpr event_draft::Timestamp created_at = *event_draft::parse_timestamp("2026-11-23T09:00:00.123Z");

inline event_draft::EventDraft draft() {
  const auto user = event_draft::UserId::make(command.user_id).value();
  const auto valid = event_draft::steps::validate(command, user, created_at).value();
  return event_draft::with_id(valid, event_draft::DraftId::numbered(1));
}

}  // namespace sample
