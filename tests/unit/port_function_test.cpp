#include <event_draft/port_function.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string_view>

#include "all_errors.hpp"
#include "scripted_ports.hpp"

using namespace event_draft;
using test::all_port_functions;

namespace {

std::set<PortFunction> repeatable() {
  std::set<PortFunction> set;
  for (const PortFunction function : all_port_functions()) {
    if (is_repeatable(function)) set.insert(function);
  }
  return set;
}

}  // namespace

TEST_CASE("port function: each is named as it is called") {
  std::set<std::string_view> names;
  for (const PortFunction function : all_port_functions()) names.insert(to_string(function));
  CHECK(names.size() == port_function_count);
  CHECK(to_string(PortFunction::save) == "save");
  CHECK(to_string(PortFunction::remove_published) == "remove_published");
  CHECK(to_string(PortFunction::discard) == "discard");
  CHECK(to_string(PortFunction::publish) == "publish");
}

TEST_CASE("port function: a port that can't do its part says so in its own word") {
  for (const PortFunction function : all_port_functions()) {
    const bool of_cache = function == PortFunction::get || function == PortFunction::set;
    CHECK(unavailable(function) == (of_cache                            ? Errc::cache_unavailable
                                    : function == PortFunction::publish ? Errc::publisher_unavailable
                                                                        : Errc::storage_unavailable));
    CHECK(is_outage(unavailable(function)));
  }
}

TEST_CASE("port function: what reads, what overwrites with the same, and what is told once however often") {
  CHECK(repeatable() == std::set{PortFunction::find, PortFunction::get, PortFunction::stats, PortFunction::parked,
                                 PortFunction::set, PortFunction::publish, PortFunction::settle,
                                 PortFunction::remove_published});
}

TEST_CASE("port function: an outage may pass; what is wrong with the request or the draft stays wrong") {
  std::set<Errc> outages;
  for (const Errc code : all_errors()) {
    if (is_outage(code)) outages.insert(code);
  }
  CHECK(outages == std::set{Errc::storage_unavailable, Errc::cache_unavailable, Errc::publisher_unavailable,
                            Errc::deadline_exceeded, Errc::port_exception, Errc::internal_error});
}
