#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "admin_client.hpp"

namespace {

using event_draft::admin::AdminClient;
using event_draft::admin::Answer;

const std::string parked_path = "/admin/outbox/parked";

struct Command {
  std::string data = "event-draft-data";
  std::vector<std::string> ids;
  bool all = false;
  bool json = false;
};

std::string word(const boost::json::value& object, std::string_view member) {
  return boost::json::value_to<std::string>(object.at(member));
}

/// Every parked event, as the server tells of it: a page at a time, the last one by the id that the server gives for the next.
void for_each_page(const AdminClient& server, const std::function<void(const boost::json::array&)>& use) {
  for (std::string target = parked_path;;) {
    const Answer answer = server.call("GET", target);
    if (answer.status != 200) throw std::runtime_error{"the server answers: " + answer.body};
    const auto page = boost::json::parse(answer.body);
    use(page.at("parked").as_array());
    if (page.at("next").is_null()) return;
    target = parked_path + "?after=" + word(page, "next");
  }
}

void print_table(const boost::json::array& events) {
  if (events.empty()) {
    fmt::print("no event is parked\n");
    return;
  }
  std::size_t width = 0;
  for (const auto& event : events) width = std::max(width, word(event, "id").size());
  fmt::print("{:{}}  {:>8}  {:24}  {}\n", "ID", width, "ATTEMPTS", "PARKED AT", "REASON");
  for (const auto& event : events) {
    fmt::print("{:{}}  {:>8}  {:24}  {}\n", word(event, "id"), width, event.at("attempts").as_int64(),
               word(event, "parkedAt"), word(event, "reason"));
  }
}

int list(const AdminClient& server, const Command& command) {
  boost::json::array events;
  for_each_page(server, [&](const boost::json::array& page) { events.insert(events.end(), page.begin(), page.end()); });
  if (command.json) {
    fmt::print("{}\n", boost::json::serialize(events));
  } else {
    print_table(events);
  }
  return EXIT_SUCCESS;
}

/// What it can't be done to is told, and the rest goes on.
int change(const AdminClient& server, const Command& command, const std::string& method, const std::string& suffix,
           std::string_view done) {
  int status = EXIT_SUCCESS;
  const auto change_one = [&](const std::string& id) {
    const bool is_id = !id.empty() && id.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                          "_-.") == std::string::npos;  // and so needs no escaping
    const Answer answer = is_id ? server.call(method, parked_path + "/" + id + suffix) : Answer{404, {}};
    if (answer.status == 200) {
      fmt::print("{} {}\n", done, id);
      return;
    }
    fmt::print(stderr, "event_draft_admin: {}\n",
               answer.status == 404 ? id + " is not parked" : id + ": the server answers: " + answer.body);
    status = EXIT_FAILURE;
  };
  for (const auto& id : command.ids) change_one(id);
  if (command.all) {
    for_each_page(server, [&](const boost::json::array& page) {
      for (const auto& event : page) change_one(word(event, "id"));
    });
  }
  return status;
}

CLI::App* add_change(CLI::App& app, const std::string& name, const std::string& help, Command& command) {
  CLI::App* const added = app.add_subcommand(name, help);
  auto* const what = added->add_option_group("which")->require_option(1);
  what->add_option("ID", command.ids, "such as draft-1.EventDraftCreated");
  what->add_flag("--all", command.all, "all that are parked now");
  return added;
}

int run(int argc, char** argv) {
  Command command;
  CLI::App app{
      "Parked events of a running event_draft_server: those that failed too often to be tried again by itself.",
      "event_draft_admin"};
  app.require_subcommand(1)->fallthrough();
  app.add_option("--data", command.data, "the server's data folder")
      ->envname("EVENT_DRAFT_DATA")
      ->capture_default_str();
  auto* const listing = app.add_subcommand("list", "print them");
  listing->add_flag("--json", command.json, "as a JSON array");
  auto* const replay = add_change(app, "replay", "have them published after all, with their attempts at 0", command);
  auto* const discard = add_change(app, "discard", "delete them for good: they will never be published", command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {
    return app.exit(wanted);
  } catch (const CLI::Error& error) {
    fmt::print(stderr, "event_draft_admin: {} (--help lists the commands)\n", error.what());
    return 2;
  }
  const AdminClient server{command.data};
  if (*listing) return list(server, command);
  if (*replay) return change(server, command, "POST", "/replay", "replayed");
  return *discard ? change(server, command, "DELETE", "", "discarded") : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "event_draft_admin: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
