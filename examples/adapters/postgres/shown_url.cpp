#include "shown_url.hpp"

#include <fmt/core.h>
#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace event_draft::postgres {

namespace {

struct Free {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

Options read(const std::string& url) { return Options{PQconninfoParse(url.c_str(), nullptr)}; }

}  // namespace

bool is_readable(const std::string& url) { return read(url) != nullptr; }

std::string shown_url(const std::string& url) {
  const Options options = read(url);
  if (!options) return "(unreadable connection string)";
  const auto value = [&](std::string_view keyword) -> std::string_view {
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
      if (option->keyword == keyword && option->val != nullptr) return option->val;
    }
    return {};
  };
  const std::string_view user = value("user");
  const std::string_view host = value("host").empty() ? value("hostaddr") : value("host");
  const std::string_view port = value("port");
  return fmt::format("postgresql://{}{}{}{}{}/{}", user, user.empty() ? "" : "@", host, port.empty() ? "" : ":", port,
                     value("dbname"));
}

}  // namespace event_draft::postgres
