#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>
#include <event_draft/detail/json_writer.hpp>
#include <event_draft/event_draft.hpp>
#include <event_draft/trace_parent.hpp>

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

/// One record for the broker: CloudEvents 1.0 in binary mode. It owns its text but for `source`, which must outlive it.
class EventMessage {
 public:
  /// `EventDraftCreated` for a stored draft. The same draft gives the same message, id included, however often it is made:
  /// by that id a consumer recognises what it has seen.
  [[nodiscard]] static EventMessage event_draft_created(const EventDraft& draft, std::string_view source,
                                                        std::optional<TraceParent> trace = std::nullopt) noexcept {
    return {"EventDraftCreated", draft, source, trace};
  }

  [[nodiscard]] std::string_view topic() const noexcept { return event_topic; }
  [[nodiscard]] std::string_view key() const noexcept { return draft_id_.view(); }  ///< eventDraftId
  [[nodiscard]] std::string_view id() const noexcept { return id_.view(); }         ///< `{eventDraftId}.{type}`
  [[nodiscard]] std::string_view type() const noexcept { return type_; }

  /// `{"eventDraftId":…,"userId":…,"objective":…,"createdAt":…}`, the specification's payload and nothing else.
  [[nodiscard]] std::string_view payload() const noexcept { return payload_.view(); }

  /// Views into this message.
  EventHeaders headers() const&& = delete;
  [[nodiscard]] EventHeaders headers() const& noexcept {
    EventHeaders all;
    all.add("ce_specversion", "1.0");
    all.add("ce_id", id());
    all.add("ce_source", source_);
    all.add("ce_type", type_);
    all.add("ce_time", time_);
    all.add("ce_subject", key());
    all.add("content-type", "application/json");
    if (trace_) all.add("traceparent", trace_->view());
    return all;
  }

 private:
  EventMessage(std::string_view type, const EventDraft& draft, std::string_view source,
               std::optional<TraceParent> trace) noexcept
      : type_{type}, source_{source}, draft_id_{draft.id}, time_{to_text(draft.created_at)}, trace_{trace} {
    id_.append(draft.id.view()).append(".").append(type);
    payload_.raw(R"({"eventDraftId":)").plain(draft.id.view());
    payload_.raw(R"(,"userId":)").number(draft.user_id.value());
    payload_.raw(R"(,"objective":)").plain(to_string(draft.objective));
    payload_.raw(R"(,"createdAt":)").plain(time_).raw("}");
  }

  std::string_view type_;    // a literal
  std::string_view source_;  // the host's
  DraftId draft_id_;
  TimestampText time_;
  std::optional<TraceParent> trace_;
  detail::InlineText<DraftId::max_size + 32> id_;
  detail::JsonWriter<256> payload_;
};

}  // namespace event_draft
