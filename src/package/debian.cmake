# Debian packages, by `cpack` in a build folder: the command, what hosts are compiled with, and of a
# shared library what they run with. The preset `deb` configures a build for it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Itinera maintainers <maintainers@itinera.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each has its own
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL development)
set(about "Itinera runs cross-channel customer journeys: who gets which message when,
what happens if they open it, and what if they do not. Events and time go
in, actions come out, and each decision is kept in a journal, with its
reason. It sends nothing itself.

")

# Policy 12.5: each package says under which terms it comes.
function(itinera_debian_package component name section)
  string(TOUPPER ${component} key)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  install(FILES copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
endfunction()

set(runtime libitinera${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
itinera_debian_package(development libitinera-dev libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "customer journeys in C++, to develop with
${about}This package holds the headers and the library.")
if(BUILD_SHARED_LIBS)
  list(APPEND CPACK_COMPONENTS_ALL library)
  itinera_debian_package(library ${runtime} libs)
  set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "customer journeys in C++, to run with
${about}This package holds the shared library.")
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS tzdata)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${runtime} (= ${PROJECT_VERSION}-1)")
else()
  # What a host links beside the static library; pkg-config finds RE2, also for CMake.
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libfmt-dev, libhowardhinnant-date-dev, libre2-dev, \
libsqlite3-dev, libyaml-cpp-dev, pkg-config")
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS tzdata)
endif()

if(TARGET itinera_command)
  list(APPEND CPACK_COMPONENTS_ALL command)
  itinera_debian_package(command itinera utils)
  set(CPACK_DEBIAN_COMMAND_DESCRIPTION "customer journeys on the command line
${about}This package holds the command `itinera`: it checks, tests, draws, simulates
and runs campaigns, which are files of YAML.")
  set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS tzdata)
  set(CPACK_DEBIAN_COMMAND_PACKAGE_SUGGESTS graphviz)
endif()
include(CPack)
