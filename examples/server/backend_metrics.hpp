#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

namespace event_draft::server {

/// One sample of its own name, in Prometheus text.
template <class Value>
void write_sample(std::string& out, std::string_view type, std::string_view name, std::string_view help,
                  const Value& value) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
}

}  // namespace event_draft::server
