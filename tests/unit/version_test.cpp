#include <doctest/doctest.h>

#include <event_draft/version.hpp>
#include <string>

TEST_CASE("version: the header's is the package's") {
  CHECK(std::to_string(EVENT_DRAFT_VERSION_MAJOR) + "." + std::to_string(EVENT_DRAFT_VERSION_MINOR) + "." +
            std::to_string(EVENT_DRAFT_VERSION_PATCH) ==
        EVENT_DRAFT_PACKAGE_VERSION);
}
