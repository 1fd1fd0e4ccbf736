#include <doctest/doctest.h>

#include <event_draft/controller/http_status.hpp>

using namespace event_draft;

TEST_CASE("every error has its HTTP status") {
  static_assert(http_status(Errc::invalid_objective) == 400);
  CHECK(http_status(Errc::missing_store_info) == 400);
  CHECK(http_status(Errc::invalid_store_info) == 400);
  CHECK(http_status(Errc::invalid_user) == 400);
  CHECK(http_status(Errc::malformed_request) == 400);
  CHECK(http_status(Errc::draft_not_found) == 404);
  CHECK(http_status(Errc::corrupt_draft) == 500);
  CHECK(http_status(Errc::event_rejected) == 500);
  CHECK(http_status(Errc::internal_error) == 500);
  CHECK(http_status(Errc::storage_unavailable) == 503);
  CHECK(http_status(Errc::cache_unavailable) == 503);
  CHECK(http_status(Errc::publisher_unavailable) == 503);
  CHECK(http_status(Errc::deadline_exceeded) == 503);
  CHECK(http_status(Errc::port_exception) == 503);
}

TEST_CASE("a code from nowhere is an internal error") { CHECK(http_status(static_cast<Errc>(200)) == 500); }
