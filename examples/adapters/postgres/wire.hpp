#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <event_draft/timestamp.hpp>
#include <optional>
#include <string_view>

// How PostgreSQL writes values in its binary format. Nothing here knows of connections.
namespace event_draft::postgres {

/// One field of a row; nullopt is NULL.
using Value = std::optional<std::string_view>;

using EightBytes = std::array<char, 8>;

/// A timestamptz: microseconds since 2000, UTC.
using ServerTime = std::chrono::sys_time<std::chrono::microseconds>;
inline constexpr ServerTime server_epoch = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};

[[nodiscard]] constexpr EightBytes encode(std::int64_t number) noexcept {
  EightBytes bytes{};
  auto bits = static_cast<std::uint64_t>(number);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, bits >>= 8U) *byte = static_cast<char>(bits & 0xFFU);
  return bytes;
}

[[nodiscard]] constexpr EightBytes encode(Timestamp time) noexcept {
  return encode((ServerTime{time} - server_epoch).count());
}

/// A bigint; nullopt for NULL and for what is none.
[[nodiscard]] constexpr std::optional<std::int64_t> integer(Value field) noexcept {
  if (!field || field->size() != 8) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char byte : *field) bits = (bits << 8U) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

/// A timestamptz; nullopt for NULL, for the infinite ones, and for a moment that has no text (years 0000 to 9999).
/// Microseconds are cut off.
[[nodiscard]] constexpr std::optional<Timestamp> time(Value field) noexcept {
  const auto count = integer(field);
  constexpr std::chrono::microseconds most = std::chrono::years{10'000};
  if (!count || *count > most.count() || *count < -most.count()) return std::nullopt;
  const auto moment = std::chrono::floor<std::chrono::milliseconds>(server_epoch + std::chrono::microseconds{*count});
  if (parse_timestamp(to_text(moment)) != moment) return std::nullopt;
  return moment;
}

[[nodiscard]] constexpr bool boolean(Value field) noexcept { return field && field->size() == 1 && (*field)[0] != 0; }

[[nodiscard]] constexpr std::string_view text(Value field) noexcept { return field.value_or(std::string_view{}); }

}  // namespace event_draft::postgres
