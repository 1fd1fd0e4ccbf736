#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace event_draft::admin {

struct Answer {
  unsigned status;
  std::string body;
};

/// Asks the server whose data folder this is; what it takes to do so, the server has written there.
class AdminClient {
 public:
  /// \throws std::runtime_error in one line for whoever started the program: no server is running there, or it is another
  /// user's
  explicit AdminClient(const std::filesystem::path& data);

  /// \throws std::runtime_error when there is no answer within 10 s
  [[nodiscard]] Answer call(const std::string& method, const std::string& target) const;

 private:
  std::filesystem::path data_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::string token_;
};

}  // namespace event_draft::admin
