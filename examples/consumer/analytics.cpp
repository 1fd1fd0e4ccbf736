#include "analytics.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <event_draft/event_message.hpp>
#include <fstream>
#include <iterator>
#include <variant>

#include "report.hpp"

namespace event_draft::consumer {
namespace {

constexpr std::chrono::seconds between_saves{1};
constexpr std::chrono::milliseconds longest_wait{100};
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

void tell(std::string_view text) { fmt::print(stderr, "{}\n", text); }

}  // namespace

Analytics::Analytics(AnalyticsConfig config)
    : config_{std::move(config)},
      tally_{config_.remembered_ids},
      consumer_{config_.brokers,
                config_.group,
                config_.properties,
                load(),
                {.on_record = [this](auto... record) { count(record...); },
                 .before_partitions_go = [this] { save(); },
                 .on_failure = tell}} {}

Offsets Analytics::load() {
  if (config_.progress.empty() || !std::filesystem::exists(config_.progress)) return {};
  std::ifstream file{config_.progress, std::ios::binary};
  return read_progress(std::string{std::istreambuf_iterator<char>{file}, {}}, tally_);
}

void Analytics::count(std::int32_t partition, std::int64_t offset, const Record& record) {
  is_saved_ = false;
  const auto read = read_event(record);
  if (const auto* const event = std::get_if<ReceivedEvent>(&read)) {
    tally_.add(*event);
  } else {
    tally_.add_unreadable();
    tell(fmt::format("skipped {}[{}]@{}: {}", event_topic, partition, offset, std::get<Unreadable>(read)));
  }
}

bool Analytics::run_once() {
  const bool goes_on = consumer_.poll(longest_wait);
  if (std::chrono::steady_clock::now() >= saves_at_) save();
  return goes_on;
}

void Analytics::save() {
  saves_at_ = std::chrono::steady_clock::now() + between_saves;
  if (is_saved_) return;
  write_files();
  is_saved_ = consumer_.commit();
  if (config_.refreshes_table) fmt::print("{}{}", clear_screen, table_text(tally_));
  std::fflush(stdout);
}

void Analytics::write_files() {
  if (!config_.progress.empty()) replace_file(config_.progress, progress_text(tally_, consumer_.offsets()));
  if (!config_.csv.empty()) replace_file(config_.csv, csv_text(tally_));
}

}  // namespace event_draft::consumer
