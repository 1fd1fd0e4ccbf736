#pragma once

#include <fmt/format.h>

// What every formatter calls. fmt 9 leaves it to each source that formats; here it is compiled once for each program, in
// doctest_main.cpp.
#if FMT_VERSION < 100000
extern template void fmt::detail::vformat_to<char>(buffer<char>&, fmt::string_view,
                                                   fmt::basic_format_args<fmt::buffer_context<char>>, locale_ref);
#endif
