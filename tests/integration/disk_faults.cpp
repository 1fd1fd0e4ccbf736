#include "disk_faults.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace event_draft::testing {

std::atomic<int> DiskFaults::syncs = 0;
std::atomic<int> DiskFaults::failing_syncs = 0;
std::atomic<bool> DiskFaults::hanging = false;
std::atomic<bool> DiskFaults::full = false;

namespace {

int sync(long call, int file) {
  ++DiskFaults::syncs;
  while (DiskFaults::hanging) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  if (DiskFaults::failing_syncs > 0) {
    --DiskFaults::failing_syncs;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(call, file));
}

ssize_t write_at(int file, const void* bytes, size_t count, off_t offset) {
  if (DiskFaults::full) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_pwrite64, file, bytes, count, offset);
}

}  // namespace
}  // namespace event_draft::testing

extern "C" {
int fdatasync(int file) { return event_draft::testing::sync(SYS_fdatasync, file); }
int fsync(int file) { return event_draft::testing::sync(SYS_fsync, file); }
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return event_draft::testing::write_at(file, bytes, count, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t count, off_t offset) {
  return event_draft::testing::write_at(file, bytes, count, offset);
}
}
