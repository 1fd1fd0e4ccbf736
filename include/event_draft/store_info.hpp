#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <event_draft/detail/utf8.hpp>
#include <event_draft/result.hpp>

namespace event_draft {

/// A shop's name, industry and address: UTF-8, not blank, without control characters, within the limits. All three live
/// in one place inside the object, so a draft is made and copied without allocation; a copy moves only the bytes in use.
class StoreInfo {
 public:
  // Limits in code points.
  static constexpr std::size_t max_name = 100;
  static constexpr std::size_t max_industry = 50;
  static constexpr std::size_t max_address = 200;

  /// `missing_store_info` naming every blank field; with none blank, `invalid_store_info` naming every bad one.
  [[nodiscard]] static constexpr Result<StoreInfo> make(std::string_view name, std::string_view industry,
                                                        std::string_view address) noexcept;

  [[nodiscard]] constexpr std::string_view name() const noexcept { return {text_.data(), name_end_}; }
  [[nodiscard]] constexpr std::string_view industry() const noexcept { return between(name_end_, industry_end_); }
  [[nodiscard]] constexpr std::string_view address() const noexcept { return between(industry_end_, address_end_); }

  constexpr StoreInfo(const StoreInfo& other) noexcept { assign(other); }
  constexpr StoreInfo& operator=(const StoreInfo& other) noexcept {
    if (this != &other) assign(other);
    return *this;
  }
  constexpr ~StoreInfo() = default;

  friend constexpr bool operator==(const StoreInfo& a, const StoreInfo& b) noexcept {
    return a.name() == b.name() && a.industry() == b.industry() && a.address() == b.address();
  }

 private:
  static constexpr std::size_t capacity = 4 * (max_name + max_industry + max_address);  // UTF-8's longest form

  enum class Verdict : std::uint8_t { fine, blank, bad };

  static constexpr Verdict judge(std::string_view text, std::size_t max_code_points) noexcept;

  constexpr StoreInfo(std::string_view name, std::string_view industry, std::string_view address) noexcept
      : name_end_{append(0, name)},
        industry_end_{append(name_end_, industry)},
        address_end_{append(industry_end_, address)} {}

  constexpr void assign(const StoreInfo& other) noexcept {
    name_end_ = other.name_end_;
    industry_end_ = other.industry_end_;
    address_end_ = append(0, {other.text_.data(), other.address_end_});
  }

  constexpr std::uint16_t append(std::size_t at, std::string_view text) noexcept {
    std::copy(text.begin(), text.end(), text_.begin() + static_cast<std::ptrdiff_t>(at));
    return static_cast<std::uint16_t>(at + text.size());
  }

  [[nodiscard]] constexpr std::string_view between(std::size_t begin, std::size_t end) const noexcept {
    return {text_.data() + begin, end - begin};
  }

  std::array<char, capacity> text_;  // left uninitialised past address_end_: clearing it would cost more than the rest
  std::uint16_t name_end_ = 0;
  std::uint16_t industry_end_ = 0;
  std::uint16_t address_end_ = 0;
};

constexpr StoreInfo::Verdict StoreInfo::judge(std::string_view text, std::size_t max_code_points) noexcept {
  bool blank = true;
  bool bad = false;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto c = detail::next_code_point(text);
    if (!c) return Verdict::bad;
    blank = blank && detail::is_white_space(*c);
    bad = bad || detail::is_control(*c);
    ++count;
  }
  if (blank) return Verdict::blank;
  return bad || count > max_code_points ? Verdict::bad : Verdict::fine;
}

constexpr Result<StoreInfo> StoreInfo::make(std::string_view name, std::string_view industry,
                                            std::string_view address) noexcept {
  FieldSet missing;
  FieldSet invalid;
  const auto check = [&](Field field, std::string_view text, std::size_t max_code_points) {
    const Verdict verdict = judge(text, max_code_points);
    if (verdict == Verdict::blank) missing.insert(field);
    if (verdict == Verdict::bad) invalid.insert(field);
  };
  check(Field::store_name, name, max_name);
  check(Field::industry, industry, max_industry);
  check(Field::address, address, max_address);
  if (!missing.empty()) return Error{Errc::missing_store_info, missing};
  if (!invalid.empty()) return Error{Errc::invalid_store_info, invalid};
  return StoreInfo{name, industry, address};
}

}  // namespace event_draft
