#pragma once

#include <cstdint>
#include <string_view>

#include <event_draft/error.hpp>

namespace event_draft {

/// The languages that errors are explained in.
enum class Language : std::uint8_t { korean, english };

namespace detail {

[[nodiscard]] constexpr std::string_view korean_message(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_objective:
      return "유효하지 않은 목적입니다. 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상 중 하나를 선택하세요.";
    case Errc::missing_store_info: return "매장 정보가 누락되었습니다.";
    case Errc::invalid_store_info: return "매장 정보가 올바르지 않습니다. 길이와 문자를 확인하세요.";
    case Errc::invalid_user: return "사용자 ID는 양의 정수여야 합니다.";
    case Errc::malformed_request: return "요청 형식이 올바르지 않습니다.";
    case Errc::draft_not_found: return "이벤트 초안을 찾을 수 없습니다.";
    case Errc::corrupt_draft: return "저장된 이벤트 초안이 손상되었습니다.";
    case Errc::storage_unavailable: return "이벤트 초안을 저장하거나 읽을 수 없습니다. 잠시 후 다시 시도하세요.";
    case Errc::cache_unavailable: return "캐시를 사용할 수 없습니다.";
    case Errc::publisher_unavailable: return "이벤트 발행이 확인되지 않았습니다.";
    case Errc::event_rejected: return "이벤트가 브로커에서 거부되었습니다.";
    case Errc::deadline_exceeded: return "제한 시간을 초과했습니다.";
    case Errc::port_exception: return "연결된 시스템에서 예외가 발생했습니다.";
    case Errc::internal_error: break;
  }
  return "내부 오류가 발생했습니다.";
}

[[nodiscard]] constexpr std::string_view english_message(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_objective:
      return "The objective is not one of 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상.";
    case Errc::missing_store_info: return "Store information is missing.";
    case Errc::invalid_store_info: return "Store information is not acceptable: check its length and characters.";
    case Errc::invalid_user: return "The user id must be a positive integer.";
    case Errc::malformed_request: return "The request is malformed.";
    case Errc::draft_not_found: return "There is no such event draft.";
    case Errc::corrupt_draft: return "The stored event draft is damaged.";
    case Errc::storage_unavailable: return "Event drafts can't be stored or read right now; try again shortly.";
    case Errc::cache_unavailable: return "The cache is unavailable.";
    case Errc::publisher_unavailable: return "The event was not acknowledged.";
    case Errc::event_rejected: return "The broker refuses this event.";
    case Errc::deadline_exceeded: return "The time limit was exceeded.";
    case Errc::port_exception: return "An exception came out of a connected system.";
    case Errc::internal_error: break;
  }
  return "An internal error occurred.";
}

}  // namespace detail

/// One sentence for a person, without the names of fields.
[[nodiscard]] constexpr std::string_view message(Errc code, Language language) noexcept {
  return language == Language::korean ? detail::korean_message(code) : detail::english_message(code);
}

}  // namespace event_draft
