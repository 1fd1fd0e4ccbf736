#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

#include <atomic>
#include <chrono>
#include <thread>

namespace event_draft::testing {

/// What this executable's syncs do: counted, and told to fail or to hang. They stand in for the C library's, also where
/// SQLite calls them, so they are to be defined once an executable, by including this header in one source.
struct DiskFaults {
  static inline std::atomic<int> syncs = 0;
  static inline std::atomic<int> failing_syncs = 0;  ///< so many of the next ones fail
  static inline std::atomic<bool> hanging = false;   ///< as long as it is set, they do not return

  static int sync(long call, int file) {
    ++syncs;
    while (hanging) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (failing_syncs > 0) {
      --failing_syncs;
      errno = EIO;
      return -1;
    }
    return static_cast<int>(::syscall(call, file));
  }
};

}  // namespace event_draft::testing

extern "C" {
int fdatasync(int file) { return event_draft::testing::DiskFaults::sync(SYS_fdatasync, file); }
int fsync(int file) { return event_draft::testing::DiskFaults::sync(SYS_fsync, file); }
}
