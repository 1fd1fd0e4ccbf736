// What is more than one word takes no format specification; said when it is compiled.
// expect: takes no specification|SentenceFormatter::parse
#include <event_draft/formatters.hpp>
#include <string>

std::string text(const event_draft::Error& error) {
#ifdef EVENT_DRAFT_FIXED
  return fmt::format("{}", error);
#else
  return fmt::format("{:>80}", error);
#endif
}
