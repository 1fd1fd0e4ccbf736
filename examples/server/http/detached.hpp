#pragma once

#include <coroutine>
#include <exception>

namespace event_draft::server {

/// A coroutine that runs at once, and that nobody awaits: it must handle what it throws.
struct Detached {
  struct promise_type {
    static Detached get_return_object() noexcept { return {}; }
    static std::suspend_never initial_suspend() noexcept { return {}; }
    static std::suspend_never final_suspend() noexcept { return {}; }
    static void return_void() noexcept {}
    [[noreturn]] static void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace event_draft::server
