#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace event_draft::event_log {

/// Why a log can't be used, in one line for whoever starts the program.
class OpenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Sync : std::uint8_t {
  every_event,  ///< acknowledged events are on the disk: they survive a power failure
  never,        ///< acknowledged events are with the operating system: they survive the end of the process, no more
};

/// What is known of lines that were to be appended.
enum class Appended : std::uint8_t {
  yes,
  no,       ///< the file is as it was before
  unknown,  ///< they were written but not synced; a reader may have seen them, the disk may have lost them
};

/// More than that at the end of a log, in bytes, is no crash's work, so is left to people. What is appended at once must be
/// less; a relay's batch is some 100 KiB.
inline constexpr std::uint64_t longest_tear = 16 * 1024 * 1024;

/// A file of whole lines that one process appends to. For one thread at a time.
class LogFile {
 public:
  /// Opens or makes the file, and cuts off last lines that a crash left torn, up to `longest_tear`. Throws `OpenError`: not
  /// writable, not an event log, torn further than that, in use by another process.
  LogFile(const std::filesystem::path& path, Sync sync);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Appends whole lines, all or none. After a failed sync nobody knows what the disk holds of them, so they are cut
  /// off again; until that has succeeded, and was synced itself, nothing more is appended. Nor is anything to a file
  /// that lost its name, or whose size somebody else changed.
  [[nodiscard]] Appended append(std::string_view lines) noexcept;

  /// Whether lines can be appended, as far as can be told without one.
  [[nodiscard]] bool restore() noexcept;

  /// The bytes of torn last lines that were cut off when the file was opened.
  [[nodiscard]] std::uint64_t torn_bytes() const noexcept { return torn_bytes_; }

  /// The cause of the last failure, in words.
  [[nodiscard]] std::string last_error() const;

 private:
  void open(const std::filesystem::path& path);
  void cut_torn_line();
  [[nodiscard]] bool write_whole(std::string_view lines) noexcept;
  [[nodiscard]] bool sync() noexcept;
  [[nodiscard]] bool in_place() noexcept;
  [[nodiscard]] bool failed(const char* why = nullptr) noexcept;

  std::filesystem::path path_;
  int file_ = -1;
  Sync sync_;
  std::uint64_t size_ = 0;  // of the whole lines, all of them synced as `sync_` demands
  std::uint64_t torn_bytes_ = 0;
  bool clean_ = true;  // nothing follows size_
  int last_error_ = 0;
  const char* why_ = nullptr;  // where errno doesn't say it
};

}  // namespace event_draft::event_log
