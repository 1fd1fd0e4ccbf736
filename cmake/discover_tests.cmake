# Read by ctest, not by cmake: lists an executable's cases when it was built anew, and registers them.
if(NOT EXISTS "${executable}")
  add_test("${name}: not built" "${executable}")
  return()
endif()

# True as well when there is no list yet, and when both are of the same moment. What is registered has the filter.
if("${executable}" IS_NEWER_THAN "${case_file}" OR "${registered}" IS_NEWER_THAN "${case_file}")
  execute_process(
    COMMAND ${lister} "${name}" "${executable}" "${case_file}" ${filter}
    RESULT_VARIABLE result
    ERROR_VARIABLE error
  )
  if(NOT result EQUAL 0)
    file(REMOVE "${case_file}")
    message("${name}: its test cases can't be listed\n${error}")
    add_test("${name}: can't list its cases" ${lister} "${name}" "${executable}" "${case_file}" ${filter})
    return()
  endif()
endif()
include("${case_file}")
