// SPDX-License-Identifier: Apache-2.0
#include "base/config_tls.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace penstock {
namespace {

// "spiffe://corp.example/penstock/admin", "worker.penstock.svc".
bool IsCertificateName(absl::string_view name) {
  if (name.empty() || name.size() > 2048) return false;
  const bool uri = absl::StrContains(name, "://");
  for (char c : name) {
    if (!absl::ascii_isgraph(c)) return false;
    if (!uri && !absl::ascii_isalnum(c) && c != '-' && c != '.') return false;
  }
  return true;
}

absl::StatusOr<AccessConfig> ReadEntry(const std::string& name, const YAML::Node& node,
                                       const std::string& file, const Config& config) {
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, name, {"role", "sources"}));
  AccessConfig access;
  size_t role = 0;
  RETURN_IF_ERROR(reader.Require("role"));
  RETURN_IF_ERROR(reader.Choice("role", {"worker", "viewer", "admin"}, &role));
  access.role = static_cast<AccessRole>(role);
  if (access.role != AccessRole::kWorker) {
    if (reader.Has("sources")) return reader.Error("sources", "is for the role worker; leave it out");
    return access;
  }
  RETURN_IF_ERROR(reader.Require("sources"));
  std::vector<std::string> sources;
  RETURN_IF_ERROR(reader.Words("sources", &sources));
  for (const std::string& source : sources) {
    if (!config.sources.contains(source)) {
      return reader.Error("sources",
                          absl::StrCat("names ", source, ", which 'sources' of the file does not"));
    }
    access.sources.insert(source);
  }
  if (access.sources.empty()) return reader.Error("sources", "names no source");
  return access;
}

}  // namespace

absl::StatusOr<TlsConfig> ReadTls(const YAML::Node& node, const std::string& file) {
  const std::vector<std::string> keys = {"cert_file", "key_file", "ca_file"};
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "tls", keys));
  for (const std::string& key : keys) RETURN_IF_ERROR(reader.Require(key));
  TlsConfig tls;
  RETURN_IF_ERROR(reader.Text("cert_file", &tls.cert_file));
  RETURN_IF_ERROR(reader.Text("key_file", &tls.key_file));
  RETURN_IF_ERROR(reader.Text("ca_file", &tls.ca_file));
  return tls;
}

absl::StatusOr<std::map<std::string, AccessConfig>> ReadAccess(const YAML::Node& node,
                                                               const std::string& file,
                                                               const Config& config) {
  ASSIGN_OR_RETURN(ConfigReader reader, ConfigReader::Of(node, file, "access", {}));
  std::map<std::string, AccessConfig> access;
  for (const std::string& name : reader.keys()) {
    if (!IsCertificateName(name)) {
      return reader.Error(
          name,
          "is not a certificate's name: a URI such as spiffe://corp.example/penstock/admin, or "
          "a DNS name");
    }
    ASSIGN_OR_RETURN(access[name], ReadEntry(name, reader.Child(name), file, config));
  }
  return access;
}

}  // namespace penstock
