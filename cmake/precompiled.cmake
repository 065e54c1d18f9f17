# SPDX-License-Identifier: Apache-2.0
# Four fifths of compiling a file here is reading gRPC's, Protocol Buffers', Abseil's and GoogleTest's headers. Each
# target gets them ready-made: the largest of these sets whose libraries it links anyway. A file still includes what it
# uses: the release and fuzz presets build without (CMAKE_DISABLE_PRECOMPILE_HEADERS).
set(penstock_headers_base <algorithm> <atomic> <chrono> <cstdint> <cstring> <filesystem> <fstream> <functional> <map>
  <memory> <mutex> <optional> <set> <sstream> <string> <thread> <utility> <variant> <vector> <absl/status/statusor.h>
  <absl/strings/ascii.h> <absl/strings/match.h> <absl/strings/str_cat.h> <absl/strings/str_join.h>
  <absl/strings/str_replace.h> <absl/strings/str_split.h> <absl/time/time.h>)
set(penstock_headers_messages <proto/admin_service.pb.h> <proto/storage.pb.h> <proto/worker_service.pb.h>)
set(penstock_headers_services <proto/admin_service.grpc.pb.h> <proto/worker_service.grpc.pb.h>)
set(penstock_headers_tests <gmock/gmock.h> <gtest/gtest.h>)

# The target that owns the set of headers for what `target` links; made when it is first asked for.
function(penstock_headers_of target out)
  set(name penstock_headers)
  set(headers ${penstock_headers_base})
  set(links penstock_base)
  foreach(set_and_library messages:penstock_proto services:penstock_services tests:penstock_testing)
    string(REGEX MATCH "^([a-z]+):(.*)$" _ ${set_and_library})
    set(set ${CMAKE_MATCH_1})
    set(library ${CMAKE_MATCH_2})
    penstock_links(${target} ${library} linked)
    if(linked)
      string(APPEND name _${set})
      list(APPEND headers ${penstock_headers_${set}})
      list(APPEND links ${library})
    endif()
  endforeach()
  set(${out} ${name} PARENT_SCOPE)
  if(NOT TARGET ${name})
    set(source ${PROJECT_BINARY_DIR}/precompiled/${name}.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(${name} OBJECT ${source})
    target_link_libraries(${name} PRIVATE penstock_flags ${links})
    target_precompile_headers(${name} PRIVATE ${headers})
  endif()
endfunction()

# Every target below `folder` that has C++ of ours and may see penstock_base's headers.
function(penstock_precompile folder)
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(below ${folders})
    penstock_precompile(${below})
  endforeach()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(NOT type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$" OR target MATCHES "^penstock_(base|proto|services)$")
      continue()
    endif()
    penstock_links(${target} penstock_base linked)
    if(linked)
      penstock_headers_of(${target} headers)
      target_precompile_headers(${target} REUSE_FROM ${headers})
    endif()
  endforeach()
endfunction()
