#include "commands.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <new>
#include <vector>

namespace event_draft::redis {

void Commands::greet(const Config& config) {
  if (!config.user.empty()) {
    add({"AUTH", config.user, config.password});
  } else if (!config.password.empty()) {
    add({"AUTH", config.password});
  }
  if (config.database != 0) add({"SELECT", std::to_string(config.database)});
}

void Commands::get(std::string_view prefix, std::string_view key) { add({"GET", std::string{prefix}.append(key)}); }

void Commands::set(std::string_view prefix, const CacheWrite& write) {
  const std::string seconds = std::to_string(write.time_to_live.count());
  add({"SET", std::string{prefix}.append(write.key), write.value, "EX", seconds});
}

void Commands::add(std::initializer_list<std::string_view> words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    texts.push_back(word.data() != nullptr ? word.data() : "");
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(&formatted, static_cast<int>(texts.size()), texts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc{};
  const std::unique_ptr<char, decltype(&redisFreeCommand)> owner{formatted, redisFreeCommand};
  bytes_.append(formatted, static_cast<std::size_t>(size));
  ++count_;
}

}  // namespace event_draft::redis
