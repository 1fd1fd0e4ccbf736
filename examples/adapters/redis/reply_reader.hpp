#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>

#include "replies.hpp"

namespace event_draft::redis {

/// Why a connection is over; a line of text without credentials.
struct ConnectionLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Bytes of one connection in, replies out. Throws `ConnectionLost` for what is not Redis's protocol.
class ReplyReader {
 public:
  static constexpr std::size_t most_bytes_kept = 256 * 1024;  ///< by a buffer that is not in use
  static constexpr std::size_t most_bytes_of_reply =
      16 * 1024 * 1024;  ///< no value that this cache keeps is that large

  ReplyReader() : reader_{redisReaderCreate()} {
    if (!reader_) throw std::bad_alloc{};
    reader_->maxbuf = most_bytes_kept;
  }

  void feed(std::string_view bytes) { check(redisReaderFeed(reader_.get(), bytes.data(), bytes.size())); }
  /// None, if the rest of it is still to come.
  [[nodiscard]] Reply next() {
    void* reply = nullptr;
    check(redisReaderGetReply(reader_.get(), &reply));
    if (reply == nullptr && reader_->len - reader_->pos > most_bytes_of_reply)
      throw ConnectionLost{"a reply that is too large"};
    return Reply{static_cast<redisReply*>(reply)};
  }

 private:
  struct Free {
    void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
  };

  void check(int result) const {
    if (result != REDIS_OK) throw ConnectionLost{reader_->errstr};
  }

  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace event_draft::redis
