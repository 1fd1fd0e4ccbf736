// Any bytes as what a Redis server answers.
#include "adapters/redis/replies.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz.hpp"

using namespace event_draft;
using fuzz::expect;

namespace {

using Reader = std::unique_ptr<redisReader, decltype(&redisReaderFree)>;
Reader new_reader() { return {redisReaderCreate(), redisReaderFree}; }

/// hiredis makes room for all elements as soon as it has their number. It is untouched memory, so it costs nothing, but not
/// under the sanitizers.
redisReplyObjectFunctions* without_large_arrays() {
  static const redisReplyObjectFunctions defaults = *new_reader()->fn;
  static redisReplyObjectFunctions changed = [] {
    auto functions = defaults;
    functions.createArray = [](const redisReadTask* task, auto elements) -> void* {
      return elements > 1000 ? nullptr : defaults.createArray(task, elements);
    };
    return functions;
  }();
  return &changed;
}

/// Replies one after the other, as `redis::Connection` has them.
class Replies {
 public:
  explicit Replies(std::string_view bytes) : rest_{bytes} {
    reader_->fn = without_large_arrays();
    expect(redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) == REDIS_OK, "room for the bytes");
  }

  /// nullptr at the end of what can be understood.
  redis::Reply next() {
    void* reply = nullptr;
    const bool goes_on = redisReaderGetReply(reader_.get(), &reply) == REDIS_OK;
    expect(goes_on || reply == nullptr, "no reply where there is an error");
    if (reply != nullptr) {
      const std::size_t left = reader_->len - reader_->pos;
      bytes_ = rest_.substr(0, rest_.size() - left);
      rest_.remove_prefix(bytes_.size());
    }
    return redis::Reply{static_cast<redisReply*>(reply)};
  }
  /// Those of the last one.
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

 private:
  Reader reader_ = new_reader();
  std::string_view rest_;
  std::string_view bytes_;
};

/// A value is one only in the form in which a server writes it, and all of it is there.
void check_value(const Result<std::optional<std::string>>& value, std::string_view bytes) {
  if (!value) {
    expect(value.assume_error() == Error{Errc::cache_unavailable}, "the one error that there is");
    expect(!bytes.starts_with('$'), "a value or none is never an error");
  } else if (const auto& text = value.assume_value()) {
    const std::string sent = "$" + std::to_string(text->size()) + "\r\n" + *text;
    constexpr std::size_t line_end = 2;  // hiredis does not look which bytes it is
    expect(bytes.starts_with(sent) && bytes.size() == sent.size() + line_end, "the value is what was sent");
  } else {
    expect(bytes == "$-1\r\n" || bytes == "*-1\r\n", "no value where none was sent");
  }
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Replies replies{fuzz::text_of(data, size)};
  while (const redis::Reply reply = replies.next()) {
    check_value(redis::value_of(*reply), replies.bytes());
    for (const std::string_view status : {"OK", "PONG"}) {
      const std::string sent = "+" + std::string{status} + "\r\n";
      expect(redis::is_status(*reply, status) == (replies.bytes() == sent), "a status is that status alone");
    }
    const std::string told = redis::describe(*reply);
    expect(told.size() < 100 && std::ranges::all_of(told, is_printable), "a short line");
  }
  return 0;
}
