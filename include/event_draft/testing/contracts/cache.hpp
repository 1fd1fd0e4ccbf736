#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <event_draft/cache_key.hpp>
#include <event_draft/ports.hpp>
#include <event_draft/steps.hpp>
#include <event_draft/testing/contracts/law.hpp>

// What every DraftCache does. The port allows a cache to forget; these laws count on one that is hardly filled not to.
namespace event_draft::testing::contracts::cache_laws {

inline constexpr std::chrono::seconds long_time{3600};

template <class Harness>
void set(Harness& harness, std::string_view key, std::string_view value, std::chrono::seconds ttl = long_time) {
  const CacheWrite write{key, value, ttl};
  const Result<void> written = harness.port().set({&write, 1}, harness.deadline());
  DOCTEST_REQUIRE(written);
}

template <class Harness>
std::optional<std::string> get(Harness& harness, std::string_view key) {
  Result<std::optional<std::string>> value = harness.port().get(key, harness.deadline());
  DOCTEST_REQUIRE(value);
  return std::move(value).assume_value();
}

template <class Harness>
void unknown_key_is_a_miss() {
  Harness harness;
  DOCTEST_CHECK(get(harness, "draft:event:1") == std::nullopt);
}

template <class Harness>
void value_comes_back() {
  Harness harness;
  set(harness, "draft:event:1", "value");
  DOCTEST_CHECK(get(harness, "draft:event:1") == "value");
  DOCTEST_CHECK(get(harness, "draft:event:1") == "value");
}

template <class Harness>
void one_call_writes_all() {
  Harness harness;
  const std::array writes{CacheWrite{"draft:event:1", "one", long_time}, CacheWrite{"draft:event:2", "two", long_time},
                          CacheWrite{"draft:event:3", "three", long_time}};
  DOCTEST_REQUIRE(harness.port().set(writes, harness.deadline()));
  DOCTEST_CHECK(get(harness, "draft:event:1") == "one");
  DOCTEST_CHECK(get(harness, "draft:event:2") == "two");
  DOCTEST_CHECK(get(harness, "draft:event:3") == "three");
}

template <class Harness>
void no_writes_are_fine() {
  Harness harness;
  DOCTEST_CHECK(harness.port().set(std::span<const CacheWrite>{}, harness.deadline()));
}

template <class Harness>
void later_write_wins() {
  Harness harness;
  set(harness, "draft:event:1", "a first and longer value");
  set(harness, "draft:event:1", "second");
  DOCTEST_CHECK(get(harness, "draft:event:1") == "second");
}

template <class Harness>
void value_is_copied() {
  Harness harness;
  std::string key = "draft:event:1";
  std::string value = "value";
  set(harness, key, value);
  key.assign(key.size(), 'x');
  value.assign(value.size(), 'x');
  DOCTEST_CHECK(get(harness, "draft:event:1") == "value");
}

template <class Harness>
void values_end_each_at_its_time() {
  Harness harness;
  const std::array writes{CacheWrite{"draft:event:1", "short", std::chrono::seconds{1}},
                          CacheWrite{"draft:event:2", "long", long_time}};
  using Clock = std::chrono::steady_clock;
  std::optional<std::string> found;
  for (int tries = 0; tries != 10 && !found; ++tries) {
    const auto written = Clock::now();
    DOCTEST_REQUIRE(harness.port().set(writes, harness.deadline()));
    harness.pass(std::chrono::milliseconds{100});
    found = get(harness, "draft:event:1");
    if (Clock::now() - written < std::chrono::seconds{1})
      break;  // else the machine stood still for longer than it is there
  }
  DOCTEST_CHECK(found == "short");  // and reading does not prolong it
  harness.pass(std::chrono::milliseconds{1000});
  DOCTEST_CHECK(get(harness, "draft:event:1") == std::nullopt);
  DOCTEST_CHECK(get(harness, "draft:event:2") == "long");
}

template <class Harness>
void write_sets_the_time_anew() {
  Harness harness;
  set(harness, "draft:event:1", "first", std::chrono::seconds{1});
  set(harness, "draft:event:1", "second", long_time);
  set(harness, "draft:event:2", "first", long_time);
  set(harness, "draft:event:2", "second", std::chrono::seconds{1});
  harness.pass(std::chrono::milliseconds{1100});
  DOCTEST_CHECK(get(harness, "draft:event:1") == "second");
  DOCTEST_CHECK(get(harness, "draft:event:2") == std::nullopt);
}

template <class Harness>
void day_long_values_stay() {
  Harness harness;
  set(harness, "draft:event:1", "value", draft_time_to_live);
  harness.pass(std::chrono::milliseconds{10});
  DOCTEST_CHECK(get(harness, "draft:event:1") == "value");
}

template <class Harness>
void every_byte_comes_back() {
  Harness harness;
  std::string value;
  for (int byte = 0; byte != 256; ++byte) value.push_back(static_cast<char>(byte));
  set(harness, "draft:event:1", value);
  DOCTEST_CHECK((get(harness, "draft:event:1") == value));  // unprinted: it is no text
}

template <class Harness>
void awkward_text_comes_back() {
  Harness harness;
  using namespace std::string_view_literals;
  for (const std::string_view value : {"\0"sv, "a\0b"sv, "line\nline\r\n"sv, "$5\r\nvalue\r\n*1\r\n"sv, " "sv,
                                       "%s%n%b"sv, "nil"sv, "맛있는집 \xF0\x9F\x8D\x9C"sv}) {
    set(harness, "draft:event:1", value);
    DOCTEST_CHECK(get(harness, "draft:event:1") == std::string{value});
  }
}

template <class Harness>
void empty_value_is_a_hit() {
  Harness harness;
  set(harness, "draft:event:1", "");
  DOCTEST_CHECK(get(harness, "draft:event:1") == "");
}

template <class Harness>
void large_value_comes_back() {
  Harness harness;
  const std::string value(65536, 'v');
  set(harness, "draft:event:1", value);
  DOCTEST_CHECK((get(harness, "draft:event:1") == value));
}

template <class Harness>
void keys_are_apart() {
  Harness harness;
  for (const std::string_view key :
       {"draft:event:1", "draft:event:12", "draft:event:draft-1", "draft:event:draft-a", "draft:event:draft-A"}) {
    set(harness, key, key);
  }
  for (const std::string_view key :
       {"draft:event:1", "draft:event:12", "draft:event:draft-1", "draft:event:draft-a", "draft:event:draft-A"}) {
    DOCTEST_CHECK(get(harness, key) == std::string{key});
  }
  for (const std::string_view key :
       {"draft:event:", "draft:event:2", "draft:event:123", "draft:event:draft-", "draft:event:*"}) {
    DOCTEST_CHECK(get(harness, key) == std::nullopt);
  }
}

template <class Harness>
void longest_key_serves() {
  Harness harness;
  const std::string key = std::string{cache_key_prefix} + "draft-" + std::string(58, 'z');
  set(harness, key, "value");
  DOCTEST_CHECK(get(harness, key) == "value");
  DOCTEST_CHECK(get(harness, std::string_view{key}.substr(0, key.size() - 1)) == std::nullopt);
}

template <class Harness>
void draft_comes_back() {
  Harness harness;
  const EventDraft draft = sample_draft();
  DOCTEST_REQUIRE(harness.port().set(steps::CacheWrites{draft}.both(), harness.deadline()));
  for (const CacheKey& key : {cache_key(draft.id), cache_key(draft.user_id)}) {
    DOCTEST_CHECK(decode_cache_entry(get(harness, key).value_or("")) == draft);
  }
}

template <class Harness>
void expired_get_is_refused() {
  Harness harness;
  set(harness, "draft:event:1", "value");
  refuses_when_expired([&] { return harness.port().get("draft:event:1", harness.expired()); });
  DOCTEST_CHECK(get(harness, "draft:event:1") == "value");
}

template <class Harness>
void expired_set_writes_nothing() {
  Harness harness;
  set(harness, "draft:event:1", "first");
  const std::array writes{CacheWrite{"draft:event:1", "second", long_time},
                          CacheWrite{"draft:event:2", "new", long_time}};
  refuses_when_expired([&] { return harness.port().set(writes, harness.expired()); });
  DOCTEST_CHECK(get(harness, "draft:event:1") == "first");
  DOCTEST_CHECK(get(harness, "draft:event:2") == std::nullopt);
}

template <class Harness>
void threads_do_not_mix_keys() {
  Harness harness;
  const auto outcomes = at_once(16, [&](std::size_t thread) -> Result<bool> {
    bool all_own = true;
    for (int round = 0; round != 20; ++round) {
      const CacheKey key = cache_key(UserId::make(static_cast<std::int64_t>(thread) + 1).value());
      const std::string value(100 + thread, static_cast<char>('a' + thread));
      const CacheWrite write{key, value, long_time};
      BOOST_OUTCOME_TRY(harness.port().set({&write, 1}, harness.deadline()));
      BOOST_OUTCOME_TRY(const std::optional<std::string> found, harness.port().get(key, harness.deadline()));
      all_own = all_own && found == value;
    }
    return all_own;
  });
  for (const auto& outcome : outcomes) DOCTEST_CHECK((*outcome == Result<bool>{true}));
}

template <class Harness>
void values_are_never_torn() {
  Harness harness;
  set(harness, "draft:event:1", std::string(1000, 'a'));
  const auto outcomes = at_once(8, [&](std::size_t thread) -> Result<bool> {
    bool all_whole = true;
    for (int round = 0; round != 20; ++round) {
      const std::string value(1000 + 100 * thread, static_cast<char>('a' + thread));
      const CacheWrite write{"draft:event:1", value, long_time};
      BOOST_OUTCOME_TRY(harness.port().set({&write, 1}, harness.deadline()));
      BOOST_OUTCOME_TRY(const std::optional<std::string> found,
                        harness.port().get("draft:event:1", harness.deadline()));
      all_whole = all_whole && found && found->size() >= 1000 && *found == std::string(found->size(), found->front());
    }
    return all_whole;
  });
  for (const auto& outcome : outcomes) DOCTEST_CHECK((*outcome == Result<bool>{true}));
}

}  // namespace event_draft::testing::contracts::cache_laws

#define EVENT_DRAFT_CACHE_LAW(Harness, text, law) EVENT_DRAFT_LAW("cache", Harness, text, cache_laws::law)

/// Runs the DraftCache contract over a harness, at namespace scope.
#define EVENT_DRAFT_CACHE_CONTRACT(Harness)                                                                       \
  static_assert(::event_draft::testing::ContractHarness<Harness>);                                                \
  EVENT_DRAFT_CACHE_LAW(Harness, "an unknown key is a miss", unknown_key_is_a_miss)                               \
  EVENT_DRAFT_CACHE_LAW(Harness, "a value comes back, as often as it is asked for", value_comes_back)             \
  EVENT_DRAFT_CACHE_LAW(Harness, "one call writes all its values", one_call_writes_all)                           \
  EVENT_DRAFT_CACHE_LAW(Harness, "a call without values succeeds", no_writes_are_fine)                            \
  EVENT_DRAFT_CACHE_LAW(Harness, "a later write wins", later_write_wins)                                          \
  EVENT_DRAFT_CACHE_LAW(Harness, "the cache keeps its own copy", value_is_copied)                                 \
  EVENT_DRAFT_CACHE_LAW(Harness, "values end, each at its own time", values_end_each_at_its_time)                 \
  EVENT_DRAFT_CACHE_LAW(Harness, "a write sets the time to live anew", write_sets_the_time_anew)                  \
  EVENT_DRAFT_CACHE_LAW(Harness, "a value for 24 hours stays", day_long_values_stay)                              \
  EVENT_DRAFT_CACHE_LAW(Harness, "every byte comes back", every_byte_comes_back)                                  \
  EVENT_DRAFT_CACHE_LAW(Harness, "NUL, line ends, protocol text and UTF-8 come back", awkward_text_comes_back)    \
  EVENT_DRAFT_CACHE_LAW(Harness, "an empty value is a hit", empty_value_is_a_hit)                                 \
  EVENT_DRAFT_CACHE_LAW(Harness, "64 KiB come back", large_value_comes_back)                                      \
  EVENT_DRAFT_CACHE_LAW(Harness, "keys that look alike are apart", keys_are_apart)                                \
  EVENT_DRAFT_CACHE_LAW(Harness, "the longest key serves", longest_key_serves)                                    \
  EVENT_DRAFT_CACHE_LAW(Harness, "a draft comes back under both its keys", draft_comes_back)                      \
  EVENT_DRAFT_CACHE_LAW(Harness, "a get past its deadline is refused", expired_get_is_refused)                    \
  EVENT_DRAFT_CACHE_LAW(Harness, "a set past its deadline writes nothing", expired_set_writes_nothing)            \
  EVENT_DRAFT_CACHE_LAW(Harness, "threads get what they set under their own keys", threads_do_not_mix_keys)       \
  EVENT_DRAFT_CACHE_LAW(Harness, "values that threads write under one key are never torn", values_are_never_torn) \
  static_assert(true)
