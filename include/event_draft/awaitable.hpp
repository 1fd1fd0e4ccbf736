#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

// What the coroutine ports give back. The library brings no coroutine type and no event loop: it uses the host's.
namespace event_draft {

namespace detail {

template <class T>
decltype(auto) awaiter(T&& awaitable) {
  if constexpr (requires { std::forward<T>(awaitable).operator co_await(); }) {
    return std::forward<T>(awaitable).operator co_await();
  } else if constexpr (requires { operator co_await(std::forward<T>(awaitable)); }) {
    return operator co_await(std::forward<T>(awaitable));
  } else {
    return std::forward<T>(awaitable);
  }
}

}  // namespace detail

/// What `co_await` gives for a T. For an awaitable that only its own coroutine type can await (one that has no
/// `await_resume`), the host says it: `template <> struct event_draft::AwaitTraits<MyOperation> { using type = …; };`
template <class T>
struct AwaitTraits {};

template <class T>
  requires requires(T&& awaitable) { detail::awaiter(std::forward<T>(awaitable)).await_resume(); }
struct AwaitTraits<T> {
  using type = decltype(detail::awaiter(std::declval<T>()).await_resume());
};

/// Something that is awaited and then is a `Value`: an `asio::awaitable<Value>`, or what a host's own loop gives.
template <class T, class Value>
concept AwaitableOf = requires {
  typename AwaitTraits<T>::type;
  requires std::same_as<std::remove_cvref_t<typename AwaitTraits<T>::type>, Value>;
};

/// The coroutine type that has a `Value`, where one is known that has something else: `asio::awaitable<int>` leads to
/// `asio::awaitable<Value>`. The value is the template's first argument, and the others stay.
template <class Coroutine, class Value>
struct RebindCoroutine;

template <template <class, class...> class Coroutine, class Other, class... Rest, class Value>
struct RebindCoroutine<Coroutine<Other, Rest...>, Value> {
  using type = Coroutine<Value, Rest...>;
};

}  // namespace event_draft
