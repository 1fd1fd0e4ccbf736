#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "consumer.hpp"
#include "tally.hpp"

namespace event_draft::consumer {

struct AnalyticsConfig {
  std::string brokers;
  std::string group = "analytics";
  std::vector<kafka::Property> properties{};
  std::filesystem::path csv{};       ///< empty for none
  std::filesystem::path progress{};  ///< what earlier runs have counted; empty for none
  std::size_t remembered_ids = 20'000;
  bool refreshes_table = false;  ///< on standard output, a terminal
};

/// The specification's Analytics Service: counts the drafts that are announced on `event-topic`.
class Analytics {
 public:
  /// Throws `kafka::ConfigError`, and `std::runtime_error` for progress that can't be read.
  explicit Analytics(AnalyticsConfig config);

  /// False after an error that only a restart ends. Throws when a file can't be written: nothing is committed then.
  [[nodiscard]] bool run_once();

  /// Writes down what was counted, and then commits what was read for it.
  void save();

  /// As `Consumer::leave`.
  bool leave() noexcept { return consumer_.leave(); }

  [[nodiscard]] const Tally& tally() const noexcept { return tally_; }

 private:
  Offsets load();
  void count(std::int32_t partition, std::int64_t offset, const Record& record);
  void write_files();

  AnalyticsConfig config_;
  Tally tally_;
  bool is_saved_ = false;
  std::chrono::steady_clock::time_point saves_at_{};
  Consumer consumer_;
};

}  // namespace event_draft::consumer
