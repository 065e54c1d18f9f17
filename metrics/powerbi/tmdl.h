// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "metrics/powerbi/source.h"

namespace penstock::metrics::powerbi {

// Paths, below the folder that holds them, and what stands in them.
using Files = std::map<std::string, std::string>;

// The semantic model (tables.h) in the Tabular Model Definition Language: the folder `definition` of a project.
// https://learn.microsoft.com/analysis-services/tmdl/tmdl-overview
//
// Import: facts are copied, and after the first time only the rows of the last 32 days again; link_days of up to 30
// make older ones final. DirectQuery: facts are asked for each time, what is looked up is kept beside it as well.
Files Tmdl(const Source& source, Mode mode);

}  // namespace penstock::metrics::powerbi
