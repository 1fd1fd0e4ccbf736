#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "backends.hpp"
#include "embedded_backends.hpp"

namespace event_draft::server {

// Those that need a server; each throws std::runtime_error when this build was made without it.
std::unique_ptr<RepositoryBackend> make_postgres(const Config& config, FailureHook on_failure);
std::unique_ptr<CacheBackend> make_redis(const Config& config, FailureHook on_failure);
std::unique_ptr<PublisherBackend> make_kafka(const Config& config, FailureHook on_failure);

// What logs may have of where they are. They throw std::invalid_argument, without credentials, for what can't be read.
[[nodiscard]] std::string shown_redis(const std::string& url);
[[nodiscard]] std::string shown_postgres(const std::string& url);

}  // namespace event_draft::server
