#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/types.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace event_draft::testing {

/// One of the servers that `examples/servers/run` has started for this test: redis, postgres or kafka.
class RealServer {
 public:
  explicit RealServer(std::string name) : name_{std::move(name)} {}
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;
  ~RealServer() { resume(); }

  /// What `examples/servers/run` says.
  [[nodiscard]] static std::string environment(const std::string& variable) {
    const char* const value = std::getenv(variable.c_str());
    REQUIRE_MESSAGE(value != nullptr, variable << " is not set: run this with examples/servers/run");
    return value;
  }

  /// As the example server's flag of its name takes it.
  [[nodiscard]] std::string url() const {
    std::string variable = "EVENT_DRAFT_" + name_;
    std::ranges::transform(variable, variable.begin(), [](unsigned char c) { return std::toupper(c); });
    return environment(variable);
  }

  /// Where it keeps its files.
  [[nodiscard]] std::string folder() const { return environment("EVENT_DRAFT_SERVERS") + "/" + name_; }

  void pause() {
    paused_ = pid();
    REQUIRE(::kill(paused_, SIGSTOP) == 0);
  }
  void resume() {
    if (paused_ != 0) ::kill(paused_, SIGCONT);
    paused_ = 0;
  }

  /// Returns once another process has been started in its place, which may not be ready yet.
  void kill() {
    const pid_t killed = pid();
    REQUIRE(::kill(killed, SIGKILL) == 0);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (pid() == killed) {
      REQUIRE(std::chrono::steady_clock::now() < until);
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }

  [[nodiscard]] pid_t pid() const {
    std::ifstream file{folder() + ".pid"};
    pid_t pid = 0;
    file >> pid;
    REQUIRE(pid > 1);
    return pid;
  }

 private:
  std::string name_;
  pid_t paused_ = 0;
};

}  // namespace event_draft::testing
