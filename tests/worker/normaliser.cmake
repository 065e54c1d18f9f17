# SPDX-License-Identifier: Apache-2.0
penstock_test(normaliser_test
  SOURCES normaliser_test.cc normaliser_samples_test.cc json_value_test.cc
  LINKS penstock_normaliser simdjson::simdjson)
