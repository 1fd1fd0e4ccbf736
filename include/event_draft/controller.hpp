#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

#include <event_draft/controller/api_message.hpp>
#include <event_draft/controller/create_request.hpp>
#include <event_draft/controller/draft_request.hpp>
#include <event_draft/controller/error_response.hpp>
#include <event_draft/controller/responses.hpp>
#include <event_draft/create_event_draft.hpp>
#include <event_draft/receipt.hpp>
#include <event_draft/result.hpp>

namespace event_draft {

/// The specification's EventService as its controller calls it. Satisfied by `EventDraftService`.
template <class T>
concept EventService = requires(T& service, const CreateEventDraft& command, const DraftId& id, std::int64_t user_id) {
  { service.create_event_draft(command) } -> std::same_as<Result<Receipt>>;
  { service.find_event_draft(id, user_id) } -> std::same_as<Result<FoundDraft>>;
  { service.approve_event_draft(id, user_id, std::string_view{}) } -> std::same_as<Result<ApprovalReceipt>>;
};

/// The specification's EventController: a request's bytes in, status, headers and body out, over any transport. It holds the
/// service by reference, and may be called by as many threads as the service. Whatever goes wrong inside is answered, never
/// thrown.
template <EventService Service>
class EventController {
 public:
  explicit EventController(Service& service) noexcept : service_{service} {}

  /// `POST /api/events/purposes`
  [[nodiscard]] ApiResponse create(const ApiRequest& request) const noexcept {
    return answer(request, [&]() -> Result<ApiResponse> {
      BOOST_OUTCOME_TRY(const auto parsed, parse_create_request(request.body));
      BOOST_OUTCOME_TRY(const auto receipt, service_.create_event_draft(parsed.command(request.traceparent)));
      return created_response(receipt);
    });
  }

  /// `GET /api/events/drafts/{draft_id}?userId={user_id}`
  [[nodiscard]] ApiResponse find(std::string_view draft_id, std::string_view user_id,
                                 const ApiRequest& request) const noexcept {
    return answer(request, [&]() -> Result<ApiResponse> {
      BOOST_OUTCOME_TRY(const auto parsed, parse_draft_request(draft_id, user_id));
      BOOST_OUTCOME_TRY(const auto found, service_.find_event_draft(parsed.draft_id, parsed.user_id));
      return found_response(found);
    });
  }

  /// `POST /api/events/drafts/{draft_id}/approval?userId={user_id}`; a body is not looked at.
  [[nodiscard]] ApiResponse approve(std::string_view draft_id, std::string_view user_id,
                                    const ApiRequest& request) const noexcept {
    return answer(request, [&]() -> Result<ApiResponse> {
      BOOST_OUTCOME_TRY(const auto parsed, parse_draft_request(draft_id, user_id));
      BOOST_OUTCOME_TRY(const auto receipt,
                        service_.approve_event_draft(parsed.draft_id, parsed.user_id, request.traceparent));
      return approved_response(receipt);
    });
  }

 private:
  template <class Operation>
  static ApiResponse answer(const ApiRequest& request, Operation operation) noexcept {
    try {
      auto response = operation();
      return response ? std::move(response).assume_value() : error_response(response.assume_error(), request);
    } catch (...) {
      return internal_error_response(request);
    }
  }

  Service& service_;
};

}  // namespace event_draft
