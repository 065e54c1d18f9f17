// SPDX-License-Identifier: Apache-2.0
#include "destinations/destination.h"

#include "absl/strings/str_cat.h"

namespace penstock::destinations {

absl::StatusOr<std::vector<Standing>> Destination::Compare(const std::vector<TypedRow>&) {
  return absl::FailedPreconditionError(absl::StrCat(
      Describe(), ": rows cannot be compared there; load everything again: destinations resync"));
}

absl::StatusOr<uint64_t> Destination::CountRows(Endpoint) {
  return absl::FailedPreconditionError(absl::StrCat(Describe(), ": rows cannot be counted there"));
}

absl::StatusOr<std::vector<FoundTable>> Destination::Adopt(const AdoptOptions&) {
  return absl::FailedPreconditionError(
      absl::StrCat(Describe(), ": existing tables are not looked at there; loads take them as they are"));
}

absl::Status Destination::Query(const ReadQuery&, const RowSink&) {
  return absl::UnimplementedError(
      absl::StrCat(Describe(), ": metrics are not written for this system yet; ask another destination"));
}

absl::Status Destination::CreateViews(const std::vector<std::string>&) {
  return absl::UnimplementedError(
      absl::StrCat(Describe(), ": metrics are not written for this system yet; ask another destination"));
}

absl::Status Destination::KeepFacts(const ReadQuery&) {
  return absl::UnimplementedError(absl::StrCat(
      Describe(),
      ": facts are kept in sqlite and postgres only; metrics are computed from its tables as they are"));
}

absl::Status Destination::PutCoverage(const std::vector<CoverageDay>&, const LoadCursor&) {
  return absl::UnimplementedError(absl::StrCat(Describe(), ": keeps no coverage"));
}

}  // namespace penstock::destinations
