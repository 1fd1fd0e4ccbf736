#include <doctest/doctest.h>

#include <array>
#include <event_draft/field.hpp>
#include <string_view>

using namespace event_draft;

static_assert(sizeof(FieldSet) == 1);
static_assert(FieldSet{Field::industry}.contains(Field::industry) &&
              !FieldSet{Field::industry}.contains(Field::address));
static_assert(FieldSet{}.empty() && FieldSet{Field::user_id} != FieldSet{});

TEST_CASE("field: named as in the request's JSON") {
  constexpr std::array<std::string_view, 5> names{"userId", "objective", "storeName", "industry", "address"};
  static_assert(names.size() == all_fields.size());
  for (std::size_t i = 0; i < names.size(); ++i) CHECK(to_string(all_fields[i]) == names[i]);
}

TEST_CASE("field set: holds what was put in and nothing else") {
  for (unsigned mask = 0; mask < 32; ++mask) {
    FieldSet set;
    for (std::size_t i = 0; i < all_fields.size(); ++i) {
      if ((mask >> i & 1U) != 0) set.insert(all_fields[i]);
    }
    CAPTURE(mask);
    CHECK(set.empty() == (mask == 0));
    for (std::size_t i = 0; i < all_fields.size(); ++i) CHECK(set.contains(all_fields[i]) == ((mask >> i & 1U) != 0));
    CHECK((set == FieldSet{Field::user_id, Field::address}) == (mask == 0b10001));
  }
}

TEST_CASE("field set: putting a field in twice, or in another order, makes no difference") {
  FieldSet set{Field::address, Field::user_id};
  set.insert(Field::address);
  CHECK(set == FieldSet{Field::user_id, Field::address});
}
