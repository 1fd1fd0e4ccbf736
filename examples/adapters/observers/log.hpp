#pragma once

#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

namespace event_draft::observers {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

[[nodiscard]] constexpr std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: break;
  }
  return "error";
}

/// One member of a record: text, or a whole number.
struct LogField {
  std::string_view name;
  std::string_view text = {};
  std::int64_t number = 0;
  bool is_number = false;

  LogField(std::string_view field, std::string_view value) noexcept : name{field}, text{value} {}
  LogField(std::string_view field, std::int64_t value) noexcept : name{field}, number{value}, is_number{true} {}
};

/// Structured log: one JSON object a line, `{"time":…,"level":…,"event":…,…}`, always valid UTF-8 and at most 4 KiB,
/// whatever it is given. A reader that does not keep up never holds up the service: records that can't be written at once
/// are dropped and counted.
class Log {
 public:
  /// Writes to `descriptor`, which stays the caller's.
  Log(int descriptor, LogLevel least) noexcept : descriptor_{descriptor}, least_{least} {}

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept;

  [[nodiscard]] std::uint64_t dropped() const noexcept;

 private:
  void emit(std::string_view line) noexcept;

  int descriptor_;
  LogLevel least_;
  mutable std::mutex mutex_;
  std::uint64_t dropped_ = 0;
};

}  // namespace event_draft::observers
