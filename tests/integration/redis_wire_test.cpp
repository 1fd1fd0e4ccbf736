#include <doctest/doctest.h>

#include <adapters/redis/commands.hpp>
#include <adapters/redis/config.hpp>
#include <adapters/redis/replies.hpp>
#include <memory>
#include <string>
#include <string_view>

using namespace event_draft;
using namespace event_draft::redis;
using namespace std::string_literals;

namespace {

/// As hiredis reads it.
Reply reply_of(std::string_view bytes) {
  const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader{redisReaderCreate(), redisReaderFree};
  REQUIRE(redisReaderFeed(reader.get(), bytes.data(), bytes.size()) == REDIS_OK);
  void* reply = nullptr;
  REQUIRE(redisReaderGetReply(reader.get(), &reply) == REDIS_OK);
  REQUIRE(reply != nullptr);
  return Reply{static_cast<redisReply*>(reply)};
}

std::string greeting(const Config& config) {
  Commands commands;
  commands.greet(config);
  return commands.bytes();
}

std::string refusal(std::string_view url) {
  try {
    static_cast<void>(parse_url(url));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("redis url: host, port, database, credentials and prefix") {
  const Config plain = parse_url("redis://cache.example");
  CHECK(plain.host == "cache.example");
  CHECK(plain.port == 6379);
  CHECK(plain.database == 0);
  CHECK(plain.password.empty());

  const Config full = parse_url("redis://shop:s%40cr%3At%2F@127.0.0.1:6380/3?prefix=eu%3A");
  CHECK(full.host == "127.0.0.1");
  CHECK(full.port == 6380);
  CHECK(full.database == 3);
  CHECK(full.user == "shop");
  CHECK(full.password == "s@cr:t/");
  CHECK(full.key_prefix == "eu:");

  const Config old = parse_url("redis://:secret@[::1]:1/");
  CHECK(old.host == "::1");
  CHECK(old.user.empty());
  CHECK(old.password == "secret");

  const Config local = parse_url("unix:///run/redis/redis.sock?db=2");
  CHECK(local.unix_socket == "/run/redis/redis.sock");
  CHECK(local.database == 2);
}

TEST_CASE("redis url: what is wrong is said, never the credentials") {
  for (const std::string url :
       {"", "localhost", "redis://", "http://:s3cret@h", "rediss://:s3cret@h", "redis://:s3cret@h:0",
        "redis://:s3cret@h:65536", "redis://:s3cret@h/x", "redis://:s3cret@h/-1", "redis://:s3cret@h/1/2",
        "redis://:s3cret@h?timeout=3", "redis://s3cret@h", "redis://:s3cret@h?db=", "unix://:s3cret@host/path",
        "unix:///", "redis://:s3cret@h h", "redis://:s3cret@h/1#2"}) {
    CAPTURE(url);
    const auto why = refusal(url);
    CHECK(why.find("Redis") != std::string::npos);
    CHECK(why.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("redis url: as logs have it") {
  CHECK(describe(parse_url("redis://shop:s3cret@h:1/2?prefix=x")) == "redis://h:1/2");
  CHECK(describe(parse_url("redis://:s3cret@[::1]")) == "redis://[::1]:6379/0");
  CHECK(describe(parse_url("unix://:s3cret@/run/r.sock")) == "unix:///run/r.sock?db=0");
}

TEST_CASE("redis commands: GET, and SET with its time to live, whatever bytes the value has") {
  Commands commands;
  commands.get("eu:", "draft:event:1");
  commands.set("eu:", {"k", "a\r\n\0b"s, std::chrono::seconds{1800}});
  commands.set("", {"", "", std::chrono::seconds{1}});
  CHECK(commands.count() == 3);
  CHECK(commands.bytes() ==
        "*2\r\n$3\r\nGET\r\n$16\r\neu:draft:event:1\r\n"
        "*5\r\n$3\r\nSET\r\n$4\r\neu:k\r\n$5\r\na\r\n\0b\r\n$2\r\nEX\r\n$4\r\n1800\r\n"
        "*5\r\n$3\r\nSET\r\n$0\r\n\r\n$0\r\n\r\n$2\r\nEX\r\n$1\r\n1\r\n"s);
}

TEST_CASE("redis commands: a connection says who it is and which database it wants") {
  CHECK(greeting({}) == "");
  CHECK(greeting({.password = "p"}) == "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n");
  CHECK(greeting({.user = "u", .password = "p", .database = 12}) ==
        "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n");
}

TEST_CASE("redis replies: a value, no value, and what is neither") {
  CHECK(value_of(*reply_of("$5\r\na\r\n\0b\r\n"s)).value() == "a\r\n\0b"s);
  CHECK(value_of(*reply_of("$0\r\n\r\n")).value() == "");
  CHECK(value_of(*reply_of("$-1\r\n")).value() == std::nullopt);
  for (const auto* other : {"+OK\r\n", ":1\r\n", "*1\r\n$1\r\na\r\n", "-WRONGTYPE Operation against a key\r\n"}) {
    CAPTURE(other);
    CHECK(value_of(*reply_of(other)).error() == Errc::cache_unavailable);
  }
}

TEST_CASE("redis replies: a status is that status alone") {
  CHECK(is_status(*reply_of("+OK\r\n"), "OK"));
  CHECK_FALSE(is_status(*reply_of("+QUEUED\r\n"), "OK"));
  CHECK_FALSE(is_status(*reply_of("$2\r\nOK\r\n"), "OK"));
  CHECK_FALSE(is_status(*reply_of("-OOM command not allowed\r\n"), "OK"));
}

TEST_CASE("redis replies: of an error the log has the first word, for the rest may quote what was sent") {
  CHECK(describe(*reply_of("-OOM command not allowed when used memory > 'maxmemory'.\r\n")) == "the error OOM");
  CHECK(describe(*reply_of("-ERR unknown command 'AUTH', with args beginning with: 's3cret'\r\n")) == "the error ERR");
  CHECK(describe(*reply_of("-LOADING\r\n")) == "the error LOADING");
  CHECK(describe(*reply_of("-ERR\ntext\r\n")) == "the error ERR");
  CHECK(describe(*reply_of("-오류\r\n")) == "the error ");
  CHECK(describe(*reply_of("-" + std::string(1000, 'E') + "\r\n")) == "the error " + std::string(40, 'E'));
  CHECK(describe(*reply_of(":1\r\n")) == "a reply of type 3");
}
