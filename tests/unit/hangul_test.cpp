#include <doctest/doctest.h>

#include <event_draft/detail/hangul.hpp>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft::detail;
using samples::utf8;

static_assert(same_hangul("한", "\u1112\u1161\u11AB"));
static_assert(!same_hangul("한", "하"));

TEST_CASE(
    "hangul: each of the 11172 syllables is its leading consonant, its vowel and, if it has one, its final consonant") {
  char32_t syllable = 0xAC00;  // in the block they follow each other in this very order
  for (char32_t leading = 0x1100; leading <= 0x1112; ++leading) {
    for (char32_t vowel = 0x1161; vowel <= 0x1175; ++vowel) {
      const char32_t open = syllable;
      for (char32_t trailing = 0x11A7; trailing <= 0x11C2; ++trailing, ++syllable) {
        const std::string final = trailing == 0x11A7 ? "" : utf8(trailing);
        const std::string composed = utf8(syllable);
        const std::string decomposed = utf8(leading) + utf8(vowel) + final;
        bool fine = same_hangul(composed, decomposed) && same_hangul(decomposed, composed);
        fine = fine && same_hangul(composed, composed) && same_hangul(decomposed, decomposed);
        fine = fine && same_hangul(composed, utf8(open) + final);   // half composed
        fine = fine && !same_hangul(composed, utf8(syllable + 1));  // its neighbour
        fine = fine && !same_hangul(composed, utf8(leading)) && !same_hangul(utf8(leading), composed);
        JamoReader reader{composed};
        fine = fine && reader.next() == leading && reader.next() == vowel;
        if (!final.empty()) fine = fine && reader.next() == trailing;
        fine = fine && reader.next() == JamoReader::end && reader.next() == JamoReader::end;
        if (!fine) FAIL_CHECK(composed);
      }
    }
  }
  CHECK(syllable == 0xAC00 + 11172);
}

TEST_CASE("hangul: what is no syllable stays as it is") {
  for (const char32_t c : {U'a', U'\uABFF', U'\uD7A4', U'ㄱ', U'\u1100', U'\u00E9', U'\U0001F35C'}) {
    const std::string text = utf8(c);
    JamoReader reader{text};
    CHECK(reader.next() == c);
    CHECK(reader.next() == JamoReader::end);
  }
  CHECK(!same_hangul("ㄱ", "\u1100"));       // a letter on its own is no conjoining one
  CHECK(!same_hangul("\u00E9", "e\u0301"));  // only Hangul is taken apart
}

TEST_CASE("hangul: a text is the same as another only to its end") {
  CHECK(same_hangul("", ""));
  CHECK(!same_hangul("", "가"));
  CHECK(!same_hangul("가", "가나"));
  CHECK(!same_hangul("가나", "가"));
  CHECK(!same_hangul("가", "각"));
  CHECK(!same_hangul("가나", "나가"));
}

TEST_CASE("hangul: what is not UTF-8 is the same as nothing, itself included") {
  for (const std::string_view broken : samples::broken_utf8) {
    CHECK(!same_hangul(broken, broken));
    CHECK(!same_hangul("가" + std::string{broken}, "가" + std::string{broken}));
    JamoReader reader{broken};
    CHECK(reader.next() == JamoReader::invalid);
    CHECK(reader.next() == JamoReader::invalid);
  }
}
