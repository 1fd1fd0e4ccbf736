#pragma once

#include <algorithm>
#include <array>
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
  std::array text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 'T', '0',
                  '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z'};
  const auto write = [&](std::size_t at, std::size_t digits, auto value) {
    auto rest = static_cast<unsigned>(value);
    for (std::size_t i = at + digits; i-- != at; rest /= 10) text[i] = static_cast<char>('0' + rest % 10);
  };
  write(0, 4, int{date.year()});
  write(5, 2, unsigned{date.month()});
  write(8, 2, unsigned{date.day()});
  write(11, 2, clock.hours().count());
  write(14, 2, clock.minutes().count());
  write(17, 2, clock.seconds().count());
  write(20, 3, clock.subseconds().count());
  return TimestampText{std::string_view{text.data(), text.size()}};
}

/// Reads exactly what `to_text` writes; nullopt for anything else.
[[nodiscard]] constexpr std::optional<Timestamp> parse_timestamp(std::string_view text) noexcept {
  using namespace std::chrono;
  constexpr std::string_view shape = "0000-00-00T00:00:00.000Z";
  if (text.size() != shape.size()) return std::nullopt;
  bool fits = true;
  for (const std::size_t at : {4U, 7U, 10U, 13U, 16U, 19U, 23U}) fits = fits && text[at] == shape[at];
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i != at + digits; ++i) {
      fits = fits && text[i] >= '0' && text[i] <= '9';
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const hours hour{number(11, 2)};
  const minutes minute{number(14, 2)};
  const seconds second{number(17, 2)};
  const milliseconds millisecond{number(20, 3)};
  if (!fits || !date.ok() || hour >= days{1} || minute >= hours{1} || second >= minutes{1}) return std::nullopt;
  return sys_days{date} + hour + minute + second + millisecond;
}

}  // namespace event_draft
