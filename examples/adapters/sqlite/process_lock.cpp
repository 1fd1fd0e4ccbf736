#include "process_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "open_error.hpp"

namespace event_draft::sqlite {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

ProcessLock::ProcessLock(const std::filesystem::path& database) {
  const std::string path = database.string() + ".lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file_ < 0) throw OpenError{fmt::format("can't write {}: {}", path, reason(errno))};
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(file_);
  if (error == EWOULDBLOCK) throw OpenError{fmt::format("{} is in use by another process", database.string())};
  throw OpenError{fmt::format("can't lock {}: {}", path, reason(error))};
}

// The file stays: a lock on a file that somebody else may unlink protects nothing.
ProcessLock::~ProcessLock() { ::close(file_); }

}  // namespace event_draft::sqlite
