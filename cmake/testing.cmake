# How tests are registered. Every function but the last takes LABELS <label>... and TIMEOUT <seconds>.
#
#   event_draft_add_test(NAME <name> [PROGRAM <name>] SOURCES <file>... [LIBRARIES <target>...] [ENVIRONMENT <k=v>...]
#                        [PROPERTIES <k> <v>...])
#   event_draft_add_server_test(NAME <name> [PROGRAM <name>] SERVERS <server>... SOURCES <file>... [LIBRARIES <target>...])
#   event_draft_add_compile_fail_test(NAME <name> SOURCE <file> [EXPECT <regex>...] [LIBRARIES <target>...])
#   event_draft_add_python_test(NAME <name> SCRIPT <file> [SERVERS <server>...] [ARGS <arg>...] [ENVIRONMENT <k=v>...]
#                               [PROPERTIES <k> <v>...])
#   event_draft_add_skipped_test(<name> <label> <reason>)
#
# The tests of one PROGRAM share an executable, build/<preset>/tests/<program>_test, of whose cases each runs those of its own
# sources: what they instantiate alike is compiled once, which halves the time. Properties of a source that another folder's
# program compiles need set_source_files_properties(... TARGET_DIRECTORY <program>_test). Without PROGRAM it is <name>_test alone.

set(EVENT_DRAFT_TEST_TIMEOUT 120 CACHE STRING "Seconds a test may take")

# The system's Python first: it is the one that sees the packaged modules.
find_program(Python3_EXECUTABLE python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(event_draft_tool_dir "${CMAKE_CURRENT_LIST_DIR}")

# What a test that can't run prints; its line is shown as the reason.
set(event_draft_skip_regex "(^|\n)SKIPPED: ")

# doctest succeeds when a filter matches nothing; a test that ran no case must not pass.
set(event_draft_nothing_ran_regex "test cases: +0 \\|")

# event_draft_add_test_executable(<target> SOURCES <file>... [LIBRARIES <target>...])
function(event_draft_add_test_executable target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(${target} ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 20)  # tests instantiate much alike
  target_link_libraries(
    ${target}
    PRIVATE event_draft_test_main event_draft::event_draft event_draft::testing event_draft_warnings ${arg_LIBRARIES}
  )
  target_precompile_headers(${target} REUSE_FROM event_draft_precompiled_tests)
endfunction()

# event_draft_add_test_program(<name> <program or nothing> SOURCES <file>... [LIBRARIES <target>...])
# Sets `target`, and in `filter` the flag that chooses the cases of these sources.
function(event_draft_add_test_program name program)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "SOURCES;LIBRARIES")
  if(NOT program)
    event_draft_add_test_executable(${name}_test SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES})
    set(target ${name}_test PARENT_SCOPE)
    set(filter "" PARENT_SCOPE)
    return()
  endif()
  set(files "")
  set(patterns "")
  foreach(file IN LISTS arg_SOURCES)
    cmake_path(ABSOLUTE_PATH file)
    list(APPEND files "${file}")
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}")
    list(APPEND patterns "*/${file}")
  endforeach()
  if(TARGET ${program}_test)
    target_sources(${program}_test PRIVATE ${files})
    target_link_libraries(${program}_test PRIVATE ${arg_LIBRARIES})
  else()
    event_draft_add_test_executable(${program}_test SOURCES ${files} LIBRARIES ${arg_LIBRARIES})
    set_target_properties(${program}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  endif()
  list(JOIN patterns "," patterns)
  set(target ${program}_test PARENT_SCOPE)
  set(filter "--source-file=${patterns}" PARENT_SCOPE)
endfunction()

# doctest cases, which are listed when ctest runs, one ctest test a case, named "<name>: <case>".
function(event_draft_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;PROGRAM;TIMEOUT" "SOURCES;LIBRARIES;LABELS;ENVIRONMENT;PROPERTIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${EVENT_DRAFT_TEST_TIMEOUT})
  endif()
  event_draft_add_test_program(${arg_NAME} "${arg_PROGRAM}" SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES})

  set(case_file "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}_test.cases.cmake")
  set(include_file "${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME}_test.ctest.cmake")
  file(
    GENERATE
    OUTPUT "${include_file}"
    CONTENT
      "set(name [==[${arg_NAME}]==])
set(executable [==[$<TARGET_FILE:${target}>]==])
set(filter [==[${filter}]==])
set(case_file [==[${case_file}]==])
set(registered [==[${include_file}]==])
set(lister [==[${Python3_EXECUTABLE}]==] [==[${event_draft_tool_dir}/list_test_cases.py]==])
set(labels [==[${arg_LABELS}]==])
set(environment [==[${arg_ENVIRONMENT}]==])
set(properties TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77 SKIP_REGULAR_EXPRESSION [==[${event_draft_skip_regex}]==]
               FAIL_REGULAR_EXPRESSION [==[${event_draft_nothing_ran_regex}]==])
list(APPEND properties ${arg_PROPERTIES})
include([==[${event_draft_tool_dir}/discover_tests.cmake]==])
"
  )
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")
endfunction()

# doctest cases that need real servers (redis, postgres, kafka), which are started for it and stopped again.
# One ctest test for all of its cases: starting the servers takes longer than most of them.
function(event_draft_add_server_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;PROGRAM;TIMEOUT" "SERVERS;SOURCES;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)  # for many cases and their servers' start
  endif()
  event_draft_add_test_program(${arg_NAME} "${arg_PROGRAM}" SOURCES ${arg_SOURCES} LIBRARIES ${arg_LIBRARIES})
  list(TRANSFORM arg_SERVERS PREPEND "--")
  add_test(
    NAME ${arg_NAME}
    COMMAND ${Python3_EXECUTABLE} "${PROJECT_SOURCE_DIR}/examples/servers/run" ${arg_SERVERS} -- $<TARGET_FILE:${target}>
            ${filter}
  )
  set_tests_properties(
    ${arg_NAME}
    PROPERTIES TIMEOUT ${arg_TIMEOUT}
               ENVIRONMENT PYTHONDONTWRITEBYTECODE=1
               LABELS "servers;${arg_LABELS}"
               FAIL_REGULAR_EXPRESSION "${event_draft_nothing_ran_regex}"
               SKIP_RETURN_CODE 77  # alone: a line of one case must not hide the failures of the others
  )
endfunction()

# A source that must not compile, with every EXPECT (and every "// expect: <regex>" line of the source) in what the compiler
# says, and that must compile with EVENT_DRAFT_FIXED defined: so it can't pass for another reason.
function(event_draft_add_compile_fail_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;SOURCE;TIMEOUT" "EXPECT;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${EVENT_DRAFT_TEST_TIMEOUT})
  endif()
  cmake_path(ABSOLUTE_PATH arg_SOURCE)

  list(TRANSFORM arg_EXPECT PREPEND "--expect=")

  # Never built: it only collects the flags of the targets that it links.
  set(probe "${arg_NAME}_flags")
  add_library(${probe} OBJECT EXCLUDE_FROM_ALL "${arg_SOURCE}")
  set_target_properties(${probe} PROPERTIES EXPORT_COMPILE_COMMANDS OFF)
  target_link_libraries(${probe} PRIVATE event_draft::event_draft event_draft::testing ${arg_LIBRARIES})
  set(include_dirs "$<FILTER:$<TARGET_PROPERTY:${probe},INCLUDE_DIRECTORIES>,EXCLUDE,^/usr/include$>")
  set(definitions "$<TARGET_PROPERTY:${probe},COMPILE_DEFINITIONS>")

  add_test(
    NAME ${arg_NAME}
    COMMAND
      ${Python3_EXECUTABLE} "${event_draft_tool_dir}/compile_fail.py" "${arg_SOURCE}" ${arg_EXPECT}
      -- "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only "$<$<BOOL:${include_dirs}>:-I$<JOIN:${include_dirs},;-I>>"
      "$<$<BOOL:${definitions}>:-D$<JOIN:${definitions},;-D>>"
    COMMAND_EXPAND_LISTS
  )
  set_tests_properties(${arg_NAME} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "compile_fail;${arg_LABELS}")
endfunction()

# A Python script; the example server's path is in EVENT_DRAFT_SERVER when the examples are built. SERVERS are started for it.
function(event_draft_add_python_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;SCRIPT;TIMEOUT" "SERVERS;ARGS;ENVIRONMENT;LABELS;PROPERTIES")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${EVENT_DRAFT_TEST_TIMEOUT})
  endif()
  cmake_path(ABSOLUTE_PATH arg_SCRIPT)
  list(APPEND arg_ENVIRONMENT PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1)
  if(TARGET event_draft_server)
    list(APPEND arg_ENVIRONMENT "EVENT_DRAFT_SERVER=$<TARGET_FILE:event_draft_server>")
  endif()

  set(launcher "")
  if(arg_SERVERS)
    list(TRANSFORM arg_SERVERS PREPEND "--")
    set(launcher "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/examples/servers/run" ${arg_SERVERS} --)
    list(APPEND arg_LABELS servers)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${launcher} ${Python3_EXECUTABLE} "${arg_SCRIPT}" ${arg_ARGS})
  set_tests_properties(
    ${arg_NAME}
    PROPERTIES TIMEOUT ${arg_TIMEOUT}
               ENVIRONMENT "${arg_ENVIRONMENT}"
               LABELS "${arg_LABELS}"
               SKIP_RETURN_CODE 77
               SKIP_REGULAR_EXPRESSION "${event_draft_skip_regex}"
               ${arg_PROPERTIES}
  )
endfunction()

# What is not run here, so that the reason is printed.
function(event_draft_add_skipped_test name label reason)
  add_test(NAME ${name} COMMAND "${CMAKE_COMMAND}" -E echo "SKIPPED: ${reason}")
  set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION "${event_draft_skip_regex}" LABELS ${label})
endfunction()
