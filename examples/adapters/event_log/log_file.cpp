#include "log_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>

#include "event_line.hpp"

namespace event_draft::event_log {
namespace {

[[noreturn]] void fail(const char* what) {
  throw OpenError{fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

std::string read(int file, std::uint64_t begin, std::uint64_t end) {
  std::string bytes(end - begin, '\0');
  const ssize_t count = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(begin));
  if (count < 0) fail("can't be read");
  if (static_cast<std::size_t>(count) != bytes.size()) throw OpenError{"it changed while it was read"};
  return bytes;
}

/// A crash may have kept a line's end and lost its start, which then reads as NULs or is not there.
bool is_whole(std::string_view line) {
  return line.substr(0, line_start.size()) == line_start && line.find('\0') == std::string_view::npos;
}

/// Where the last whole line ends, if one does in the file's last `length` bytes, or if those are all.
std::optional<std::uint64_t> end_of_lines(int file, std::uint64_t size, std::uint64_t length) {
  const std::uint64_t begin = size - std::min(size, length);
  const std::string bytes = read(file, begin, size);
  std::string_view lines = bytes;
  lines = lines.substr(0, lines.rfind('\n') + 1);  // npos + 1 is 0
  while (!lines.empty()) {
    const std::size_t last = lines.substr(0, lines.size() - 1).rfind('\n') + 1;
    const bool starts_before = last == 0 && begin != 0;
    if (is_whole(lines.substr(last)) || (starts_before && lines.find('\0') == std::string_view::npos)) break;
    lines = lines.substr(0, last);
  }
  if (lines.empty() && begin != 0) return std::nullopt;
  return begin + lines.size();
}

std::uint64_t end_of_lines(int file, std::uint64_t size) {
  for (std::uint64_t length = longest_tear >> 8U; length <= longest_tear; length <<= 4U) {  // most tears are short
    if (const auto end = end_of_lines(file, size, length)) return *end;
  }
  throw OpenError{fmt::format("its last {} bytes hold no whole line", longest_tear)};
}

/// A crash may have left less of the first line than this looks at.
void require_event_log(int file, std::uint64_t size) {
  const std::string start = read(file, 0, std::min<std::uint64_t>(size, line_start.size()));
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

LogFile::LogFile(const std::filesystem::path& path, Sync sync) : path_{path}, sync_{sync} {
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
  const auto size = static_cast<std::uint64_t>(status.st_size);
  require_event_log(file_, size);
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
  if (!in_place()) return false;
  if (clean_) return true;
  if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) return failed();
  return clean_ = sync();
}

bool LogFile::in_place() noexcept {
  struct stat opened {};
  struct stat named {};
  if (::fstat(file_, &opened) != 0) return failed();
  if (::stat(path_.c_str(), &named) != 0 || opened.st_dev != named.st_dev || opened.st_ino != named.st_ino)
    return failed("the file was moved, replaced or deleted; restart to use what is there now");
  const auto size = static_cast<std::uint64_t>(opened.st_size);
  if (size < size_ || (clean_ && size > size_))
    return failed("somebody else changed the file's size; restart to go on");
  return true;
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

bool LogFile::failed(const char* why) noexcept {
  last_error_ = errno;
  why_ = why;
  return false;
}

std::string LogFile::last_error() const {
  return why_ != nullptr ? why_ : std::generic_category().message(last_error_);
}

}  // namespace event_draft::event_log
