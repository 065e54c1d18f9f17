// SPDX-License-Identifier: Apache-2.0
#include "sandbox/synthetic_bits.h"

namespace penstock::sandbox {
namespace {

// base64url's characters in the order of their bytes.
constexpr absl::string_view kAlphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

void PutDigits(char* at, uint32_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void AppendHex(uint64_t value, std::string* out) {
  char text[16];
  for (int i = 15; i >= 0; --i) {
    text[i] = "0123456789abcdef"[value & 15];
    value >>= 4;
  }
  out->append(text, sizeof(text));
}

}  // namespace

void AppendShortId(uint64_t id, std::string* out) {
  char text[12];
  for (int i = 0; i < 10; ++i) text[i] = kAlphabet[(id >> (58 - 6 * i)) & 63];
  const uint64_t filler = Mix(id);
  text[10] = kAlphabet[((id & 15) << 2) | (filler & 3)];
  text[11] = kAlphabet[(filler >> 2) & 63];
  out->append(text, sizeof(text));
}

void AppendHexId(uint64_t id, std::string* out) {
  AppendHex(id, out);
  AppendHex(Mix(id ^ 0x5bd1e995), out);
}

void AppendStamp(int64_t unix_ms, std::string* out) {
  // Days to a date: http://howardhinnant.github.io/date_algorithms.html, for days after 1970.
  const uint32_t days = static_cast<uint32_t>(unix_ms / kMillisPerDay);
  const uint32_t ms = static_cast<uint32_t>(unix_ms % kMillisPerDay);
  const uint32_t z = days + 719468;
  const uint32_t era = z / 146097;
  const uint32_t day_of_era = z - era * 146097;
  const uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t mp = (5 * day_of_year + 2) / 153;
  const uint32_t month = mp < 10 ? mp + 3 : mp - 9;
  char text[] = "0000-00-00T00:00:00.000Z";
  PutDigits(text, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
  PutDigits(text + 5, month, 2);
  PutDigits(text + 8, day_of_year - (153 * mp + 2) / 5 + 1, 2);
  PutDigits(text + 11, ms / 3'600'000, 2);
  PutDigits(text + 14, ms / 60'000 % 60, 2);
  PutDigits(text + 17, ms / 1000 % 60, 2);
  PutDigits(text + 20, ms % 1000, 3);
  out->append(text, 24);
}

}  // namespace penstock::sandbox
