#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <event_draft/cache_entry.hpp>
#include <event_draft/controller/api_message.hpp>
#include <event_draft/receipt.hpp>

// The answers of operations that succeeded. What happened on the way is told in headers, so that the body is the
// specification's.
namespace event_draft {

namespace detail {

/// `lookup, cache`
[[nodiscard]] inline std::string degraded_text(StepSet degraded) {
  std::string text;
  for (const Step step : all_steps) {
    if (!degraded.contains(step)) continue;
    if (!text.empty()) text += ", ";
    text += to_string(step);
  }
  return text;
}

/// Milliseconds with three decimals.
[[nodiscard]] inline InlineText<32> milliseconds_text(std::chrono::nanoseconds duration) noexcept {
  const auto nanoseconds = static_cast<std::uint64_t>(std::max(duration, duration.zero()).count());
  const std::uint64_t microseconds = (nanoseconds + 500) / 1000;
  return InlineText<32>{}.append_number(microseconds / 1000).append(".").append_number(microseconds % 1000, 3);
}

/// `lookup;dur=0.123, validate;dur=0.004` (W3C Server Timing), the steps that were taken in their order.
[[nodiscard]] inline std::string server_timing_text(const StepDurations& durations) {
  std::string text;
  text.reserve(128);
  for (const Step step : all_steps) {
    const auto duration = durations[step];
    if (!duration) continue;
    if (!text.empty()) text += ", ";
    text.append(to_string(step)).append(";dur=").append(milliseconds_text(*duration).view());
  }
  return text;
}

template <class Outcome>
void add_way_headers(const Outcome& outcome, ApiResponse& response) {
  if (!outcome.degraded.empty()) response.headers.push_back({"X-Draft-Degraded", degraded_text(outcome.degraded)});
  if (auto timing = server_timing_text(outcome.durations); !timing.empty()) {
    response.headers.push_back({"Server-Timing", std::move(timing)});
  }
}

}  // namespace detail

/// The body of a creation's answer, held in place. The longest: a name of 100 code points of 4 bytes, and about 200 more.
using CreatedBody = detail::JsonWriter<1024>;

/// Step 6's EventDraftResponse: `{"eventDraftId":…,"objective":…,"storeName":…,"status":"DRAFT"}`.
[[nodiscard]] inline CreatedBody created_body(const EventDraft& draft) noexcept {
  CreatedBody json;
  json.raw(R"({"eventDraftId":)").plain(draft.id.view());
  json.raw(R"(,"objective":)").plain(to_string(draft.objective));
  json.raw(R"(,"storeName":)").string(draft.store.name());
  json.raw(R"(,"status":)").plain(to_string(draft.status)).raw("}");
  return json;
}

/// The whole answer.
[[nodiscard]] inline ApiResponse created_response(const Receipt& receipt) {
  ApiResponse response{.status = 200, .body = std::string{created_body(receipt.draft).view()}};
  response.headers.reserve(5);
  response.headers.push_back({"X-Draft-Origin", std::string{to_string(receipt.origin)}});
  response.headers.push_back({"X-Draft-Differs", receipt.differs ? "true" : "false"});
  response.headers.push_back({"X-Event-Delivery", std::string{to_string(receipt.event)}});
  detail::add_way_headers(receipt, response);
  return response;
}

namespace detail {

/// The draft with all its members.
[[nodiscard]] inline std::string draft_body(const EventDraft& draft) {
  CacheEntry json;
  write_draft_members(json.raw("{"), draft).raw("}");
  return std::string{json.view()};
}

}  // namespace detail

/// The draft with all its members, approved, whether by this request or before it.
[[nodiscard]] inline ApiResponse approved_response(const ApprovalReceipt& receipt) {
  ApiResponse response{.status = 200, .body = detail::draft_body(receipt.draft)};
  response.headers.push_back({"X-Draft-Approval", std::string{to_string(receipt.approval)}});
  response.headers.push_back({"X-Event-Delivery", std::string{to_string(receipt.event)}});
  detail::add_way_headers(receipt, response);
  return response;
}

/// The draft with all its members.
[[nodiscard]] inline ApiResponse found_response(const FoundDraft& found) {
  ApiResponse response{.status = 200, .body = detail::draft_body(found.draft)};
  detail::add_way_headers(found, response);
  return response;
}

}  // namespace event_draft
