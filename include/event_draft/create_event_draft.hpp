#pragma once

#include <cstdint>
#include <string_view>

namespace event_draft {

/// The command of the specification's `createEventDraft`, not yet judged. The text is UTF-8 and stays the caller's; it must
/// live until the operation has returned.
struct CreateEventDraft {
  std::int64_t user_id = 0;
  std::string_view objective = {};
  std::string_view store_name = {};
  std::string_view industry = {};
  std::string_view address = {};
  std::string_view traceparent = {};  ///< W3C Trace Context of the request; left out of the event unless well-formed
};

}  // namespace event_draft
