# SPDX-License-Identifier: Apache-2.0
penstock_library(penstock_normaliser
  SOURCES normaliser.cc json_value.cc
  LINKS penstock_destinations penstock_proto
  PRIVATE_LINKS simdjson::simdjson)
