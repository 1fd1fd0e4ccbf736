#pragma once

#include <string_view>

#include "application.hpp"
#include "http/http_message.hpp"

namespace event_draft::server {

/// What a person does about parked events, over HTTP. Answers are JSON; ids, codes and times need no escaping.
class OutboxAdmin {
 public:
  explicit OutboxAdmin(Application& application) noexcept : application_{application} {}

  /// `{"parked":[{"id":…,"attempts":…,"reason":…,"parkedAt":…},…],"next":…}`: up to `limit` of them, 1 to 1000, 100 when it
  /// is empty, from the first after `after`. `next` is what to say as `after` for more, null when there are none.
  [[nodiscard]] HttpResponse list(std::string_view after, std::string_view limit) const;

  /// `{"id":…}`, or 404 when it is not parked. The relay gets to work on it at once.
  [[nodiscard]] HttpResponse replay(std::string_view id) const;

  /// `{"id":…}`, or 404 when it is not parked.
  [[nodiscard]] HttpResponse discard(std::string_view id) const;

 private:
  Application& application_;
};

}  // namespace event_draft::server
