#pragma once

#include <string_view>

#include <event_draft/detail/utf8.hpp>

namespace event_draft::detail {

/// Reads text as code points with every Hangul syllable taken apart into its conjoining jamo (Unicode 15, section 3.12),
/// so that the composed (NFC), the decomposed (NFD) and any mixed spelling of the same Hangul read the same.
class JamoReader {
 public:
  constexpr explicit JamoReader(std::string_view text) noexcept : rest_{text} {}

  static constexpr char32_t end = 0xFFFFFFFF;
  static constexpr char32_t invalid = 0xFFFFFFFE;

  /// The next code point; `end` at the end, `invalid` (for ever) at what is not UTF-8.
  constexpr char32_t next() noexcept {
    if (pending_count_ != 0) return pending_[--pending_count_];
    if (rest_.empty()) return end;
    const auto c = next_code_point(rest_);
    if (!c) return invalid;
    constexpr char32_t syllables = 0xAC00;
    constexpr char32_t syllable_count = 11172;
    constexpr char32_t vowels = 21;
    constexpr char32_t trailers = 28;  // 27 final consonants, and none
    if (*c < syllables || *c >= syllables + syllable_count) return *c;
    const char32_t index = *c - syllables;
    if (index % trailers != 0) pending_[pending_count_++] = 0x11A7 + index % trailers;
    pending_[pending_count_++] = 0x1161 + index / trailers % vowels;
    return 0x1100 + index / trailers / vowels;
  }

 private:
  std::string_view rest_;
  char32_t pending_[2]{};  // vowel and final consonant of the syllable being read, last first
  unsigned pending_count_ = 0;
};

/// Whether two texts are the same but for how their Hangul syllables are composed.
[[nodiscard]] constexpr bool same_hangul(std::string_view a, std::string_view b) noexcept {
  JamoReader left{a};
  JamoReader right{b};
  for (;;) {
    const char32_t c = left.next();
    if (c != right.next() || c == JamoReader::invalid) return false;
    if (c == JamoReader::end) return true;
  }
}

}  // namespace event_draft::detail
