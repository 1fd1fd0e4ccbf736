#include <doctest/doctest.h>

#include <array>
#include <event_draft/store_info.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "samples.hpp"

using namespace event_draft;
using samples::repeated;
using samples::utf8;

namespace {

using Texts = std::array<std::string, 3>;  // name, industry, address

constexpr std::array fields{Field::store_name, Field::industry, Field::address};
constexpr std::array<std::size_t, 3> limits{StoreInfo::max_name, StoreInfo::max_industry, StoreInfo::max_address};

static_assert(limits == std::array<std::size_t, 3>{100, 50, 200});
static_assert(StoreInfo::make("a", "b", "c").assume_value() == StoreInfo::make("a", "b", "c").assume_value());
static_assert(StoreInfo::make("a", " ", "").error() ==
              Error{Errc::missing_store_info, {Field::industry, Field::address}});
static_assert(std::is_nothrow_copy_constructible_v<StoreInfo> && std::is_nothrow_copy_assignable_v<StoreInfo>);

Result<StoreInfo> make(const Texts& texts) { return StoreInfo::make(texts[0], texts[1], texts[2]); }

/// The store of "a", "b", "c", with `text` in one place.
Result<StoreInfo> with(std::size_t at, std::string text) {
  Texts texts{"a", "b", "c"};
  texts[at] = std::move(text);
  return make(texts);
}

bool is_missing(const Result<StoreInfo>& store, FieldSet at) {
  return !store && store.error() == Error{Errc::missing_store_info, at};
}
bool is_invalid(const Result<StoreInfo>& store, FieldSet at) {
  return !store && store.error() == Error{Errc::invalid_store_info, at};
}

}  // namespace

TEST_CASE("store info: each field takes its limit in code points of any length, and not one more") {
  for (const std::string_view character : {"a", "é", "한", "🍜"}) {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      CAPTURE(character);
      CAPTURE(at);
      const auto longest = with(at, repeated(character, limits[at]));
      REQUIRE(longest);
      const std::array views{longest.value().name(), longest.value().industry(), longest.value().address()};
      CHECK(views[at] == repeated(character, limits[at]));
      CHECK(is_invalid(with(at, repeated(character, limits[at] + 1)), {fields[at]}));
    }
  }
}

TEST_CASE("store info: exactly the fields that are missing are named") {
  for (const std::string_view blank : {"", " \u3000\t"}) {
    for (unsigned mask = 1; mask < 8; ++mask) {
      Texts texts{"a", "b", "c"};
      FieldSet missing;
      for (std::size_t at = 0; at < fields.size(); ++at) {
        if ((mask >> at & 1U) == 0) continue;
        texts[at] = blank;
        missing.insert(fields[at]);
      }
      CAPTURE(mask);
      CHECK(is_missing(make(texts), missing));
    }
  }
}

TEST_CASE("store info: white space of any kind is blank, however long") {
  for (const char32_t c : samples::white_space) {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      CAPTURE(static_cast<unsigned>(c));
      CHECK(is_missing(with(at, utf8(c)), {fields[at]}));
      CHECK(is_missing(with(at, repeated(utf8(c), limits[at] + 1)), {fields[at]}));
    }
  }
}

TEST_CASE("store info: what only looks blank is text") {
  for (const char32_t c : {U'\u180E', U'\u200B', U'\u2800', U'\u3164', U'\uFEFF'}) CHECK(with(0, utf8(c)));
}

TEST_CASE("store info: control characters are refused, and nothing beside them") {
  const auto is_control = [](char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F); };
  for (char32_t c = 0; c < 0x200; ++c) {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      CAPTURE(static_cast<unsigned>(c));
      const auto store = with(at, "a" + utf8(c) + "b");
      CHECK((is_control(c) ? is_invalid(store, {fields[at]}) : store.has_value()));
    }
  }
  CHECK(is_invalid(with(0, "\ta"), {Field::store_name}));  // not trimmed away either
  CHECK(is_invalid(with(0, "a\n"), {Field::store_name}));
  CHECK(is_invalid(with(0, std::string(1, '\0')), {Field::store_name}));  // a control that is no white space
}

TEST_CASE("store info: what is not UTF-8 is refused wherever it stands") {
  for (const std::string_view broken : samples::broken_utf8) {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      CHECK(is_invalid(with(at, std::string{broken}), {fields[at]}));
      CHECK(is_invalid(with(at, "맛" + std::string{broken}), {fields[at]}));
      CHECK(is_invalid(with(at, " " + std::string{broken} + "집"), {fields[at]}));
    }
  }
}

TEST_CASE("store info: every invalid field is named, but what is missing comes first") {
  CHECK(is_invalid(StoreInfo::make("\x01", "\xFF", "fine"), {Field::store_name, Field::industry}));
  CHECK(is_invalid(StoreInfo::make("\x01", "\xFF", "a\x7F"), {Field::store_name, Field::industry, Field::address}));
  CHECK(is_missing(StoreInfo::make("\x01", "\xFF", ""), {Field::address}));
  CHECK(is_missing(StoreInfo::make(repeated("a", 101), " ", "fine"), {Field::industry}));
}

TEST_CASE("store info: text is kept as it came, not trimmed and not composed") {
  for (const std::string_view text : {" 맛있는집 ", "\u3000a\u3000", "\u1106\u1161\u11BA", "\"\\/\"", "a  b",
                                      "👨‍👩‍👧‍👦", "\U0010FFFF"}) {
    const auto store = StoreInfo::make(text, "b", text);
    REQUIRE(store);
    CHECK(store.value().name() == text);
    CHECK(store.value().industry() == "b");
    CHECK(store.value().address() == text);
  }
}

TEST_CASE("store info: a copy stands on its own") {
  const StoreInfo small = samples::store("a", "b", "c");
  const StoreInfo large = samples::store(repeated("🍜", 100), repeated("🍜", 50), repeated("🍜", 200));
  StoreInfo store = large;
  CHECK(store == large);
  store = small;  // shorter over longer
  CHECK(store == small);
  CHECK(store.address() == "c");
  CHECK(large.address() == repeated("🍜", 200));
  store = large;
  CHECK(store == large);
  auto& same = store;
  store = same;
  CHECK(store == large);
  const StoreInfo moved = std::move(store);
  CHECK(moved == large);
}

TEST_CASE("store info: equal when all three fields are, whatever lies where") {
  const StoreInfo store = samples::store("ab", "c", "d");
  CHECK(store == samples::store("ab", "c", "d"));
  CHECK(store != samples::store("a", "bc", "d"));  // the same bytes, otherwise divided
  CHECK(store != samples::store("ab", "c", "e"));
  CHECK(store != samples::store("ab", "d", "d"));
  CHECK(store != samples::store("aB", "c", "d"));
}
