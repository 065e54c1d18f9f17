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

# penstock_reaches(TARGET WANTED OUT PROPERTIES names..): whether following these properties of targets leads from TARGET
# to WANTED.
function(penstock_reaches target wanted out)
  cmake_parse_arguments(ARG "" "" "PROPERTIES" ${ARGN})
  set(${out} FALSE PARENT_SCOPE)
  set(ahead ${target})
  set(seen)
  while(ahead)
    list(POP_FRONT ahead next)
    if(next STREQUAL wanted)
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
    if(NOT TARGET ${next} OR next IN_LIST seen)
      continue()
    endif()
    list(APPEND seen ${next})
    foreach(property ${ARG_PROPERTIES})
      get_target_property(more ${next} ${property})
      if(more)
        list(APPEND ahead ${more})
      endif()
    endforeach()
  endwhile()
endfunction()

# penstock_links(TARGET WANTED OUT): whether WANTED is linked into TARGET, through whatever.
function(penstock_links target wanted out)
  penstock_reaches(${target} ${wanted} linked PROPERTIES LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
  set(${out} ${linked} PARENT_SCOPE)
endfunction()

# penstock_reaches_grpc(TARGET OUT): whether gRPC is linked into TARGET, or into a binary that TARGET runs
# (add_dependencies).
function(penstock_reaches_grpc target out)
  penstock_reaches(${target} gRPC::grpc++ reached
    PROPERTIES LINK_LIBRARIES INTERFACE_LINK_LIBRARIES MANUALLY_ADDED_DEPENDENCIES)
  set(${out} ${reached} PARENT_SCOPE)
endfunction()

# penstock_add_test(NAME TARGET arguments..): a ctest that runs TARGET, whose links are complete by now. It gets the
# label "grpc", or its binary is built by the target tests_without_grpc: what the thread sanitizer can judge.
add_custom_target(tests_without_grpc)
function(penstock_add_test name target)
  add_test(NAME ${name} COMMAND ${target} ${ARGN})
  penstock_reaches_grpc(${target} through_grpc)
  if(through_grpc)
    set_tests_properties(${name} PROPERTIES LABELS grpc)
  else()
    add_dependencies(tests_without_grpc ${target})
  endif()
endfunction()

set(PENSTOCK_SANITIZED FALSE)
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(PENSTOCK_SANITIZED TRUE)
endif()

# Compiling a test takes longer than running it: without optimisation it takes two thirds of the time. What a test
# runs most, simulations and the product itself, are libraries and stay as the preset says.
add_library(penstock_testing INTERFACE)
target_compile_options(penstock_testing INTERFACE $<$<CONFIG:RelWithDebInfo>:-O0>)
target_link_libraries(penstock_testing INTERFACE penstock_flags GTest::gmock)

# penstock_test(NAME SOURCES files.. LINKS targets.. [TIMEOUT seconds]): one GoogleTest binary.
function(penstock_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(PENSTOCK_SANITIZED)
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE penstock_testing ${ARG_LINKS} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  penstock_add_test(${name} ${name})
  # Whatever may take long begins first, so that the others' end does not wait for it.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT})
endfunction()
