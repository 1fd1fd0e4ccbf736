#pragma once

#include <atomic>

namespace event_draft::testing {

/// What this executable's syncs and writes to a place do: counted, and told to fail or to hang. They stand in for the C
/// library's, also where SQLite calls them; disk_faults.cpp has them.
struct DiskFaults {
  static std::atomic<int> syncs;
  static std::atomic<int> failing_syncs;  ///< so many of the next ones fail
  static std::atomic<bool> hanging;       ///< as long as it is set, syncs do not return
  static std::atomic<bool> full;          ///< as long as it is set, pwrite finds no room
};

}  // namespace event_draft::testing
