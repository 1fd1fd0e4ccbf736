#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <event_draft/cache_entry.hpp>
#include <event_draft/event_message.hpp>
#include <random>
#include <string>
#include <string_view>

#include "samples.hpp"

// What we write by hand, read by a JSON parser that is not ours.
using namespace event_draft;
namespace json = boost::json;

namespace {

json::object expected_entry(const EventDraft& draft) {
  return {{"version", 1},
          {"eventDraftId", draft.id.view()},
          {"userId", draft.user_id.value()},
          {"objective", to_string(draft.objective)},
          {"storeName", draft.store.name()},
          {"industry", draft.store.industry()},
          {"address", draft.store.address()},
          {"status", "DRAFT"},
          {"createdAt", to_text(draft.created_at).view()}};
}

}  // namespace

TEST_CASE("json writer: every code point in a string is read back by Boost.JSON") {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    if (c >= 0x3000 && c % 97 != 0) continue;  // all of the first 12288, then a sample
    const std::string text = "eight bytes or more" + samples::utf8(c) + "\"";
    if (json::parse(detail::JsonWriter<256>{}.string(text).view()).as_string() != text)
      FAIL_CHECK(static_cast<unsigned>(c));
  }
}

TEST_CASE("json writer: random texts are read back by Boost.JSON") {
  std::mt19937 random{20261123};
  for (int round = 0; round < 10'000; ++round) {
    std::string text;
    for (auto count = random() % 30; count != 0; --count) {
      text += samples::utf8(static_cast<char32_t>(random() % (random() % 2 == 0 ? 0x80 : 0xD800)));
    }
    if (json::parse(detail::JsonWriter<256>{}.string(text).view()).as_string() != text) FAIL_CHECK("round ", round);
  }
}

TEST_CASE("json writer: cache entries and event payloads are what Boost.JSON takes them for") {
  for (const EventDraft& draft :
       {samples::draft(), samples::largest_draft("\""), samples::largest_draft("\\"), samples::largest_draft("🍜")}) {
    CHECK(json::parse(encode_cache_entry(draft).view()) == json::value(expected_entry(draft)));
    const auto payload = json::parse(EventMessage{draft_created(draft), "/shop"}.payload());
    CHECK(payload == json::value{{"eventDraftId", draft.id.view()},
                                 {"userId", draft.user_id.value()},
                                 {"objective", to_string(draft.objective)},
                                 {"createdAt", to_text(draft.created_at).view()}});
  }
}
