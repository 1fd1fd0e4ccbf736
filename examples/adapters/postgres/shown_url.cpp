#include "shown_url.hpp"

#include <fmt/core.h>
#include <libpq-fe.h>

#include <memory>
#include <string_view>
#include <utility>

namespace event_draft::postgres {

namespace {

struct Free {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, Free>;

std::string_view value_of(const Options& options, std::string_view keyword) {
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return {};
}

/// nullptr also where libpq takes a password with an @ or a / that is not encoded for a host, a port or a database.
Options read(const std::string& url) {
  Options options{PQconninfoParse(url.c_str(), nullptr)};
  if (!options) return options;
  const bool has_password = value_of(options, "host").find('@') != std::string_view::npos ||
                            value_of(options, "dbname").find('@') != std::string_view::npos ||
                            value_of(options, "port").find_first_not_of("0123456789,") != std::string_view::npos;
  return has_password ? Options{} : std::move(options);
}

}  // namespace

bool is_readable(const std::string& url) { return read(url) != nullptr; }

std::string setting_of(const std::string& url, std::string_view keyword) {
  const Options options = read(url);
  return std::string{options ? value_of(options, keyword) : std::string_view{}};
}

std::string shown_url(const std::string& url) {
  const Options options = read(url);
  if (!options) return "(unreadable connection string)";
  const auto value = [&](std::string_view keyword) { return value_of(options, keyword); };
  const std::string_view user = value("user");
  const std::string_view host = value("host").empty() ? value("hostaddr") : value("host");
  const std::string_view port = value("port");
  return fmt::format("postgresql://{}{}{}{}{}/{}", user, user.empty() ? "" : "@", host, port.empty() ? "" : ":", port,
                     value("dbname"));
}

}  // namespace event_draft::postgres
