#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <event_draft/timestamp.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "array_bytes.hpp"
#include "wire.hpp"

namespace event_draft::postgres {

/// An array as PostgreSQL reads it from text: `{1,2,3}`. Of numbers and of plain words, which need no quotes.
class ArrayText {
 public:
  void add(std::int64_t number) { add(std::string_view{std::to_string(number)}); }
  void add(std::string_view word);
  [[nodiscard]] std::string_view view() const noexcept { return text_; }

 private:
  std::string text_ = "{}";
};

/// A span that can be added to any time of day: neither less than none nor more than a thousand years.
[[nodiscard]] constexpr std::int64_t bounded(std::chrono::milliseconds span) noexcept {
  constexpr std::chrono::milliseconds most = std::chrono::years{1000};
  return span < span.zero() ? 0 : (span > most ? most : span).count();
}

/// The parameters of one statement, in the form in which libpq takes them. Text must live as long as they do.
class Parameters {
 public:
  static constexpr std::size_t most = 12;

  template <class... Values>
  explicit Parameters(const Values&... values) noexcept {
    static_assert(sizeof...(values) <= most);
    (add(values), ...);
  }
  Parameters(const Parameters&) = delete;  // it points into itself
  Parameters& operator=(const Parameters&) = delete;

  [[nodiscard]] int size() const noexcept { return static_cast<int>(size_); }
  [[nodiscard]] const char* const* values() const noexcept { return values_.data(); }
  [[nodiscard]] const int* lengths() const noexcept { return lengths_.data(); }
  [[nodiscard]] const int* formats() const noexcept { return formats_.data(); }

 private:
  static constexpr int as_text = 0;
  static constexpr int as_binary = 1;

  void add(std::int64_t number) noexcept { add(encode(number)); }
  void add(Timestamp time) noexcept { add(encode(time)); }
  void add(std::chrono::milliseconds span) noexcept { add(bounded(span)); }
  void add(std::string_view text) noexcept { add(text, as_binary); }
  void add(const ArrayBytes& array) noexcept { add(array.view(), as_binary); }
  void add(const ArrayText& array) noexcept { add(array.view(), as_text); }
  template <class T>
  void add(const std::optional<T>& value) noexcept {
    if (value) return add(*value);
    values_[size_++] = nullptr;
  }

  void add(const EightBytes& bytes) noexcept {
    bytes_[size_] = bytes;
    add({bytes_[size_].data(), bytes.size()}, as_binary);
  }
  void add(std::string_view bytes, int format) noexcept {
    values_[size_] = bytes.data() == nullptr ? "" : bytes.data();  // a null pointer would be NULL
    lengths_[size_] = static_cast<int>(bytes.size());
    formats_[size_++] = format;
  }

  std::size_t size_ = 0;
  std::array<EightBytes, most> bytes_;
  std::array<const char*, most> values_{};
  std::array<int, most> lengths_{};
  std::array<int, most> formats_{};
};

}  // namespace event_draft::postgres
