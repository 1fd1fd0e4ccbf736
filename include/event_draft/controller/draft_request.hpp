#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

#include <event_draft/draft_id.hpp>
#include <event_draft/result.hpp>

namespace event_draft {

struct ParsedDraftRequest {
  DraftId draft_id;
  std::int64_t user_id;
};

namespace detail {

/// Decimal digits without sign or leading zero, at most 2^63 - 1; 0 for anything else.
[[nodiscard]] inline std::int64_t parse_positive(std::string_view text) noexcept {
  if (text.empty() || text.front() < '1' || text.front() > '9') return 0;
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  return error == std::errc{} && read == end ? value : 0;
}

}  // namespace detail

/// Reads what a request about one draft says: the id in its path, and `?userId={user_id}`. Fails with `malformed_request` for a user id that is not a
/// positive 64-bit integer, and with `draft_not_found` for an id that no draft can have.
[[nodiscard]] inline Result<ParsedDraftRequest> parse_draft_request(std::string_view draft_id,
                                                                    std::string_view user_id) noexcept {
  const std::int64_t user = detail::parse_positive(user_id);
  if (user == 0) return Error{Errc::malformed_request, {Field::user_id}};
  const auto id = DraftId::parse(draft_id);
  if (!id) return Errc::draft_not_found;
  return ParsedDraftRequest{*id, user};
}

}  // namespace event_draft
