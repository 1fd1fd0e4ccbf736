#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace event_draft::detail {

/// Up to `Capacity` bytes of text in place: keys, ids and times without allocation. Appending past the capacity is a
/// defect of the caller, who knows the bounds; what does not fit is cut off rather than written elsewhere.
template <std::size_t Capacity>
class InlineText {
 public:
  static constexpr std::size_t capacity = Capacity;

  constexpr InlineText() noexcept = default;
  constexpr explicit InlineText(std::string_view text) noexcept { append(text); }

  constexpr InlineText& append(std::string_view text) noexcept {
    const std::string_view fitting = text.substr(0, Capacity - size_);
    std::copy(fitting.begin(), fitting.end(), bytes_.begin() + size_);
    size_ = static_cast<std::uint16_t>(size_ + fitting.size());
    return *this;
  }

  constexpr InlineText& append_number(std::uint64_t value, std::size_t width = 1) noexcept {
    std::array<char, 20> digits{};
    std::size_t count = 0;
    for (; value != 0 || (count < width && count < digits.size()); value /= 10)
      digits[count++] = static_cast<char>('0' + value % 10);
    while (count != 0) append({&digits[--count], 1});
    return *this;
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {bytes_.data(), size_}; }
  constexpr operator std::string_view() const noexcept { return view(); }  // it is text, wherever text is read

  friend constexpr bool operator==(const InlineText& a, const InlineText& b) noexcept { return a.view() == b.view(); }

 private:
  static_assert(Capacity <= 0xFFFF);

  std::array<char, Capacity> bytes_{};
  std::uint16_t size_ = 0;
};

}  // namespace event_draft::detail
