#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/throw_bad_result_access.hpp>
#include <boost/outcome/try.hpp>
#include <type_traits>

#include <event_draft/error.hpp>

namespace event_draft {

/// A value or an `Error`. `value()` on a failure throws `bad_result_access_with<Error>`; look before you take it.
template <class T>
using Result =
    boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::throw_bad_result_access<Error, void>>;

/// The successful result of an operation that has no value.
[[nodiscard]] constexpr auto success() noexcept { return boost::outcome_v2::success(); }

static_assert(std::is_trivially_copyable_v<Error> && sizeof(Error) <= 4);
static_assert(std::is_trivially_copyable_v<Result<void>>);

}  // namespace event_draft
