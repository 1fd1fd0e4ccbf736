#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include "fmt_once.hpp"

#if FMT_VERSION < 100000
template void fmt::detail::vformat_to<char>(buffer<char>&, fmt::string_view,
                                            fmt::basic_format_args<fmt::buffer_context<char>>, locale_ref);
#endif
