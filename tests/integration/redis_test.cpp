#include <doctest/doctest.h>

#include <adapters/redis/redis_draft_cache.hpp>
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <event_draft.hpp>
#include <event_draft/testing/fakes.hpp>
#include <event_draft/testing/samples.hpp>

#include "redis_fixture.hpp"

using namespace event_draft;
using namespace event_draft::testing;
using redis::RedisDraftCache;

namespace {

/// What the server is made to refuse, for one scope.
class Setting {
 public:
  Setting(RedisAdmin& admin, std::function<void(RedisAdmin&)> undo) : admin_{admin}, undo_{std::move(undo)} {}
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;
  ~Setting() { undo_(admin_); }

 private:
  RedisAdmin& admin_;
  std::function<void(RedisAdmin&)> undo_;
};

}  // namespace

TEST_CASE_FIXTURE(RedisFixture, "redis: a value ends with its time to live, under its prefix and in its database") {
  auto settings = config();
  settings.key_prefix = "shop:";
  settings.database = 3;
  RedisDraftCache cache{settings};
  REQUIRE(set(cache, "draft:event:1", "value"));
  CHECK(admin({"GET", "shop:draft:event:1"}) == "");  // database 0
  CHECK(admin({"SELECT", "3"}) == "OK");
  CHECK(admin({"GET", "shop:draft:event:1"}) == "value");
  const auto seconds = std::stoi(admin({"TTL", "shop:draft:event:1"}));
  CHECK(seconds > 1700);
  CHECK(seconds <= 1800);
}

TEST_CASE_FIXTURE(RedisFixture, "redis: over a Unix socket") {
  auto settings = redis::parse_url("unix://" + RealServer{"redis"}.folder() + "/redis.sock");
  RedisDraftCache cache{settings};
  REQUIRE(set(cache, "k", "v"));
  CHECK(cache.get("k", soon()).value() == "v");
}

TEST_CASE_FIXTURE(RedisFixture, "redis: calls one after the other share one connection") {
  RedisDraftCache cache{config()};
  for (int i = 0; i != 20; ++i) REQUIRE(set(cache, "k", "v"));
  CHECK(cache.connections().all == 1);
  CHECK(cache.connections().idle == 1);
  CHECK(failures().empty());
}

TEST_CASE_FIXTURE(RedisFixture,
                  "redis: a user of an ACL gets in, and one with a wrong password is told so without it") {
  const Setting undo{admin, [](RedisAdmin& redis) { redis({"ACL", "DELUSER", "shop"}); }};
  REQUIRE(admin({"ACL", "SETUSER", "shop", "on", ">s3cret", "~*", "+get", "+set", "+ping"}) == "OK");
  auto settings = config();
  settings.user = "shop";
  settings.password = "s3cret";
  RedisDraftCache known{settings};
  REQUIRE(set(known, "k", "v"));
  CHECK(known.ping(soon()));

  settings.password = "wr0ng";
  RedisDraftCache unknown{settings};
  CHECK(unknown.get("k", soon()).error() == Errc::cache_unavailable);
  REQUIRE(failures().size() == 1);
  CHECK(failures()[0].ends_with("the error WRONGPASS"));
  CHECK(failures()[0].find("wr0ng") == std::string::npos);
}

TEST_CASE_FIXTURE(RedisFixture,
                  "redis: what the server refuses is a failure, ends the connection, and is over with its cause") {
  struct Case {
    const char* name;
    std::function<void(RedisAdmin&)> impose;
    std::function<void(RedisAdmin&)> lift;
    bool refuses_get;
  };
  const std::array cases{
      Case{"WRONGTYPE",
           [](RedisAdmin& redis) {
             redis({"DEL", "k"});
             redis({"LPUSH", "k", "v"});
           },
           [](RedisAdmin& redis) {
             redis({"DEL", "k"});
           },
           true},
      Case{"OOM",
           [](RedisAdmin& redis) {
             redis({"CONFIG", "SET", "maxmemory", "1"});
           },
           [](RedisAdmin& redis) {
             redis({"CONFIG", "SET", "maxmemory", "0"});
           },
           false},
      Case{"READONLY",
           [](RedisAdmin& redis) {
             redis({"REPLICAOF", "127.0.0.1", "1"});
           },
           [](RedisAdmin& redis) {
             redis({"REPLICAOF", "NO", "ONE"});
           },
           false},
      Case{"NOPERM",
           [](RedisAdmin& redis) {
             redis({"ACL", "SETUSER", "default", "-get", "-set"});
           },
           [](RedisAdmin& redis) {
             redis({"ACL", "SETUSER", "default", "+@all"});
           },
           true},
  };
  for (const auto& each : cases) {
    CAPTURE(each.name);
    RedisDraftCache cache{config()};
    REQUIRE(set(cache, "k", "v"));
    {
      const Setting imposed{admin, each.lift};
      each.impose(admin);
      const bool writes = !each.refuses_get;
      const auto error = writes ? set(cache, "k", "w").error() : cache.get("k", soon()).error();
      CHECK(error == Error{Errc::cache_unavailable, {}, writes ? Certainty::unknown : Certainty::not_applied});
      CHECK(cache.connections().all == 0);
      CHECK(failures().back().ends_with("the error " + std::string{each.name}));
    }
    REQUIRE(set(cache, "k", "w"));
    CHECK(cache.get("k", soon()).value() == "w");
  }
}

TEST_CASE_FIXTURE(RedisFixture, "redis: a password that is asked for since is a failure until it is known") {
  RedisDraftCache cache{config()};
  REQUIRE(set(cache, "k", "v"));
  const Setting undo{admin, [](RedisAdmin& redis) { redis({"CONFIG", "SET", "requirepass", ""}); }};
  admin({"CONFIG", "SET", "requirepass", "s3cret"});
  admin({"AUTH", "s3cret"});
  RedisDraftCache stranger{config()};
  CHECK(stranger.get("k", soon()).error() == Errc::cache_unavailable);
  CHECK(failures().back().ends_with("the error NOAUTH"));
  auto settings = config();
  settings.password = "s3cret";
  RedisDraftCache known{settings};
  CHECK(known.get("k", soon()).value() == "v");
}

TEST_CASE_FIXTURE(RedisFixture, "redis: connections that the server has closed are replaced before they harm a call") {
  RedisDraftCache cache{config()};
  REQUIRE(set(cache, "k", "v"));
  for (int i = 0; i != 3; ++i) {
    CHECK(admin({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}) == "1");
    CHECK(cache.get("k", soon()).value() == "v");
  }
  CHECK(failures().empty());
  CHECK(cache.connections().all == 1);
}

TEST_CASE_FIXTURE(
    RedisFixture,
    "redis: what is flushed between the steps, or written by another version, is a miss and nothing more") {
  VirtualClock clock;
  FakeDraftRepository repository{clock};
  FakeEventPublisher publisher{clock};
  RedisDraftCache cache{config()};
  EventDraftService service{repository, cache, publisher, {.budget = {.cache = std::chrono::milliseconds{400}}}};
  const auto created = service.create_event_draft(sample_command());
  REQUIRE(created);
  const DraftId id = created.value().draft.id;
  CHECK(created.value().degraded.empty());
  CHECK(service.find_event_draft(id, 123).value().from_cache);

  admin({"FLUSHALL"});
  const auto found = service.find_event_draft(id, 123);
  REQUIRE(found);
  CHECK_FALSE(found.value().from_cache);
  CHECK(found.value().draft == created.value().draft);
  CHECK(service.find_event_draft(id, 123).value().from_cache);  // filled again

  for (const auto* other : {R"({"version":99})", "", "\xFF\xFE", "draft-1"}) {
    admin({"SET", "draft:event:123", other});
    const auto again = service.create_event_draft(sample_command());
    REQUIRE(again);
    CHECK(again.value().origin == Origin::in_progress);
    CHECK(again.value().draft == created.value().draft);
  }
}
