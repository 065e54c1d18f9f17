# SPDX-License-Identifier: Apache-2.0
find_package(benchmark REQUIRED)
add_executable(load_bench load_bench.cc)
target_link_libraries(load_bench PRIVATE penstock_flags penstock_normaliser penstock_destinations SQLite::SQLite3
  benchmark::benchmark)
set_target_properties(load_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
