#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>
#include <event_draft/detail/json_writer.hpp>
#include <event_draft/draft_event.hpp>

namespace event_draft {

/// Where events go (step 5).
inline constexpr std::string_view event_topic = "event-topic";

struct EventHeader {
  std::string_view name;
  std::string_view value;
};

/// The headers of one message, in a fixed order; views into the message.
class EventHeaders {
 public:
  constexpr void add(std::string_view name, std::string_view value) noexcept { headers_[size_++] = {name, value}; }
  [[nodiscard]] constexpr auto begin() const noexcept { return headers_.begin(); }
  [[nodiscard]] constexpr auto end() const noexcept { return headers_.begin() + static_cast<std::ptrdiff_t>(size_); }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }

 private:
  std::array<EventHeader, 8> headers_{};
  std::size_t size_ = 0;
};

/// One record for the broker: CloudEvents 1.0 in binary mode. It owns its text but for `source`, which must outlive it. The
/// same event gives the same message, id included, however often it is made.
class EventMessage {
 public:
  EventMessage(const DraftEvent& event, std::string_view source) noexcept
      : event_id_{event.id},
        source_{source},
        id_{event_draft::to_text(event.id)},
        time_{to_text(event.occurred_at)},
        trace_{event.trace} {
    payload_.raw(R"({"eventDraftId":)").plain(event.id.draft_id.view());
    payload_.raw(R"(,"userId":)").number(event.user_id.value());
    payload_.raw(R"(,"objective":)").plain(to_string(event.objective));
    payload_.raw(R"(,"createdAt":)").plain(to_text(event.created_at));
    if (event.id.type == EventType::event_created) payload_.raw(R"(,"approvedAt":)").plain(time_);
    payload_.raw("}");
  }

  [[nodiscard]] std::string_view topic() const noexcept { return event_topic; }
  [[nodiscard]] std::string_view key() const noexcept { return event_id_.draft_id.view(); }  ///< eventDraftId
  [[nodiscard]] std::string_view id() const noexcept { return id_.view(); }  ///< `{eventDraftId}.{type}`
  [[nodiscard]] std::string_view type() const noexcept { return to_string(event_id_.type); }

  /// `{"eventDraftId":…,"userId":…,"objective":…,"createdAt":…}`: the specification's payload of `EventDraftCreated` and
  /// nothing else. That of `EventCreated`, of which the specification has only the name, adds `"approvedAt"`.
  [[nodiscard]] std::string_view payload() const noexcept { return payload_.view(); }

  /// Views into this message.
  EventHeaders headers() const&& = delete;
  [[nodiscard]] EventHeaders headers() const& noexcept {
    EventHeaders all;
    all.add("ce_specversion", "1.0");
    all.add("ce_id", id());
    all.add("ce_source", source_);
    all.add("ce_type", type());
    all.add("ce_time", time_);
    all.add("ce_subject", key());
    all.add("content-type", "application/json");
    if (trace_) all.add("traceparent", trace_->view());
    return all;
  }

 private:
  EventId event_id_;
  std::string_view source_;  // the host's
  EventIdText id_;
  TimestampText time_;
  std::optional<TraceParent> trace_;
  detail::JsonWriter<320> payload_;
};

}  // namespace event_draft
