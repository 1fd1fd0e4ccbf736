#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace event_draft::sqlite {

struct Config {
  std::filesystem::path path;
  std::int64_t max_pages = 0;  ///< of 4 KiB; a save past it fails as on a full disk. 0: no limit but the disk's
  /// Hears the cause of every failure, one line of text; called one at a time, must not throw.
  std::function<void(std::string_view)> on_failure = [](std::string_view) {};
};

}  // namespace event_draft::sqlite
