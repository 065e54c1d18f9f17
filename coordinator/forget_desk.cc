// SPDX-License-Identifier: Apache-2.0
// What people may ask about who is to be forgotten: AdminDesk's calls.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "coordinator/admin_desk.h"
#include "coordinator/erase_sweep.h"
#include "coordinator/forgotten.h"
#include "coordinator/limits.h"
#include "coordinator/person_fields.h"
#include "proto/convert.h"

namespace penstock::coordinator {
namespace {

using storage::ErasureRecord;

v1::Erasure ErasureView(Core& core, const ErasureRecord& erasure) {
  v1::Erasure view;
  view.set_number(erasure.number());
  view.set_source(core.state().sources().at(erasure.source()).name());
  *view.mutable_requested() = erasure.requested();
  view.set_requested_by(erasure.requested_by());
  for (Endpoint endpoint : kAllEndpoints) {
    const auto rows = erasure.rows().find(static_cast<int32_t>(endpoint));
    if (rows == erasure.rows().end()) continue;
    view.add_rows()->set_endpoint(ToProto(endpoint));
    view.mutable_rows()->rbegin()->set_rows(rows->second);
  }
  view.set_quarantined(erasure.quarantined());
  const absl::Time erased =
      erasure.has_erased_here() ? FromProto(erasure.erased_here()) : absl::InfiniteFuture();
  const BackupsLeft left = BackupsHolding(core.options().backup, core.backups(), erased);
  view.set_backups(left.backups);
  if (left.gone != absl::InfiniteFuture()) *view.mutable_backups_gone() = ToProto(left.gone);
  if (erasure.has_erased_here()) *view.mutable_erased_here() = erasure.erased_here();
  if (erasure.has_finished()) {
    *view.mutable_finished() = erasure.finished();
    return view;
  }
  for (v1::ErasureWait& wait : WaitsOf(core, erasure)) *view.add_destinations() = std::move(wait);
  view.set_trouble(core.options().read_only ? "no coordinator runs now"
                                            : core.erasure_trouble(erasure.source()));
  return view;
}

// Which erasure is to sweep for a hash: one that asked for it before and has not swept yet goes first.
uint64_t SweptBy(const State& state, const ErasureRecord& erasure, const std::string& hash) {
  const Suppressed& suppressed = state.SuppressedIn(erasure.source());
  const auto known = suppressed.find(hash);
  if (known == suppressed.end()) return erasure.number();
  const auto earlier = state.erasures().find({erasure.source(), known->second});
  CHECK(earlier != state.erasures().end());
  return earlier->second.has_erased_here() ? erasure.number() : known->second;
}

absl::Status CheckLength(absl::string_view what, absl::string_view text) {
  if (!text.empty() && text.size() <= kForgottenBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " has ", text.size(), " bytes; 1 to ", kForgottenBytesMax, " are allowed"));
}

absl::Status Check(const v1::ForgetRequest& request) {
  if (request.users().empty()) return absl::InvalidArgumentError("no user id is named");
  if (request.users_size() > kPersonIdsMax || request.addresses_size() > kPersonIdsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", kPersonIdsMax, " ids or addresses of one person; forget them one by one"));
  }
  if (request.requested_by().size() > kPauseBytesMax)
    return absl::InvalidArgumentError("the name of who asks is too long");
  for (const std::string& id : request.users()) RETURN_IF_ERROR(CheckLength("a user id", id));
  for (const std::string& address : request.addresses()) RETURN_IF_ERROR(CheckLength("an address", address));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Person> AdminDesk::FindPerson(const v1::FindPersonRequest& request) {
  uint32_t source = 0;
  {
    const Core::Turn turn = core_.Enter();
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  if (request.user().empty() == request.address().empty())
    return absl::InvalidArgumentError("name a user id or an address, one of the two");
  v1::Person person;
  if (!request.user().empty()) {
    RETURN_IF_ERROR(CheckLength("the user id", request.user()));
    person.add_users(request.user());
    const absl::StatusOr<storage::RowRecord> row =
        core_.store().GetRow(source, Endpoint::kUsers, request.user());
    if (absl::IsNotFound(row.status())) return person;
    RETURN_IF_ERROR(row.status());
    person.set_stored(1);
    const std::string address = ReadPersonFields(row->raw()).address;
    if (!address.empty()) person.add_addresses(address);
    return person;
  }
  RETURN_IF_ERROR(CheckLength("the address", request.address()));
  std::set<std::string> addresses;
  RETURN_IF_ERROR(core_.store().ScanRows(source, Endpoint::kUsers, [&](const v1::Row& row) {
    const std::string address = ReadPersonFields(row.raw()).address;
    if (!absl::EqualsIgnoreCase(address, request.address())) return true;
    person.add_users(row.id());
    if (addresses.insert(absl::AsciiStrToLower(address)).second) person.add_addresses(address);
    return person.users_size() <= kPersonIdsMax;
  }));
  person.set_stored(static_cast<uint32_t>(person.users_size()));
  if (person.users_size() > kPersonIdsMax) {
    return absl::FailedPreconditionError(
        absl::StrCat("more than ", kPersonIdsMax,
                     " users have this address: it is nobody's; name one of them: --user ID"));
  }
  if (person.users().empty()) {
    return absl::NotFoundError(
        "no stored user has this address; name the person by the id that the API gives them: --user ID");
  }
  return person;
}

absl::StatusOr<v1::Erasure> AdminDesk::Forget(const v1::ForgetRequest& request) {
  const Core::Turn turn = core_.Enter();
  if (core_.options().read_only)
    return absl::FailedPreconditionError("no coordinator runs: the store is open for reading only");
  const std::string& key = core_.options().forget_key;
  if (key.empty()) return absl::FailedPreconditionError("this coordinator has no key to forget by");
  ASSIGN_OR_RETURN(const uint32_t source, core_.SourceId(request.source()));
  RETURN_IF_ERROR(Check(request));

  ErasureRecord erasure;
  erasure.set_source(source);
  erasure.set_number(core_.state().NextErasureNumber(source));
  *erasure.mutable_requested() = ToProto(turn.now.wall);
  erasure.set_requested_by(request.requested_by());
  erasure.set_first_change(core_.state().sources().at(source).last_change() + 1);
  store::Batch batch;
  batch.erasure.emplace();
  batch.erasure->source = source;
  // At once and by name, whether they are stored or not: a destination may hold them from before.
  const std::set<std::string> users(request.users().begin(), request.users().end());
  const auto suppress = [&](const std::string& hash) {
    batch.records.push_back(Suppression(key, source, hash, SweptBy(core_.state(), erasure, hash)));
  };
  for (const std::string& id : users) {
    suppress(UserHash(key, id));
    batch.erasure->rows.push_back({Endpoint::kUsers, id, StandInId(key, Endpoint::kUsers, id)});
    const absl::Status stored = core_.store().GetRow(source, Endpoint::kUsers, id).status();
    if (absl::IsNotFound(stored)) continue;
    RETURN_IF_ERROR(stored);
    ++(*erasure.mutable_rows())[static_cast<int32_t>(Endpoint::kUsers)];
  }
  for (const std::string& address : request.addresses()) suppress(AddressHash(key, address));
  batch.records.push_back(erasure);
  RETURN_IF_ERROR(core_.Commit(turn, std::move(batch)).status());
  DropVerifications(core_, source);
  Log(LogLevel::kInfo, "a person is to be forgotten",
      {{"source", core_.state().sources().at(source).name()},
       {"erasure", absl::StrCat(erasure.number())},
       {"by", request.requested_by()}});
  return ErasureView(core_, erasure);
}

absl::StatusOr<v1::Erasure> AdminDesk::GetErasure(const v1::GetErasureRequest& request) {
  const Core::Turn turn = core_.Enter();
  ASSIGN_OR_RETURN(const uint32_t source, core_.SourceId(request.source()));
  const auto found = core_.state().erasures().find({source, request.number()});
  if (found != core_.state().erasures().end()) return ErasureView(core_, found->second);
  return absl::NotFoundError(
      absl::StrCat("there is no erasure ", request.number(), "; penstock forget --list shows them"));
}

absl::StatusOr<v1::ListErasuresResponse> AdminDesk::ListErasures(const v1::ListErasuresRequest& request) {
  const Core::Turn turn = core_.Enter();
  uint32_t source = 0;
  if (!request.source().empty()) {
    ASSIGN_OR_RETURN(source, core_.SourceId(request.source()));
  }
  v1::ListErasuresResponse response;
  for (const auto& [key, erasure] : core_.state().erasures()) {
    if (source == 0 || key.first == source) *response.add_erasures() = ErasureView(core_, erasure);
  }
  return response;
}

}  // namespace penstock::coordinator
