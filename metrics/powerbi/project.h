// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "metrics/powerbi/source.h"
#include "metrics/powerbi/tmdl.h"

namespace penstock::metrics::powerbi {

// A project of Power BI Desktop: NAME.pbip, NAME.SemanticModel/ and NAME.Report/, an empty page that is bound to it.
// https://learn.microsoft.com/power-bi/developer/projects/projects-overview
// The paths of the model and of the report, apart: people change the report.
Files ModelFiles(const std::string& name, const Source& source, Mode mode);
Files ReportFiles(const std::string& name);
std::string ModelFolder(const std::string& name);

}  // namespace penstock::metrics::powerbi
