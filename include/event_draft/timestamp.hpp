#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <event_draft/detail/inline_text.hpp>

namespace event_draft {

/// A moment in UTC, to the millisecond.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// `2026-11-23T09:00:00.123Z`
using TimestampText = detail::InlineText<24>;

/// RFC 3339 with milliseconds. Years outside 0000 to 9999, which it can't write, are taken as the nearest that it can.
[[nodiscard]] constexpr TimestampText to_text(Timestamp time) noexcept {
  using namespace std::chrono;
  constexpr Timestamp first{sys_days{year{0} / January / 1}};
  constexpr Timestamp last{sys_days{year{10000} / January / 1} - milliseconds{1}};
  time = std::clamp(time, first, last);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto number = [](auto value) { return static_cast<std::uint64_t>(value); };
  TimestampText text;
  text.append_number(number(int{date.year()}), 4).append("-");
  text.append_number(unsigned{date.month()}, 2).append("-").append_number(unsigned{date.day()}, 2).append("T");
  text.append_number(number(clock.hours().count()), 2).append(":");
  text.append_number(number(clock.minutes().count()), 2).append(":");
  text.append_number(number(clock.seconds().count()), 2).append(".");
  return text.append_number(number(clock.subseconds().count()), 3).append("Z");
}

/// Reads exactly what `to_text` writes; nullopt for anything else.
[[nodiscard]] constexpr std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  using namespace std::chrono;
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const hours hour{number(11, 2)};
  const minutes minute{number(14, 2)};
  const seconds second{number(17, 2)};
  if (!date.ok() || hour >= days{1} || minute >= hours{1} || second >= minutes{1}) return std::nullopt;
  return sys_days{date} + hour + minute + second + milliseconds{number(20, 3)};
}

}  // namespace event_draft
