#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <event_draft/draft_event.hpp>
#include <event_draft/event_message.hpp>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "../contract/published_lines.hpp"
#include "../contract/temporary_directory.hpp"

// What the tests of the event log share.
namespace event_draft::testing {

inline Deadline in_good_time() { return Deadline::after(std::chrono::seconds{30}); }
inline Deadline soon() { return Deadline::after(std::chrono::milliseconds{50}); }
/// Enough for the writer to take what it is given.
inline Deadline in_a_second() { return Deadline::after(std::chrono::seconds{1}); }

inline EventMessage message(std::uint64_t number = 1, std::string_view source = "/event-draft") {
  return EventMessage{draft_created(sample_draft(number)), source};
}

using Keys = std::vector<std::string>;

struct LogFolder {
  TemporaryDirectory directory;
  std::filesystem::path log = directory.path() / "events.jsonl";

  [[nodiscard]] Keys keys() const {
    Keys all;
    for (const auto& event : published_lines(log)) all.push_back(event.key);
    return all;
  }
};

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.assume_error();
}

inline constexpr Error unknown{Errc::publisher_unavailable, {}, Certainty::unknown};
inline constexpr Error not_applied{Errc::publisher_unavailable};
inline constexpr Error late{Errc::deadline_exceeded};
inline constexpr Error late_and_unknown{Errc::deadline_exceeded, {}, Certainty::unknown};

/// The largest file that the process may write, for a while; past it a write is cut short, the next one fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace event_draft::testing
