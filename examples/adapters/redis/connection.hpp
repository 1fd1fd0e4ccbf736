#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <event_draft/deadline.hpp>
#include <event_draft/result.hpp>

#include "commands.hpp"
#include "config.hpp"
#include "replies.hpp"

namespace event_draft::redis {

/// One connection, for one caller at a time. It is over with the first error, time-out or reply that is not understood: what
/// would come next on it might be the answer to somebody else's question. The process must ignore SIGPIPE.
class Connection {
 public:
  /// Hears why something failed, one line of text.
  using Report = std::function<void(std::string_view)>;

  /// Connects and says who it is. The whole of it ends with the deadline, but for looking up a host's name.
  [[nodiscard]] static Result<Connection> open(const Config& config, Report report, Deadline deadline);

  /// Sends the commands together and gives each reply to `accept(reply)`, which says whether it is of the kind that belongs to
  /// its command. A failure is unknown: what was sent may have had its effect.
  template <class Accept>
  Result<void> exchange(const Commands& commands, Deadline deadline, Accept accept) {
    if (deadline.expired()) return Errc::deadline_exceeded;
    is_whole_ = false;
    BOOST_OUTCOME_TRY(send(commands, deadline));
    for (std::size_t i = 0; i != commands.count(); ++i) {
      BOOST_OUTCOME_TRY(const auto reply, receive(deadline));
      if (!accept(*reply)) return failure(describe(*reply));
    }
    is_whole_ = true;
    return success();
  }

  /// Every exchange came to its end, and nothing has come since: no reply that nobody asked for, and not the server's end.
  [[nodiscard]] bool is_idle() noexcept;

 private:
  struct FreeContext {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };

  Connection(redisContext* context, Report report) : context_{context}, report_{std::move(report)} {}

  Result<void> await_connected(Deadline deadline);
  Result<void> send(const Commands& commands, Deadline deadline);
  Result<Reply> receive(Deadline deadline);
  Result<void> await(short events, Deadline deadline);
  [[nodiscard]] Error failure(std::string_view why, Errc code = Errc::cache_unavailable) const;

  std::unique_ptr<redisContext, FreeContext> context_;
  Report report_;
  bool is_whole_ = true;
};

}  // namespace event_draft::redis
