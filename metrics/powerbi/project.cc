// SPDX-License-Identifier: Apache-2.0
#include "metrics/powerbi/project.h"

#include "absl/strings/str_cat.h"
#include "base/json_text.h"

namespace penstock::metrics::powerbi {
namespace {

constexpr char kPage[] = "metrics";

// {"$schema": .., and what follows.
std::string Json(const std::string& schema, const std::string& members) {
  return absl::StrCat("{\n  \"$schema\": \"https://developer.microsoft.com/json-schemas/fabric/", schema,
                      "/schema.json\",\n  ", members, "\n}\n");
}

std::string ReportFolder(const std::string& name) { return absl::StrCat(name, ".Report"); }

}  // namespace

std::string ModelFolder(const std::string& name) { return absl::StrCat(name, ".SemanticModel"); }

Files ModelFiles(const std::string& name, const Source& source, Mode mode) {
  const std::string folder = ModelFolder(name);
  Files files;
  files[absl::StrCat(folder, "/definition.pbism")] =
      Json("item/semanticModel/definitionProperties/1.0.0", "\"version\": \"4.0\",\n  \"settings\": {}");
  for (auto& [path, text] : Tmdl(source, mode)) {
    files[absl::StrCat(folder, "/definition/", path)] = std::move(text);
  }
  return files;
}

Files ReportFiles(const std::string& name) {
  const std::string folder = ReportFolder(name);
  const std::string definition = absl::StrCat(folder, "/definition");
  return {
      {absl::StrCat(name, ".pbip"),
       Json("pbip/pbipProperties/1.0.0",
            absl::StrCat("\"version\": \"1.0\",\n  \"artifacts\": [{\"report\": {\"path\": ",
                         QuoteJson(folder), "}}],\n  \"settings\": {\"enableAutoRecovery\": true}"))},
      {absl::StrCat(folder, "/definition.pbir"),
       Json("item/report/definitionProperties/2.0.0",
            absl::StrCat("\"version\": \"4.0\",\n  \"datasetReference\": {\"byPath\": {\"path\": ",
                         QuoteJson(absl::StrCat("../", ModelFolder(name))), "}}"))},
      {absl::StrCat(definition, "/version.json"),
       Json("item/report/definition/versionMetadata/1.0.0", "\"version\": \"2.0.0\"")},
      {absl::StrCat(definition, "/report.json"),
       Json("item/report/definition/report/3.0.0", "\"themeCollection\": {}")},
      {absl::StrCat(definition, "/pages/pages.json"),
       Json("item/report/definition/pagesMetadata/1.0.0",
            absl::StrCat("\"pageOrder\": [", QuoteJson(kPage),
                         "],\n  \"activePageName\": ", QuoteJson(kPage)))},
      {absl::StrCat(definition, "/pages/", kPage, "/page.json"),
       Json(
           "item/report/definition/page/2.0.0",
           absl::StrCat(
               "\"name\": ", QuoteJson(kPage),
               ",\n  \"displayName\": \"Metrics\",\n  \"displayOption\": \"FitToPage\",\n  \"height\": 720,\n"
               "  \"width\": 1280"))},
  };
}

}  // namespace penstock::metrics::powerbi
