// SPDX-License-Identifier: Apache-2.0
#include "sandbox/page_writer.h"

#include <simdjson.h>
#include <zlib.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "base/status_macros.h"

namespace penstock::sandbox {
namespace {

void AppendMember(absl::string_view key, absl::string_view json, std::string* out) {
  if (out->size() > 1) out->push_back(',');
  absl::StrAppend(out, "\"", key, "\":", json);
}

absl::string_view Strip(std::string_view text) {
  return absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
}

std::string Filter(absl::string_view record, const std::vector<std::string>& names, bool keep) {
  const simdjson::padded_string padded(record.data(), record.size());
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document = parser.iterate(padded);
  std::string out = "{";
  for (auto field : document.get_object()) {
    const std::string key(std::string_view(field.unescaped_key()));
    simdjson::ondemand::value value = field.value();
    if ((std::find(names.begin(), names.end(), key) != names.end()) != keep) continue;
    std::string_view raw;
    switch (value.type()) {
      case simdjson::ondemand::json_type::object:
        raw = simdjson::ondemand::object(value.get_object()).raw_json();
        break;
      case simdjson::ondemand::json_type::array:
        raw = simdjson::ondemand::array(value.get_array()).raw_json();
        break;
      default:
        raw = value.raw_json_token();
    }
    absl::StrAppend(&out, out.size() > 1 ? "," : "", QuoteJson(key), ":", Strip(raw));
  }
  out.push_back('}');
  return out;
}

// gzip framing (16) around the largest window (15).
class Deflater {
 public:
  explicit Deflater(int level) {
    CHECK(deflateInit2(&stream_, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Deflater() { deflateEnd(&stream_); }

  void Add(absl::string_view text, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = text.size();
    do {
      char buffer[64 * 1024];
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = sizeof(buffer);
      const int result = deflate(&stream_, flush);
      CHECK(result != Z_STREAM_ERROR);
      out_.append(buffer, sizeof(buffer) - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }
  std::string Take() { return std::move(out_); }

 private:
  z_stream stream_ = {};
  std::string out_;
};

}  // namespace

std::string WriteEnvelope(const Envelope& envelope) {
  std::string out;
  out.reserve(envelope.records.size() + 1024);
  out.push_back('{');
  if (!envelope.context.empty()) AppendMember("@odata.context", QuoteJson(envelope.context), &out);
  if (!envelope.count.empty()) AppendMember("@odata.count", envelope.count, &out);
  const auto append_links = [&] {
    for (const auto& [key, json] : envelope.links) AppendMember(key, json, &out);
  };
  if (envelope.links_first) append_links();
  if (envelope.value == Envelope::Value::kArray) {
    AppendMember("value", "[", &out);
    out += envelope.records;
    out.push_back(']');
  } else if (envelope.value == Envelope::Value::kObject) {
    AppendMember("value", "{}", &out);
  }
  if (!envelope.links_first) append_links();
  out.push_back('}');
  return out;
}

std::string KeepProperties(absl::string_view record, const std::vector<std::string>& names) {
  return Filter(record, names, true);
}

std::string DropProperties(absl::string_view record, const std::vector<std::string>& names) {
  return Filter(record, names, false);
}

std::string AddProperty(absl::string_view record, absl::string_view member) {
  const absl::string_view rest = absl::StripLeadingAsciiWhitespace(record.substr(1));
  return absl::StrCat("{", member, rest == "}" ? "" : ",", rest);
}

std::string ErrorBody(absl::string_view code, absl::string_view message) {
  return absl::StrCat("{\"error\":{\"code\":", QuoteJson(code), ",\"message\":", QuoteJson(message), "}}");
}

std::string Gzip(absl::string_view text) {
  Deflater deflater(1);
  deflater.Add(text, Z_FINISH);
  return deflater.Take();
}

const std::string& GzipBomb() {
  static const std::string& bomb = *new std::string([] {
    const std::string blanks(1 << 20, ' ');
    Deflater deflater(1);
    deflater.Add("{\"@odata.context\":\"bomb\",\"value\":[", Z_NO_FLUSH);
    for (int i = 0; i < 256; ++i) deflater.Add(blanks, Z_NO_FLUSH);
    deflater.Add("]}", Z_FINISH);
    return deflater.Take();
  }());
  return bomb;
}

}  // namespace penstock::sandbox
