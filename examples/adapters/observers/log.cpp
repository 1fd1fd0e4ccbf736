#include "log.hpp"

#include <poll.h>
#include <unistd.h>

#include <event_draft/clock.hpp>
#include <event_draft/detail/json_writer.hpp>
#include <event_draft/detail/utf8.hpp>

namespace event_draft::observers {
namespace {

// What a pipe takes without blocking once poll says that it can be written (POSIX: PIPE_BUF).
using Line = detail::JsonWriter<4096>;

constexpr std::size_t longest_text = 1024;

/// Text from anywhere as UTF-8: what is not becomes U+FFFD, what is too long is cut.
std::string_view readable(std::string_view text, std::string& scratch) {
  scratch.clear();
  while (!text.empty() && scratch.size() < longest_text) {
    const std::string_view before = text;
    if (detail::next_code_point(text)) {
      scratch += before.substr(0, before.size() - text.size());
    } else {
      scratch += "\uFFFD";
      text.remove_prefix(1);
    }
  }
  return scratch;
}

Line head(LogLevel level, std::string_view event) {
  Line line;
  line.raw(R"({"time":)").string(to_text(SystemClock::now())).raw(R"(,"level":)").string(to_string(level));
  line.raw(R"(,"event":)").string(event);
  return line;
}

}  // namespace

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) noexcept {
  if (level < least_) return;
  try {
    std::string scratch;
    Line line = head(level, event);
    for (const LogField& field : fields) {
      line.raw(",").string(field.name).raw(":");
      if (field.is_number) {
        line.number(field.number);
      } else {
        line.string(readable(field.text, scratch));
      }
    }
    line.raw("}\n");
    if (!line.complete()) line = head(level, event), line.raw(",\"truncated\":true}\n");
    emit(line.view());
  } catch (...) {  // out of memory: the record is lost, the service is not
    const std::scoped_lock lock{mutex_};
    ++dropped_;
  }
}

std::uint64_t Log::dropped() const noexcept {
  const std::scoped_lock lock{mutex_};
  return dropped_;
}

void Log::emit(std::string_view line) noexcept {
  const std::scoped_lock lock{mutex_};
  pollfd writable{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  const bool ready = ::poll(&writable, 1, 0) == 1 && (writable.revents & POLLOUT) != 0;
  const bool written = ready && ::write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (!written) ++dropped_;
}

}  // namespace event_draft::observers
