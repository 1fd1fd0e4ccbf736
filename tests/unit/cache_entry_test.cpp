#include <doctest/doctest.h>

#include <array>
#include <event_draft/cache_entry.hpp>
#include <random>
#include <string>
#include <string_view>

#include "samples.hpp"

using namespace event_draft;

namespace {

constexpr std::string_view example =
    R"({"version":1,"eventDraftId":"draft-1","userId":123,"objective":"신규 고객 유치","storeName":"맛있는집",)"
    R"("industry":"음식점","address":"서울시 강남구","status":"DRAFT","createdAt":"2026-11-23T09:00:00.123Z"})";

EventDraft quoted_draft() {
  EventDraft draft = samples::draft();
  draft.store = samples::store(R"(맛"있\는집)", R"(\)", R"("")");
  return draft;
}

std::string encoded(const EventDraft& draft) { return std::string{encode_cache_entry(draft).view()}; }

/// What is read is what would be written: the one law of the format.
bool lawful(std::string_view value) {
  const auto draft = decode_cache_entry(value);
  return !draft || encoded(*draft) == value;
}

template <class Random>
std::string random_text(Random& random, std::size_t max_code_points) {
  constexpr std::array<char32_t, 12> characters{U'a',  U'"',  U'\\',     U'/',  U' ', U'é',
                                                U'한', U'글', U'\u3000', U'🍜', U'{', U'\U0010FFFF'};
  std::string text = "x";  // never blank
  for (std::size_t count = random() % max_code_points; count != 0; --count)
    text += samples::utf8(characters[random() % characters.size()]);
  return text;
}

}  // namespace

TEST_CASE("cache entry: the exact text") {
  CHECK(encode_cache_entry(samples::draft()).view() == example);
  CHECK(decode_cache_entry(example) == samples::draft());
}

TEST_CASE("cache entry: an approved draft's differs in its status alone") {
  EventDraft draft = samples::draft();
  draft.status = DraftStatus::approved;
  const std::string approved = samples::replaced(example, "DRAFT", "APPROVED");
  CHECK(encoded(draft) == approved);
  CHECK(decode_cache_entry(approved) == draft);
  for (const std::string_view status : {"Approved", "APPROVE", "APPROVED ", "DRAFTAPPROVED", "REJECTED"}) {
    CHECK(!decode_cache_entry(samples::replaced(example, "DRAFT", status)));
  }
}

TEST_CASE("cache entry: text with quotes and backslashes comes back") {
  CHECK(encoded(quoted_draft()).find(R"("storeName":"맛\"있\\는집","industry":"\\","address":"\"\"")") !=
        std::string::npos);
  CHECK(decode_cache_entry(encoded(quoted_draft())) == quoted_draft());
}

TEST_CASE("cache entry: the largest draft fits, and comes back") {
  for (const std::string_view unit : {"a", "한", "🍜", "\"", "\\"}) {
    const EventDraft draft = samples::largest_draft(unit);
    const CacheEntry entry = encode_cache_entry(draft);
    CAPTURE(unit);
    CHECK(entry.complete());
    CHECK(decode_cache_entry(entry.view()) == draft);
  }
}

TEST_CASE("cache entry: every valid draft comes back") {
  std::mt19937_64 random{20261123};
  for (int round = 0; round < 2000; ++round) {
    EventDraft draft = samples::draft();
    draft.id = DraftId::numbered(random());
    draft.user_id = samples::user(static_cast<std::int64_t>((random() >> (1 + random() % 62)) | 1U));
    draft.objective = all_objectives[random() % all_objectives.size()];
    draft.store = samples::store(random_text(random, StoreInfo::max_name), random_text(random, StoreInfo::max_industry),
                                 random_text(random, StoreInfo::max_address));
    draft.status = all_draft_statuses[random() % all_draft_statuses.size()];
    draft.created_at += std::chrono::milliseconds{random() % 4'000'000'000'000};
    const std::string value = encoded(draft);
    if (decode_cache_entry(value) != draft) FAIL_CHECK(value);
  }
}

TEST_CASE("cache entry: with any byte changed it is a miss or another entry's exact text") {
  for (const EventDraft& draft : {samples::draft(), quoted_draft()}) {
    const std::string value = encoded(draft);
    for (std::size_t at = 0; at < value.size(); ++at) {
      std::string changed = value;
      for (unsigned byte = 0; byte < 256; ++byte) {
        changed[at] = static_cast<char>(byte);
        if (!lawful(changed)) FAIL_CHECK("read but never written: ", changed);
        if (changed != value && decode_cache_entry(changed) == draft) FAIL_CHECK("two texts of one draft: ", changed);
      }
    }
  }
}

TEST_CASE("cache entry: with any byte left out or doubled it is a miss or another entry's exact text") {
  for (const EventDraft& draft : {samples::draft(), quoted_draft()}) {
    const std::string value = encoded(draft);
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (!lawful(std::string{value}.erase(at, 1))) FAIL_CHECK("without byte ", at);
      if (!lawful(std::string{value}.insert(at, 1, value[at]))) FAIL_CHECK("with byte ", at, " twice");
    }
  }
}

TEST_CASE("cache entry: cut short or with something after it, it is a miss") {
  const std::string value = encoded(quoted_draft());
  for (std::size_t size = 0; size < value.size(); ++size) {
    if (decode_cache_entry(value.substr(0, size)) || decode_cache_entry(std::string_view{value}.substr(size + 1)))
      FAIL_CHECK(size);
  }
  for (const std::string_view more : {"}", " ", "\n", "a", "\"", "{}"}) {
    CHECK(!decode_cache_entry(value + std::string{more}));
    CHECK(!decode_cache_entry(std::string{more} + value));
  }
  CHECK(!decode_cache_entry(value + '\0'));
  CHECK(!decode_cache_entry(value + value));
  CHECK(!decode_cache_entry(""));
}

TEST_CASE("cache entry: other spellings and other content are misses") {
  struct Row {
    std::string_view what;
    std::string_view by;
  };
  for (const auto& [what, by] :
       {Row{R"({"version)", R"({ "version)"},
        Row{R"(:123,)", R"(: 123,)"},
        Row{R"(,"userId)", "\n,\"userId"},
        Row{R"("version":1)", R"("version":2)"},
        Row{R"("version":1)", R"("version":01)"},
        Row{R"("version":1)", R"("version":"1")"},
        Row{R"("version":1,)", ""},
        Row{R"(:123,)", R"(:0123,)"},
        Row{R"(:123,)", R"(:123.0,)"},
        Row{R"(:123,)", R"(:"123",)"},
        Row{R"(:123,)", R"(:0,)"},
        Row{R"(:123,)", R"(:-123,)"},
        Row{R"(:123,)", R"(:+123,)"},
        Row{R"(:123,)", R"(:9223372036854775808,)"},
        Row{R"(:123,)", R"(:null,)"},
        Row{R"(draft-1)", R"(123)"},
        Row{R"(draft-1)", R"(draft-)"},
        Row{R"(draft-1)", R"(\u0064raft-1)"},
        Row{R"("신규 고객 유치")", R"(" 신규 고객 유치")"},
        Row{R"("신규 고객 유치")", R"("신규 고객")"},
        Row{R"("신규 고객 유치")", "null"},
        Row{"신규", "\u1109\u1175\u11AB규"},
        Row{"맛있는집", R"(\u0061)"},
        Row{"맛있는집", R"(\/)"},
        Row{"맛있는집", "a\tb"},
        Row{"맛있는집", R"(\t)"},
        Row{"맛있는집", " "},
        Row{"맛있는집", ""},
        Row{"맛있는집", "\xFF"},
        Row{R"("맛있는집")", "null"},
        Row{R"("industry":"음식점",)", ""},
        Row{R"("industry":"음식점","address":"서울시 강남구")", R"("address":"서울시 강남구","industry":"음식점")"},
        Row{"DRAFT", "draft"},
        Row{"DRAFT", ""},
        Row{"DRAFT", "PUBLISHED"},
        Row{R"("DRAFT")", R"("DRAFT","status":"DRAFT")"},
        Row{".123Z", "Z"},
        Row{".123Z", ".123+00:00"},
        Row{"11-23", "02-30"},
        Row{"Z\"}", "Z\",\"more\":1}"},
        Row{"createdAt", "created_at"}}) {
    const std::string value = samples::replaced(example, what, by);
    CAPTURE(value);
    CHECK(!decode_cache_entry(value));
  }
}

TEST_CASE("cache entry: one code point more than the limit is a miss") {
  CHECK(decode_cache_entry(samples::replaced(example, "음식점", samples::repeated("한", StoreInfo::max_industry))));
  CHECK(
      !decode_cache_entry(samples::replaced(example, "음식점", samples::repeated("한", StoreInfo::max_industry + 1))));
  CHECK(!decode_cache_entry(samples::replaced(example, "음식점", samples::repeated(R"(\")", 5000))));
}
