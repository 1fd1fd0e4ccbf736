#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <adapters/sqlite/sqlite_draft_repository.hpp>
#include <chrono>
#include <cstdint>
#include <event_draft/testing/printing.hpp>
#include <event_draft/testing/samples.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../contract/temporary_directory.hpp"

// What the tests of the SQLite adapter share.
namespace event_draft::testing {

using sqlite::SqliteDraftRepository;

inline Deadline in_good_time() { return Deadline::after(std::chrono::seconds{30}); }

struct Folder {
  TemporaryDirectory directory;
  std::filesystem::path database = directory.path() / "drafts.db";
  std::vector<std::string> causes;

  /// Its failures are collected.
  sqlite::Config config() {
    return {database, 0, [this](std::string_view cause) { causes.emplace_back(cause); }};
  }
};

/// Another program's connection, as the sqlite3 shell's.
class Shell {
 public:
  explicit Shell(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
    sqlite3_busy_timeout(database_, 2000);
    run("PRAGMA ignore_check_constraints = ON");
  }
  ~Shell() { sqlite3_close(database_); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  void run(const std::string& sql) {
    INFO(sql);
    REQUIRE(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

  bool can(const std::string& sql) {
    return sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  std::string ask(const std::string& sql) {
    std::string answer;
    const auto collect = [](void* into, int, char** values, char**) {
      *static_cast<std::string*>(into) = values[0] == nullptr ? "null" : values[0];
      return 0;
    };
    REQUIRE(sqlite3_exec(database_, sql.c_str(), collect, &answer, nullptr) == SQLITE_OK);
    return answer;
  }

 private:
  sqlite3* database_ = nullptr;
};

inline std::string open_error(const std::filesystem::path& database) {
  try {
    const SqliteDraftRepository repository{{database}};
  } catch (const sqlite::OpenError& error) {
    return error.what();
  }
  return {};
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.assume_error();
}

inline EventDraft saved(SqliteDraftRepository& repository, std::int64_t user = 123) {
  const auto result = repository.save(sample_new_draft(user), in_good_time());
  REQUIRE(result);
  CHECK(result.assume_value().inserted);
  return result.assume_value().draft;
}

inline std::optional<EventDraft> found(SqliteDraftRepository& repository, const DraftId& id) {
  const auto result = repository.find(id, in_good_time());
  REQUIRE(result);
  return result.assume_value();
}

}  // namespace event_draft::testing
