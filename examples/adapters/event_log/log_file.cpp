#include "log_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "event_line.hpp"

namespace event_draft::event_log {
namespace {

[[noreturn]] void fail(const char* what) {
  throw OpenError{fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

std::string_view read_at(int file, std::uint64_t at, std::array<char, 4096>& block) {
  const ssize_t count = ::pread(file, block.data(), block.size(), static_cast<off_t>(at));
  if (count < 0) fail("can't be read");
  return {block.data(), static_cast<std::size_t>(count)};
}

/// Where the last whole line ends.
std::uint64_t end_of_lines(int file, std::uint64_t size) {
  std::array<char, 4096> block{};
  for (std::uint64_t end = size; end != 0;) {
    const std::uint64_t begin = end - std::min<std::uint64_t>(end, block.size());
    const std::string_view bytes = read_at(file, begin, block).substr(0, end - begin);
    if (const auto at = bytes.rfind('\n'); at != std::string_view::npos) return begin + at + 1;
    end = begin;
  }
  return 0;
}

/// A crash may have left less of the first line than this looks at.
void require_event_log(int file) {
  std::array<char, 4096> block{};
  const std::string_view start = read_at(file, 0, block).substr(0, line_start.size());
  if (start != line_start.substr(0, start.size())) throw OpenError{"it is not an event log"};
}

/// The name of a new file is durable only with its folder.
void sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  const int error = errno;
  if (opened >= 0) ::close(opened);
  errno = error;
  if (!synced) fail("its folder can't be synced");
}

}  // namespace

LogFile::LogFile(const std::filesystem::path& path, Sync sync) : sync_{sync} {
  try {
    open(path);
    cut_torn_line();
    if (sync == Sync::every_event) sync_folder(path);
  } catch (const OpenError& error) {
    if (file_ >= 0) ::close(file_);
    throw OpenError{fmt::format("can't use the event log {}: {}", path.string(), error.what())};
  }
}

LogFile::~LogFile() { ::close(file_); }

void LogFile::open(const std::filesystem::path& path) {
  // Non-blocking, so that a FIFO is refused below instead of waited for.
  file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  if (file_ < 0) fail("can't be opened");
  struct stat status {};
  if (::fstat(file_, &status) != 0) fail("can't be examined");
  if (!S_ISREG(status.st_mode)) throw OpenError{"it is not a regular file"};
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK) throw OpenError{"it is in use by another process"};
  fail("can't be locked");
}

void LogFile::cut_torn_line() {
  struct stat status {};
  if (::fstat(file_, &status) != 0) fail("can't be examined");
  require_event_log(file_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  size_ = end_of_lines(file_, size);
  torn_bytes_ = size - size_;
  clean_ = torn_bytes_ == 0;
  if (!restore()) fail("its torn last line can't be cut off");
  if (!this->sync()) fail("can't be synced");
}

Appended LogFile::append(std::string_view lines) noexcept {
  if (!restore()) return Appended::no;
  clean_ = false;
  if (!write_whole(lines)) {
    static_cast<void>(restore());  // or before the next append
    return clean_ ? Appended::no : Appended::unknown;
  }
  if (!sync()) {
    static_cast<void>(restore());
    return Appended::unknown;
  }
  size_ += lines.size();
  clean_ = true;
  return Appended::yes;
}

bool LogFile::restore() noexcept {
  if (clean_) return true;
  if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) return failed();
  return clean_ = sync();
}

bool LogFile::write_whole(std::string_view lines) noexcept {
  ssize_t count = 0;
  do {
    count = ::write(file_, lines.data(), lines.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failed();
  if (static_cast<std::size_t>(count) == lines.size()) return true;
  errno = ENOSPC;  // what a short write means, though only the next one would say so
  return failed();
}

bool LogFile::sync() noexcept { return sync_ == Sync::never || ::fdatasync(file_) == 0 || failed(); }

bool LogFile::failed() noexcept {
  last_error_ = errno;
  return false;
}

}  // namespace event_draft::event_log
