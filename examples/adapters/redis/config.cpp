#include "config.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace event_draft::redis {

namespace urls = boost::urls;

namespace {

constexpr int most_databases = 16'384;  // far above what a server is set up for

template <class Number>
Number number(std::string_view text, Number least, Number most, const char* what) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    throw ConfigError{fmt::format("the Redis URL's {} is not a number from {} to {}", what, least, most)};
  return value;
}

int database(std::string_view text) { return number(text, 0, most_databases, "database"); }

void read_server(const urls::url_view& url, Config& config) {
  config.host = url.host_address();
  if (config.host.empty()) throw ConfigError{"the Redis URL has no host"};
  if (url.has_port()) config.port = number<std::uint16_t>(std::string{url.port()}, 1, 65'535, "port");
  const std::string path = url.path();
  if (path.size() > 1) config.database = database(std::string_view{path}.substr(1));
}

void read_socket(const urls::url_view& url, Config& config) {
  config.unix_socket = url.path();
  if (!url.host_address().empty() || config.unix_socket.size() < 2)
    throw ConfigError{"a unix:// Redis URL is unix:///PATH of the socket"};
}

void read_parameters(const urls::url_view& url, Config& config) {
  for (const auto& parameter : url.params()) {
    if (parameter.key == "db") {
      config.database = database(parameter.value);
    } else if (parameter.key == "prefix") {
      config.key_prefix = parameter.value;
    } else {
      throw ConfigError{fmt::format("the Redis URL's parameter {} is not db or prefix", parameter.key)};
    }
  }
}

}  // namespace

Config parse_url(std::string_view text) {
  const auto parsed = urls::parse_uri(text);
  if (!parsed) throw ConfigError{"the Redis URL is not redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or unix:///PATH"};
  const urls::url_view& url = *parsed;

  Config config;
  if (url.scheme() == "redis") {
    read_server(url, config);
  } else if (url.scheme() == "unix") {
    read_socket(url, config);
  } else if (url.scheme() == "rediss") {
    throw ConfigError{"rediss:// is Redis over TLS, which this client does not have: put a TLS tunnel before it"};
  } else {
    throw ConfigError{"the Redis URL does not begin with redis:// or unix://"};
  }
  if (url.has_fragment()) throw ConfigError{"the Redis URL has a # in it; write %23"};
  config.user = url.user();
  config.password = url.password();
  if (config.password.empty() && !config.user.empty()) throw ConfigError{"the Redis URL has a user but no password"};
  read_parameters(url, config);
  return config;
}

std::string describe(const Config& config) {
  if (!config.unix_socket.empty()) return fmt::format("unix://{}?db={}", config.unix_socket, config.database);
  const bool is_ipv6 = config.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? '[' + config.host + ']' : config.host;
  return fmt::format("redis://{}:{}/{}", host, config.port, config.database);
}

}  // namespace event_draft::redis
