#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace event_draft::server {

/// What opens /admin: random, another one at each start.
class AdminToken {
 public:
  /// \throws std::system_error when the system has no random numbers
  AdminToken();

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// Whether this is the value of an `Authorization` header that has the token. How long that takes says nothing about it.
  [[nodiscard]] bool is_in(std::string_view authorization) const noexcept;

 private:
  std::string text_;
};

/// Tells the programs of those who may read the data folder how to reach this server's /admin:
/// `{"address":…,"port":…,"token":…}`, readable by the owner alone. It is there as long as this object.
class AdminFile {
 public:
  /// \throws std::system_error that names the file
  AdminFile(std::filesystem::path path, std::string_view address, std::uint16_t port, const AdminToken& token);
  ~AdminFile();
  AdminFile(const AdminFile&) = delete;
  AdminFile& operator=(const AdminFile&) = delete;

 private:
  std::filesystem::path path_;
};

}  // namespace event_draft::server
