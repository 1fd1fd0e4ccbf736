# What nearly every source includes, parsed once for the examples and once for the tests.
set(event_draft_precompiled_header "${CMAKE_CURRENT_LIST_DIR}/precompiled.hpp")

# CMake would make system headers of all that is in it, and the library's own would warn of nothing.
set(CMAKE_PCH_PROLOGUE "")

# event_draft_add_precompiled(<target> HEADERS <header>... LIBRARIES <target>...): for others to REUSE_FROM. What a header means must
# not depend on the macros of the target that reuses it.
function(event_draft_add_precompiled target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LIBRARIES")
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")  # a target has at least one
  file(CONFIGURE OUTPUT "${source}" CONTENT "")
  add_library(${target} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} event_draft_warnings)
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

# event_draft_precompile(<target>...): examples that include most of it
function(event_draft_precompile)
  foreach(target IN LISTS ARGN)
    target_precompile_headers(${target} REUSE_FROM event_draft_precompiled_examples)
  endforeach()
endfunction()
