#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>
#include <adapters/observers/log.hpp>
#include <adapters/observers/log_observer.hpp>

#include <array>
#include <boost/json.hpp>
#include <string>
#include <vector>

using namespace event_draft;
using observers::Log;
using observers::LogLevel;

namespace {

/// A pipe whose reading end takes what a log wrote.
struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::string read() const {
    std::string text(1U << 16U, '\0');
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const auto size = ::read(ends[0], text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  std::array<int, 2> ends{};
};

boost::json::object only_record(const std::string& text) {
  REQUIRE(text.ends_with('\n'));
  REQUIRE(text.find('\n') == text.size() - 1);
  return boost::json::parse(text).as_object();
}

}  // namespace

TEST_CASE("a record is one line of JSON, whatever the input") {
  for (const std::string& nasty : std::vector<std::string>{
           "plain", "two\nlines\r\n", "\"quoted\" \\", std::string{"\0\x01\x1f", 3}, "\xff\xfe broken", "맛있는집",
           std::string(20'000, 'x'), std::string(20'000, '\x01'), "cut \xf0\x9f\x8d"}) {
    Pipe pipe;
    Log log{pipe.ends[1], LogLevel::info};
    log.write(LogLevel::warning, "nasty", {{"text", nasty}, {"number", -7}});
    const std::string text = pipe.read();
    CHECK(text.size() <= 4096);
    const auto record = only_record(text);
    CHECK(record.at("level") == "warning");
    CHECK(record.at("event") == "nasty");
    CHECK(log.dropped() == 0);
  }
}

TEST_CASE("text that is too long is cut, and a record that is too long says so") {
  Pipe pipe;
  Log log{pipe.ends[1], LogLevel::info};
  const std::string text(2000, 'x');
  log.write(LogLevel::info, "one", {{"text", text}});
  CHECK(only_record(pipe.read()).at("text").as_string().size() == 1024);
  log.write(LogLevel::info, "many", {{"a", text}, {"b", text}, {"c", text}, {"d", text}, {"e", text}});
  CHECK(only_record(pipe.read()).at("truncated") == true);
}

TEST_CASE("records below the least level are left out") {
  Pipe pipe;
  Log log{pipe.ends[1], LogLevel::warning};
  log.write(LogLevel::info, "quiet", {});
  CHECK(pipe.read().empty());
  log.write(LogLevel::error, "loud", {});
  CHECK(only_record(pipe.read()).at("event") == "loud");
}

TEST_CASE("a reader that does not read loses records, and holds nobody up") {
  Pipe pipe;
  Log log{pipe.ends[1], LogLevel::info};
  const std::string text(1000, 'x');
  for (int i = 0; i < 200; ++i) log.write(LogLevel::info, "flood", {{"text", text}});  // a pipe takes 64 KiB
  CHECK(log.dropped() > 100);
  CHECK(log.dropped() < 200);
}

TEST_CASE("a lost event is an error, a failed step a warning, another's draft only where it is strange") {
  Pipe pipe;
  Log log{pipe.ends[1], LogLevel::debug};
  observers::LogObserver observer{log};
  const auto level = [&](Operation operation, Step step, StepOutcome outcome) {
    observer.on_step({operation, step, outcome, std::chrono::microseconds{1500}, 123, "draft-1",
                      Error{Errc::publisher_unavailable, {}, Certainty::unknown}});
    const auto record = only_record(pipe.read());
    CHECK(record.at("draft") == "draft-1");
    CHECK(record.at("user") == 123);
    CHECK(record.at("microseconds") == 1500);
    CHECK(record.at("error") == "PUBLISHER_UNAVAILABLE");
    CHECK(record.at("effect") == "unknown");
    return std::string{record.at("level").as_string()};
  };
  CHECK(level(Operation::create, Step::publish, StepOutcome::lost) == "error");
  CHECK(level(Operation::create, Step::save, StepOutcome::failed) == "warning");
  CHECK(level(Operation::create, Step::lookup, StepOutcome::damaged) == "warning");
  CHECK(level(Operation::create, Step::lookup, StepOutcome::foreign) == "warning");
  CHECK(level(Operation::find, Step::load, StepOutcome::foreign) == "debug");
  CHECK(level(Operation::create, Step::save, StepOutcome::ok) == "debug");
}

TEST_CASE("an exception's text is logged") {
  Pipe pipe;
  Log log{pipe.ends[1], LogLevel::info};
  observers::LogObserver{log}.on_exception(Step::save, "disk \"full\"\n");
  const auto record = only_record(pipe.read());
  CHECK(record.at("step") == "save");
  CHECK(record.at("what") == "disk \"full\"\n");
}
