#pragma once

#include <boost/json.hpp>
#include <event_draft/testing/contracts/publisher.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace event_draft::testing {

[[nodiscard]] inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Reads one line of an event log; throws for one that is not whole.
[[nodiscard]] inline PublishedEvent published_line(const std::string& line) {
  const boost::json::object event = boost::json::parse(line).as_object();
  const auto text = [](const boost::json::value& value) { return std::string{value.as_string()}; };
  if (event.size() != 4) throw std::runtime_error{"other members than the four: " + line};
  PublishedEvent published{
      text(event.at("topic")), text(event.at("key")), {}, {}, boost::json::serialize(event.at("payload").as_object())};
  for (const auto& [name, value] : event.at("headers").as_object()) published.headers.emplace_back(name, text(value));
  published.id = text(event.at("headers").at("ce_id"));
  return published;
}

/// Reads a whole event log; throws when a line, or the last line's end, is not whole.
[[nodiscard]] inline std::vector<PublishedEvent> published_lines(const std::filesystem::path& path) {
  std::vector<PublishedEvent> events;
  std::string rest = contents(path);
  for (std::size_t begin = 0; begin != rest.size();) {
    const std::size_t end = rest.find('\n', begin);
    if (end == std::string::npos) throw std::runtime_error{"a torn line: " + rest.substr(begin)};
    events.push_back(published_line(rest.substr(begin, end - begin)));
    begin = end + 1;
  }
  return events;
}

}  // namespace event_draft::testing
