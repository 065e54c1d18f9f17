// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace penstock::metrics::powerbi {

// An object of a TMDL file: "measure 'Active users' = COUNTROWS('Message')".
struct TmdlObject {
  std::string type;
  std::string name;                               // without its quotes
  std::string expression;                         // behind =
  std::map<std::string, std::string> properties;  // of flags: "true"; of expressions: their lines
  std::vector<TmdlObject> children;

  std::vector<const TmdlObject*> All(const std::string& wanted) const;
};

// The objects of a file. Strict: tabs only, one deeper than what it belongs to, no type and no property that is not
// known where it stands, none twice. Whatever else it is fails the test.
std::vector<TmdlObject> ReadTmdl(const std::string& text);

}  // namespace penstock::metrics::powerbi
