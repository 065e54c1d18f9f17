// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "proto/admin_service.pb.h"
#include "proto/convert.h"

namespace penstock::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::array<absl::string_view, 3> kWindowFields = {
    "penstock.v1.Window.number", "penstock.v1.QuarantineEntry.window", "penstock.v1.Worker.windows"};
constexpr std::array<absl::string_view, 3> kJobFields = {"penstock.v1.Job.number", "penstock.v1.Window.job",
                                                         "penstock.v1.EndpointSyncState.job"};

template <typename Fields>
bool Contains(const Fields& fields, absl::string_view name) {
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

std::string Number(const FieldDescriptor* field, uint64_t value) {
  const bool window = Contains(kWindowFields, field->full_name());
  if (!window && !Contains(kJobFields, field->full_name())) return absl::StrCat(value);
  if (value == 0) return "null";
  return QuoteJson(window ? WindowName(value) : JobName(value));
}

std::string EnumWord(const google::protobuf::EnumValueDescriptor* value) {
  if (value->number() == 0) return "null";
  absl::string_view name = value->name();
  for (absl::string_view prefix : {"JOB_", "WINDOW_", "DAY_"}) {
    if (absl::ConsumePrefix(&name, prefix)) break;
  }
  std::string word = absl::AsciiStrToLower(name);
  // Endpoints are called as in the source's URLs.
  if (value->type() == v1::Endpoint_descriptor()) std::replace(word.begin(), word.end(), '_', '-');
  return QuoteJson(word);
}

std::string Double(double value) {
  CHECK(std::isfinite(value));
  std::string text = absl::StrFormat("%.6f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string Json(const Message& message) {
  if (message.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
    return QuoteJson(FormatExactStamp(FromProto(static_cast<const google::protobuf::Timestamp&>(message))));
  }
  if (message.GetDescriptor() == google::protobuf::Duration::descriptor()) {
    return Double(absl::ToDoubleSeconds(FromProto(static_cast<const google::protobuf::Duration&>(message))));
  }
  return ToJson(message);
}

// The value of `field`, or of its element `index` when it is repeated.
std::string Value(const Message& message, const FieldDescriptor* field, int index) {
  const google::protobuf::Reflection* get = message.GetReflection();
  const bool many = field->is_repeated();
  if (!many && field->has_presence() && !get->HasField(message, field)) return "null";
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (many) return Json(get->GetRepeatedMessage(message, field, index));
      return Json(get->GetMessage(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumWord(many ? get->GetRepeatedEnum(message, field, index) : get->GetEnum(message, field));
    case FieldDescriptor::CPPTYPE_STRING:
      return QuoteJson(many ? get->GetRepeatedString(message, field, index) : get->GetString(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Number(field,
                    many ? get->GetRepeatedUInt64(message, field, index) : get->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(many ? get->GetRepeatedUInt32(message, field, index)
                               : get->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(many ? get->GetRepeatedInt32(message, field, index)
                               : get->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? get->GetRepeatedBool(message, field, index) : get->GetBool(message, field)) ? "true"
                                                                                                 : "false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Double(many ? get->GetRepeatedDouble(message, field, index) : get->GetDouble(message, field));
    default:
      break;
  }
  // A field type that the treaty does not use yet: teach it here, with a test.
  CHECK(false);
}

}  // namespace

std::string ToJson(const Message& message) {
  std::string json = "{";
  const google::protobuf::Descriptor* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const bool span = field->message_type() == google::protobuf::Duration::descriptor();
    absl::StrAppend(&json, i > 0 ? "," : "", QuoteJson(absl::StrCat(field->name(), span ? "_seconds" : "")),
                    ":");
    if (!field->is_repeated()) {
      json += Value(message, field, 0);
      continue;
    }
    json += "[";
    for (int k = 0; k < message.GetReflection()->FieldSize(message, field); ++k) {
      absl::StrAppend(&json, k > 0 ? "," : "", Value(message, field, k));
    }
    json += "]";
  }
  return json + "}";
}

std::string CompactJson(absl::string_view json) {
  std::string compact;
  compact.reserve(json.size());
  bool in_string = false;
  bool escaped = false;
  for (char c : json) {
    if (in_string) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      continue;
    }
    compact += c;
  }
  return compact;
}

}  // namespace penstock::cli
