# SPDX-License-Identifier: Apache-2.0

# Flags that hold for every file of the project, and for none of its dependencies.
add_library(penstock_flags INTERFACE)
target_compile_options(penstock_flags INTERFACE -Wall -Wextra -Wno-unused-parameter -Werror=return-type
  -fstack-protector-strong)
target_include_directories(penstock_flags INTERFACE ${PROJECT_SOURCE_DIR})

# penstock_library(NAME SOURCES files.. LINKS targets..): a folder of the tree. What it may include is what it links:
# the lint checks the same arrows (tools/lint.py), docs/architecture.md explains them.
function(penstock_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC penstock_flags ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# penstock_test(NAME SOURCES files.. LINKS targets.. [SHARDS n]): one GoogleTest binary.
function(penstock_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE penstock_flags ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
