# The library is headers only, so everything goes to the architecture-independent folders.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/event_draft")
set(package_build_dir "${CMAKE_CURRENT_BINARY_DIR}/cmake")

# One export set a target: whoever asks for the core alone needs neither Boost.JSON nor the test libraries.
foreach(component IN ITEMS event_draft controller testing)
  if(NOT TARGET event_draft::${component})
    continue()
  endif()
  get_target_property(target event_draft::${component} ALIASED_TARGET)
  install(TARGETS ${target} EXPORT ${component} FILE_SET HEADERS)
  install(
    EXPORT ${component}
    FILE event_draft-${component}-targets.cmake
    NAMESPACE event_draft::
    DESTINATION "${package_dir}"
  )
endforeach()

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/event_draft-config.cmake.in"
  "${package_build_dir}/event_draft-config.cmake"
  INSTALL_DESTINATION "${package_dir}"
  NO_SET_AND_CHECK_MACRO
)
write_basic_package_version_file(
  "${package_build_dir}/event_draft-config-version.cmake"
  COMPATIBILITY SameMinorVersion
  ARCH_INDEPENDENT
)
configure_file(
  "${CMAKE_CURRENT_LIST_DIR}/event_draft.pc.in" "${package_build_dir}/event_draft.pc" @ONLY
)

install(
  FILES "${package_build_dir}/event_draft-config.cmake"
        "${package_build_dir}/event_draft-config-version.cmake"
  DESTINATION "${package_dir}"
)
install(FILES "${package_build_dir}/event_draft.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
