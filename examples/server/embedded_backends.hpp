#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "backends.hpp"

namespace event_draft::server {

/// Hears the causes of an adapter's failures; the steps' own reports only have their codes.
using FailureHook = std::function<void(std::string_view)>;

std::unique_ptr<RepositoryBackend> make_sqlite(const Config& config, FailureHook on_failure);
std::unique_ptr<CacheBackend> make_memory_cache(const Config& config);
std::unique_ptr<PublisherBackend> make_event_log(const Config& config, FailureHook on_failure, observers::Log& log);

}  // namespace event_draft::server
