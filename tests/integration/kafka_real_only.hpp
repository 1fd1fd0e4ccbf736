#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

// For tests of what librdkafka's mock cluster can't do: the program ends before doctest begins, for on the mock all of them
// would fail, and must not seem to have passed.
namespace event_draft::testing {

[[maybe_unused]] inline const bool kafka_is_real = [] {
  const char* const servers = std::getenv("EVENT_DRAFT_SERVERS");
  std::ifstream file{std::string{servers == nullptr ? "" : servers} + "/kafka/kind"};
  std::string kind;
  file >> kind;
  if (kind != "mock") return true;
  std::puts("SKIPPED: it takes a real broker");
  std::exit(77);
}();

}  // namespace event_draft::testing
