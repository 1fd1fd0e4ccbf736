#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace event_draft::postgres {

/// A statement's text, and the name that it has where it is prepared. The name comes from the text: two versions of this
/// program may share a pooler's connections.
struct Statement {
  const char* text;
  std::array<char, 29> name{};  ///< "event_draft_", 16 digits and a zero

  consteval Statement(const char* sql) noexcept
      : text{sql} {  // NOLINT(google-explicit-constructor): it is written as text
    constexpr std::string_view prefix = "event_draft_";
    std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
    for (const char c : std::string_view{sql}) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    std::size_t at = 0;
    for (const char c : prefix) name[at++] = c;
    for (int shift = 60; shift >= 0; shift -= 4) name[at++] = "0123456789abcdef"[(hash >> shift) & 0xFU];
  }
  Statement(const Statement&) = delete;  // its address tells which one it is
  Statement& operator=(const Statement&) = delete;
};

}  // namespace event_draft::postgres
