#include "admin_access.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "http/http_message.hpp"

namespace event_draft::server {
namespace {

constexpr std::string_view scheme = "Bearer ";

[[noreturn]] void fail(const std::string& what) { throw std::system_error{errno, std::generic_category(), what}; }

}  // namespace

AdminToken::AdminToken() {
  std::array<std::uint8_t, 32> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) fail("can't make an admin token");
  for (const std::uint8_t byte : bytes) text_ += fmt::format("{:02x}", byte);
}

bool AdminToken::is_in(std::string_view authorization) const noexcept {
  if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return false;
  const std::string_view given = authorization.substr(scheme.size());
  if (given.size() != text_.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i != given.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(given[i] ^ text_[i]));
  }
  return difference == 0;
}

AdminFile::AdminFile(std::filesystem::path path, std::string_view address, std::uint16_t port, const AdminToken& token)
    : path_{std::move(path)} {
  const std::string text =
      fmt::format("{{\"address\":\"{}\",\"port\":{},\"token\":\"{}\"}}\n", address, port, token.text());
  const std::string unfinished = path_.string() + ".new";
  ::unlink(unfinished.c_str());  // of a server that was killed; and with O_EXCL, nobody else's file is written to
  const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) fail("can't write " + unfinished);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  if (!written || std::rename(unfinished.c_str(), path_.c_str()) != 0) fail("can't write " + path_.string());
}

AdminFile::~AdminFile() { ::unlink(path_.c_str()); }

}  // namespace event_draft::server
