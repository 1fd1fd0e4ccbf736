#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <event_draft/controller/request_text.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/field.hpp>

namespace event_draft {

namespace detail {
class CreateRequestHandler;
}

/// What the body of a create request says. It owns its text, so it may outlive the body and move about.
class ParsedCreateRequest {
 public:
  /// The command for the service, its views into this object; `traceparent` is the request's header.
  [[nodiscard]] CreateEventDraft command(std::string_view traceparent = {}) const& noexcept {
    return {user_id_,   text(Field::objective), text(Field::store_name), text(Field::industry), text(Field::address),
            traceparent};
  }
  CreateEventDraft command(std::string_view traceparent = {}) const&& = delete;

 private:
  friend class detail::CreateRequestHandler;

  explicit ParsedCreateRequest(std::size_t body_size) : text_{body_size} {}

  /// Empty for a member that is absent or null.
  [[nodiscard]] std::string_view text(Field field) const noexcept {
    return text_.view(spans_[static_cast<std::size_t>(field)]);
  }

  std::int64_t user_id_ = 0;
  std::array<detail::TextSpan, all_fields.size()> spans_{};
  detail::RequestText text_;
};

}  // namespace event_draft
