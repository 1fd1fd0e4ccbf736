#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include <event_draft/detail/hangul.hpp>
#include <event_draft/detail/utf8.hpp>

namespace event_draft {

/// The marketing objective that a shop owner chooses (the specification's four, UFR-EVENT-020).
enum class Objective : std::uint8_t {
  new_customers,    ///< 신규 고객 유치
  repeat_visits,    ///< 재방문 유도
  sales_growth,     ///< 매출 증대
  brand_awareness,  ///< 인지도 향상
};

inline constexpr std::array all_objectives{Objective::new_customers, Objective::repeat_visits, Objective::sales_growth,
                                           Objective::brand_awareness};

/// The objective's label, in NFC; the only form that is ever written.
[[nodiscard]] constexpr std::string_view to_string(Objective objective) noexcept {
  switch (objective) {
    case Objective::new_customers: return "신규 고객 유치";
    case Objective::repeat_visits: return "재방문 유도";
    case Objective::sales_growth: return "매출 증대";
    case Objective::brand_awareness: break;
  }
  return "인지도 향상";
}

/// Recognises a label in NFC or NFD, white space around it ignored. Anything else is nullopt (EVENT_001).
[[nodiscard]] constexpr std::optional<Objective> parse_objective(std::string_view text) noexcept {
  for (const Objective objective : all_objectives) {
    if (text == to_string(objective)) return objective;  // as nearly everybody sends it
  }
  const std::string_view label = detail::trim(text);
  for (const Objective objective : all_objectives) {
    if (detail::same_hangul(label, to_string(objective))) return objective;
  }
  return std::nullopt;
}

}  // namespace event_draft
