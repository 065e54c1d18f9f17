// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/powerbi/table.h"

namespace penstock::metrics::powerbi {

// "SUM('Message outcome'[deflected])": what a measure of the table says in DAX. Nothing is blank, as in DAX, where the
// metric has 0.
std::string Dax(const Measure& measure, const Table& table);

}  // namespace penstock::metrics::powerbi
