#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <event_draft/awaitable.hpp>
#include <event_draft/controller.hpp>

namespace event_draft {

/// `EventService`, awaited: one whose operations are coroutines, and which can say of which type. Satisfied by
/// `AsyncEventDraftService`.
template <class T>
concept AsyncEventService =
    requires(T& service, const CreateEventDraft& command, const DraftId& id, std::int64_t user_id) {
      typename T::template Coroutine<ApiResponse>;
      { service.create_event_draft(command) } -> AwaitableOf<Result<Receipt>>;
      { service.find_event_draft(id, user_id) } -> AwaitableOf<Result<FoundDraft>>;
      { service.approve_event_draft(id, user_id, std::string_view{}) } -> AwaitableOf<Result<ApprovalReceipt>>;
    };

/// `EventController` over a service that is awaited: the same requests and answers. What it is given must live until the
/// answer is there.
template <AsyncEventService Service>
class AsyncEventController {
 public:
  using Answer = typename Service::template Coroutine<ApiResponse>;

  explicit AsyncEventController(Service& service) noexcept : service_{service} {}

  /// `POST /api/events/purposes`
  [[nodiscard]] Answer create(ApiRequest request) const {
    try {
      const auto parsed = parse_create_request(request.body);
      if (!parsed) co_return error_response(parsed.assume_error(), request);
      const auto command = parsed.assume_value().command(request.traceparent);
      const auto receipt = co_await service_.create_event_draft(command);
      co_return receipt ? created_response(receipt.assume_value()) : error_response(receipt.assume_error(), request);
    } catch (...) {  // answered below
    }
    co_return internal_error_response(request);
  }

  /// `GET /api/events/drafts/{draft_id}?userId={user_id}`
  [[nodiscard]] Answer find(std::string_view draft_id, std::string_view user_id, ApiRequest request) const {
    try {
      const auto parsed = parse_draft_request(draft_id, user_id);
      if (!parsed) co_return error_response(parsed.assume_error(), request);
      const auto& [id, user] = parsed.assume_value();
      const auto found = co_await service_.find_event_draft(id, user);
      co_return found ? found_response(found.assume_value()) : error_response(found.assume_error(), request);
    } catch (...) {  // answered below
    }
    co_return internal_error_response(request);
  }

  /// `POST /api/events/drafts/{draft_id}/approval?userId={user_id}`; a body is not looked at.
  [[nodiscard]] Answer approve(std::string_view draft_id, std::string_view user_id, ApiRequest request) const {
    try {
      const auto parsed = parse_draft_request(draft_id, user_id);
      if (!parsed) co_return error_response(parsed.assume_error(), request);
      const auto& [id, user] = parsed.assume_value();
      const auto receipt = co_await service_.approve_event_draft(id, user, request.traceparent);
      co_return receipt ? approved_response(receipt.assume_value()) : error_response(receipt.assume_error(), request);
    } catch (...) {  // answered below
    }
    co_return internal_error_response(request);
  }

 private:
  Service& service_;
};

}  // namespace event_draft
