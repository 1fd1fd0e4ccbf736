#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <event_draft/event_draft.hpp>
#include <event_draft/step.hpp>

/// Drafts and text that the tests share.
namespace samples {

/// UTF-8 by its definition, surrogates and values past U+10FFFF included: the tests need wrong text too.
inline std::string utf8(char32_t c) {
  const auto lead = [](char32_t mark, char32_t bits) { return static_cast<char>(mark | bits); };
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) return {lead(0, c)};
  if (c < 0x800) return {lead(0xC0, c >> 6U), tail(0)};
  if (c < 0x10000) return {lead(0xE0, c >> 12U), tail(6), tail(0)};
  return {lead(0xF0, c >> 18U), tail(12), tail(6), tail(0)};
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  while (times-- != 0) all += text;
  return all;
}

/// With the first `what` as `by`. Throws if there is none.
inline std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string result{text};
  return result.replace(result.find(what), what.size(), by);
}

/// The specification's example as a client sends it.
inline constexpr std::string_view specified_body =
    R"({"userId":123,"objective":"신규 고객 유치","storeName":"맛있는집","industry":"음식점","address":"서울시 강남구"})";

inline event_draft::StepSet only(event_draft::Step step) {
  event_draft::StepSet steps;
  steps.insert(step);
  return steps;
}

/// Every code point of Unicode's White_Space property (PropList.txt).
inline constexpr std::array<char32_t, 25> white_space{
    0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,   0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003,
    0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};

/// What UTF-8 forbids, a kind each.
inline constexpr std::array<std::string_view, 12> broken_utf8{"\x80",              // a continuation on its own
                                                              "\xC3",              // cut after one byte of two
                                                              "\xED\x95",          // cut after two bytes of three
                                                              "\xF0\x9F\x8D",      // cut after three bytes of four
                                                              "\xC3(",             // a lead without its continuation
                                                              "\xC0\xAF",          // overlong, two bytes
                                                              "\xE0\x80\xAF",      // overlong, three bytes
                                                              "\xF0\x80\x80\xAF",  // overlong, four bytes
                                                              "\xED\xA0\x80",      // a high surrogate
                                                              "\xED\xBF\xBF",      // a low surrogate
                                                              "\xF4\x90\x80\x80",  // past U+10FFFF
                                                              "\xFF"};

inline event_draft::StoreInfo store(std::string_view name = "맛있는집", std::string_view industry = "음식점",
                                    std::string_view address = "서울시 강남구") {
  return event_draft::StoreInfo::make(name, industry, address).value();
}

inline event_draft::UserId user(std::int64_t value = 123) { return event_draft::UserId::make(value).value(); }

inline event_draft::Timestamp time(std::string_view text = "2026-11-23T09:00:00.123Z") {
  return event_draft::parse_timestamp(text).value();
}

inline event_draft::EventDraft draft() {
  return {event_draft::DraftId::numbered(1), user(), event_draft::Objective::new_customers, store(),
          event_draft::DraftStatus::draft,   time()};
}

/// `unit` as often as each field of the store takes it; all else as long as it gets.
inline event_draft::EventDraft largest_draft(std::string_view unit) {
  using event_draft::StoreInfo;
  event_draft::EventDraft largest = draft();
  largest.id = event_draft::DraftId::parse("draft-" + repeated("x", 58)).value();
  largest.user_id = user(INT64_MAX);
  largest.store = store(repeated(unit, StoreInfo::max_name), repeated(unit, StoreInfo::max_industry),
                        repeated(unit, StoreInfo::max_address));
  return largest;
}

}  // namespace samples
