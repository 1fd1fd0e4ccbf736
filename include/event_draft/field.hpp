#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace event_draft {

/// The members of a request that an error can point at.
enum class Field : std::uint8_t { user_id, objective, store_name, industry, address };

inline constexpr std::array all_fields{Field::user_id, Field::objective, Field::store_name, Field::industry,
                                       Field::address};

/// The field's name in a request's JSON.
[[nodiscard]] constexpr std::string_view to_string(Field field) noexcept {
  switch (field) {
    case Field::user_id: return "userId";
    case Field::objective: return "objective";
    case Field::store_name: return "storeName";
    case Field::industry: return "industry";
    case Field::address: break;
  }
  return "address";
}

/// A set of fields, in one byte.
class FieldSet {
 public:
  constexpr FieldSet() noexcept = default;
  constexpr FieldSet(std::initializer_list<Field> fields) noexcept {
    for (const Field field : fields) insert(field);
  }

  constexpr void insert(Field field) noexcept { bits_ = static_cast<std::uint8_t>(bits_ | bit(field)); }
  [[nodiscard]] constexpr bool contains(Field field) const noexcept { return (bits_ & bit(field)) != 0; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  friend constexpr bool operator==(FieldSet, FieldSet) noexcept = default;

 private:
  static constexpr unsigned bit(Field field) noexcept { return 1U << static_cast<unsigned>(field); }

  std::uint8_t bits_ = 0;
};

}  // namespace event_draft
