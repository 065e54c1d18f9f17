// SPDX-License-Identifier: Apache-2.0
//
// simdjson's on-demand reader, not its DOM: the DOM refuses numbers like 1e400 or 30 digits, which are JSON,
// and cannot say where a record's bytes lie. What the reader does not look into is checked by record_reader
// and json_token.
#include "worker/page_decoder.h"

#include <simdjson.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/instant.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "proto/convert.h"
#include "worker/json_token.h"
#include "worker/record_reader.h"

namespace penstock::worker {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kMaxIdBytes = 1024;
constexpr size_t kQuotedBytes = 300;

absl::Status NotWhole(absl::string_view what) {
  return absl::UnavailableError(
      absl::StrCat("the answer is not a whole page: ", what, "; asking again may help"));
}

absl::Status Unmendable(absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("the page cannot be used: ", what, "; asking again will not mend it, ask the vendor"));
}

absl::Status NotWhole(simdjson::error_code code) { return NotWhole(simdjson::error_message(code)); }

#define RETURN_IF_NOT_WHOLE(expr)                                        \
  do {                                                                   \
    if (const simdjson::error_code code = (expr)) return NotWhole(code); \
  } while (false)

// The same text, of the same length, with a question mark for each byte that no JSON string may hold: those
// outside UTF-8 and, within strings, control characters. So one record's bad byte does not make the whole
// page unreadable.
std::string Mend(absl::string_view text) {
  std::string mended(text);
  bool in_string = false;
  for (size_t i = 0; i < mended.size();) {
    const auto byte = static_cast<unsigned char>(mended[i]);
    if (byte >= 0x80) {
      const size_t length = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
      const bool whole = i + length <= mended.size() && simdjson::validate_utf8(&mended[i], length);
      if (!whole) mended[i] = '?';
      i += whole ? length : 1;
      continue;
    }
    if (in_string && byte < 0x20) mended[i] = '?';
    if (in_string && byte == '\\') ++i;  // whatever it escapes does not end the string
    if (byte == '"') in_string = !in_string;
    ++i;
  }
  return mended;
}

// What the envelope says beside its records.
struct Envelope {
  bool has_context = false;
  bool has_next = false;
  bool has_error = false;
  std::string error_text;
  std::string code_text;  // {"code","message"}: the vendor's flat error
  std::string message_text;
};

class PageReader {
 public:
  // `original` and `parsed` have the same length and differ only where Mend had to.
  PageReader(absl::string_view original, absl::string_view parsed)
      : original_(original), parsed_(parsed), mended_(MendedBytes(parsed)) {}

  absl::Status Read(ondemand::document& document);
  DecodedPage& page() { return page_; }

 private:
  absl::Status ReadEnvelopeField(absl::string_view key, ondemand::value value);
  absl::Status ReadRecords(ondemand::value value);
  void AddRecord(RecordText record);
  absl::Status ReadNextLink(absl::string_view token);
  absl::Status ReadError(ondemand::value value);
  absl::Status Verdict() const;

  // The bytes as the server sent them, for a view of the parsed text.
  absl::string_view Original(absl::string_view parsed) const {
    return original_.substr(static_cast<size_t>(parsed.data() - parsed_.data()), parsed.size());
  }

  // How many bytes of a view of the parsed text are not the server's.
  size_t MendedBytes(absl::string_view parsed) const {
    const absl::string_view original = Original(parsed);
    if (original.data() == parsed.data()) return 0;
    size_t bytes = 0;
    for (size_t i = 0; i < parsed.size(); ++i) bytes += original[i] != parsed[i];
    return bytes;
  }

  const absl::string_view original_;
  const absl::string_view parsed_;
  const size_t mended_;
  size_t mended_in_records_ = 0;
  Envelope envelope_;
  FieldCensus census_;
  DecodedPage page_;
};

void ReadCount(absl::string_view token, std::optional<uint64_t>& count) {
  if (token.size() > 2 && token[0] == '"') token = token.substr(1, token.size() - 2);
  uint64_t number = 0;
  if (!token.empty() && absl::ascii_isdigit(token[0]) && absl::SimpleAtoi(token, &number)) count = number;
}

void SetStamp(absl::string_view token, google::protobuf::Timestamp* (v1::Row::*field)(), v1::Row& row) {
  const std::optional<std::string> text = DecodeString(token);
  if (!text) return;
  if (const std::optional<absl::Time> time = ParseStamp(*text)) *(row.*field)() = ToProto(*time);
}

// The id's text, or why it is unusable.
absl::StatusOr<std::string> ReadId(absl::string_view token) {
  const auto unusable = [](absl::string_view why) { return absl::InvalidArgumentError(why); };
  if (token.empty()) return unusable("it has no id");
  if (token == "null") return unusable("its id is null");
  std::string id;
  if (token[0] == '"') {
    std::optional<std::string> text = DecodeString(token);
    if (!text) return unusable("its id holds an escape that names no character");
    id = *std::move(text);
  } else if (token[0] == '-' || absl::ascii_isdigit(token[0])) {
    id = std::string(token);
  } else {
    return unusable("its id is neither a string nor a number");
  }
  if (id.empty()) return unusable("its id is empty");
  if (id.size() > kMaxIdBytes) return unusable("its id is longer than 1024 bytes");
  return id;
}

void PageReader::AddRecord(RecordText record) {
  const absl::string_view raw = Original(record.raw);
  if (const size_t mended = MendedBytes(record.raw); mended > 0) {
    mended_in_records_ += mended;
    record.fault = "it holds bytes that are not UTF-8, or bare control characters";
  }
  const absl::StatusOr<std::string> id =
      record.fault != nullptr ? absl::InvalidArgumentError(record.fault) : ReadId(record.id);
  if (!id.ok()) {
    v1::QuarantinedRecord& quarantined = page_.quarantined.emplace_back();
    quarantined.set_raw(raw.data(), raw.size());
    quarantined.set_reason(std::string(id.status().message()));
    return;
  }
  v1::Row& row = page_.rows.emplace_back();
  row.set_id(*id);
  row.set_raw(raw.data(), raw.size());
  SetStamp(record.created_time, &v1::Row::mutable_created_time, row);
  SetStamp(record.last_updated_time, &v1::Row::mutable_last_updated_time, row);
}

absl::Status PageReader::ReadRecords(ondemand::value value) {
  if (page_.has_value) return Unmendable("it has two keys named 'value'");
  page_.has_value = true;
  ondemand::array array;
  if (value.get_array().get(array)) return NotWhole("'value' is not an array");
  for (auto item : array) {
    ondemand::value element;
    RETURN_IF_NOT_WHOLE(std::move(item).get(element));
    RecordText record;
    RETURN_IF_NOT_WHOLE(ReadRecord(element, record, census_));
    AddRecord(std::move(record));
  }
  return absl::OkStatus();
}

absl::Status PageReader::ReadNextLink(absl::string_view token) {
  envelope_.has_next = true;
  if (token == "null") return absl::OkStatus();
  const std::optional<std::string> link = DecodeString(token);
  if (!link || Original(token) != token) return Unmendable("its next link is not a string of characters");
  if (link->empty() || *link == page_.next_link) return absl::OkStatus();
  if (!page_.next_link.empty()) return Unmendable("it has two different next links");
  page_.next_link = *link;
  return absl::OkStatus();
}

// {"error": "text"} or {"error": {"code": .., "message": ..}}; null is no error.
absl::Status PageReader::ReadError(ondemand::value value) {
  absl::string_view token;
  RETURN_IF_NOT_WHOLE(Token(value, token));
  if (token == "null") return absl::OkStatus();
  envelope_.has_error = true;
  if (!absl::StartsWith(token, "{")) {
    envelope_.error_text = DecodeString(token).value_or("");
    const char* ignored = nullptr;
    RETURN_IF_NOT_WHOLE(WalkPast(value, ignored));
    return absl::OkStatus();
  }
  ondemand::object object;
  RETURN_IF_NOT_WHOLE(value.get_object().get(object));
  for (auto item : object) {
    ondemand::field field;
    RETURN_IF_NOT_WHOLE(std::move(item).get(field));
    const absl::string_view key = RawKey(field.key());
    RETURN_IF_NOT_WHOLE(Token(field.value(), token));
    if (KeyIs(key, "code") || KeyIs(key, "message")) {
      absl::StrAppend(&envelope_.error_text, envelope_.error_text.empty() ? "" : ": ",
                      DecodeString(token).value_or(""));
    }
    const char* ignored = nullptr;
    RETURN_IF_NOT_WHOLE(WalkPast(field.value(), ignored));
  }
  return absl::OkStatus();
}

// Keys are compared without regard to case, in the spellings of OData 4.0, 4.01 and 3 (DATA_API 4).
absl::Status PageReader::ReadEnvelopeField(absl::string_view raw_key, ondemand::value value) {
  const std::string key =
      absl::AsciiStrToLower(DecodeString(absl::StrCat("\"", raw_key, "\"")).value_or(std::string()));
  if (key == "value") return ReadRecords(value);
  if (key == "error") return ReadError(value);
  absl::string_view token;
  RETURN_IF_NOT_WHOLE(Token(value, token));
  if (key == "@odata.nextlink" || key == "odata.nextlink" || key == "@nextlink" || key == "nextlink") {
    RETURN_IF_ERROR(ReadNextLink(token));
  } else if (key == "@odata.context" || key == "odata.context" || key == "@context" ||
             key == "odata.metadata") {
    envelope_.has_context = true;
  } else if (key == "@odata.count" || key == "odata.count" || key == "@count") {
    ReadCount(token, page_.count);
  } else if (key == "code") {
    envelope_.code_text = DecodeString(token).value_or(std::string(token));
  } else if (key == "message") {
    envelope_.message_text = DecodeString(token).value_or("");
  }
  const char* fault = nullptr;
  RETURN_IF_NOT_WHOLE(WalkPast(value, fault));
  if (fault != nullptr) return NotWhole(absl::StrCat("beside its records ", fault));
  return absl::OkStatus();
}

absl::Status PageReader::Verdict() const {
  const auto said = [](const std::string& text) { return QuoteJson(Redact(text).substr(0, kQuotedBytes)); };
  if (envelope_.has_error) return NotWhole(absl::StrCat("the API says ", said(envelope_.error_text)));
  if (page_.has_value || envelope_.has_context || envelope_.has_next) return absl::OkStatus();
  if (!envelope_.code_text.empty() || !envelope_.message_text.empty()) {
    return NotWhole(
        absl::StrCat("the API says ", said(absl::StrCat(envelope_.code_text, ": ", envelope_.message_text))));
  }
  return NotWhole("it is JSON, but neither 'value' nor '@odata.context' is in it");
}

absl::Status PageReader::Read(ondemand::document& document) {
  ondemand::object object;
  if (const simdjson::error_code code = document.get_object().get(object)) {
    return code == simdjson::INCORRECT_TYPE ? NotWhole("it is JSON, but not an object") : NotWhole(code);
  }
  for (auto item : object) {
    ondemand::field field;
    RETURN_IF_NOT_WHOLE(std::move(item).get(field));
    RETURN_IF_ERROR(ReadEnvelopeField(RawKey(field.key()), field.value()));
  }
  // Only at its end has the reader no location any more.
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return NotWhole("something follows its end");
  }
  // A mended key could have been the next link's.
  if (mended_ != mended_in_records_) return NotWhole("beside its records are bytes that no JSON holds");
  page_.fields = census_.Take();
  return Verdict();
}

// Looks like a web page: said in words, since the parser's complaint about its first character helps nobody.
absl::Status CheckBeginning(absl::string_view body) {
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(body);
  if (text.empty()) return NotWhole("it is empty");
  if (text[0] == '<') return NotWhole("it is HTML or XML, not JSON; is a proxy in the way?");
  return absl::OkStatus();
}

absl::StatusOr<DecodedPage> Decode(absl::string_view original, simdjson::padded_string_view json) {
  ondemand::parser parser;
  ondemand::document document;
  const simdjson::error_code code = parser.iterate(json).get(document);
  const absl::string_view parsed(json.data(), json.size());
  if ((code == simdjson::UTF8_ERROR || code == simdjson::UNESCAPED_CHARS) &&
      original.data() == parsed.data()) {
    return Decode(original, simdjson::padded_string(Mend(original)));
  }
  if (code) return NotWhole(code);
  PageReader reader(original, parsed);
  RETURN_IF_ERROR(reader.Read(document));
  return std::move(reader.page());
}

}  // namespace

absl::StatusOr<DecodedPage> DecodePage(const std::string& body) {
  absl::string_view text = body;
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");  // a byte order mark
  RETURN_IF_ERROR(CheckBeginning(text));
  const size_t readable = body.capacity() - (body.size() - text.size());
  if (readable >= text.size() + simdjson::SIMDJSON_PADDING) {
    return Decode(text, simdjson::padded_string_view(text.data(), text.size(), readable));
  }
  const simdjson::padded_string copy(text.data(), text.size());
  return Decode(absl::string_view(copy.data(), copy.size()), copy);
}

}  // namespace penstock::worker
