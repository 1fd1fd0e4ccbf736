#include <doctest/doctest.h>

#include <cstdint>
#include <event_draft/detail/json_writer.hpp>
#include <random>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft::detail;

namespace {

std::size_t find_escape_slowly(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && text[i] != '"' && text[i] != '\\' && static_cast<unsigned char>(text[i]) >= 0x20) ++i;
  return i;
}

std::string written(std::string_view text) { return std::string{JsonWriter<256>{}.string(text).view()}; }

}  // namespace

TEST_CASE("json writer: the first byte to escape is found at every place, among every neighbour") {
  for (const char filler : {'a', ' ', '!', '#', '[', ']', '\x7F', '\x80', '\xA2', '\xDC', '\xFF'}) {
    for (std::size_t size = 0; size <= (filler == 'a' ? 40U : 17U); ++size) {
      std::string text(size, filler);
      CHECK(find_escape(text) == size);
      for (std::size_t at = 0; at < size; ++at) {
        for (unsigned byte = 0; byte < 256; ++byte) {
          text[at] = static_cast<char>(byte);
          if (find_escape(text) != find_escape_slowly(text)) FAIL_CHECK("size ", size, " at ", at, " byte ", byte);
        }
        text[at] = filler;
      }
    }
  }
}

TEST_CASE("json writer: the first of several bytes to escape is found") {
  std::mt19937 random{20261123};
  for (int round = 0; round < 100'000; ++round) {
    std::string text(random() % 41, '\0');
    for (char& c : text) c = random() % 8 == 0 ? "\"\\\x1F\0"[random() % 4] : static_cast<char>(random());
    if (find_escape(text) != find_escape_slowly(text)) FAIL_CHECK("round ", round);
  }
}

TEST_CASE("json writer: of the 256 bytes, quote, backslash and what is below U+0020 are escaped") {
  constexpr std::string_view hex = "0123456789abcdef";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string c(1, static_cast<char>(byte));
    std::string escaped = c;
    if (byte < 0x20) escaped = std::string{"\\u00"} + hex[byte >> 4U] + hex[byte & 0xFU];
    if (byte == '"' || byte == '\\') escaped = "\\" + c;
    CAPTURE(byte);
    CHECK(written(c) == "\"" + escaped + "\"");
    CHECK(written("long enough " + c + c + " for two words") ==
          "\"long enough " + escaped + escaped + " for two words\"");
  }
}

TEST_CASE("json writer: strings") {
  CHECK(written("") == R"("")");
  CHECK(written("맛있는집 🍜") == "\"맛있는집 🍜\"");
  CHECK(written("\"\"\"") == R"("\"\"\"")");
  CHECK(written(R"(a\b"c)") == R"("a\\b\"c")");
  CHECK(written("a/b") == R"("a/b")");
}

TEST_CASE("json writer: numbers") {
  for (const std::int64_t number : {INT64_C(0), INT64_C(7), INT64_C(-7), INT64_MAX, INT64_MIN}) {
    CHECK(JsonWriter<32>{}.number(number).view() == std::to_string(number));
  }
}

TEST_CASE("json writer: pieces follow each other") {
  JsonWriter<64> json;
  json.raw(R"({"a":)").string("b").raw(R"(,"n":)").number(1).raw("}");
  CHECK(json.view() == R"({"a":"b","n":1})");
  CHECK(json.complete());
}

TEST_CASE("json writer: what would pass the capacity is left out, and it says so") {
  JsonWriter<4> full;
  full.raw("abcd");
  CHECK(full.view() == "abcd");
  CHECK(full.complete());
  full.raw("");
  CHECK(full.complete());
  full.raw("e");
  CHECK(full.view() == "abcd");
  CHECK(!full.complete());

  JsonWriter<4> over;
  over.raw("abc").raw("de");
  CHECK(over.view() == "abc");
  CHECK(!over.complete());

  for (const std::string_view text : {"abc", "\"a", "\x01"}) {  // one byte too long each, at different places
    JsonWriter<4> small;
    CHECK(!small.string(text).complete());
    CHECK(small.view().size() <= 4);
  }
  CHECK(JsonWriter<4>{}.string("\"").complete());
}

TEST_CASE("json writer: a number that does not fit is left out, and said") {
  JsonWriter<8> json;
  json.raw("[123,").number(4567);
  CHECK_FALSE(json.complete());
  CHECK(json.view() == "[123,");
}
