// SPDX-License-Identifier: Apache-2.0
#include "sandbox/page_writer.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace penstock::sandbox {
namespace {

// The size of what is inside, and its first bytes.
std::pair<size_t, std::string> Gunzip(const std::string& packed) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = packed.size();
  std::string head;
  std::string buffer(1 << 20, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    result = inflate(&stream, Z_NO_FLUSH);
    if (head.size() < 1024) head.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END);
  const size_t size = stream.total_out;
  inflateEnd(&stream);
  return {size, head};
}

TEST(PageWriter, TheEnvelopeIsThatOfTheApi) {
  Envelope envelope;
  envelope.context = "http://h/$metadata#users";
  envelope.count = "2";
  envelope.records = R"({"id":"a"},{"id":"b"})";
  envelope.links = {{"@odata.nextLink", "\"http://h/users?$skiptoken=x\""}};
  EXPECT_EQ(
      WriteEnvelope(envelope),
      R"({"@odata.context":"http://h/$metadata#users","@odata.count":2,"value":[{"id":"a"},{"id":"b"}],)"
      R"("@odata.nextLink":"http://h/users?$skiptoken=x"})");
  envelope.links_first = true;
  envelope.count.clear();
  envelope.context.clear();
  EXPECT_EQ(WriteEnvelope(envelope), R"({"@odata.nextLink":"http://h/users?$skiptoken=x",)"
                                     R"("value":[{"id":"a"},{"id":"b"}]})");
  EXPECT_EQ(WriteEnvelope({}), R"({"value":[]})");
}

TEST(PageWriter, SelectingLeavesTheOtherTokensUntouched) {
  const std::string record = R"( { "a" : 1.50 , "b":{ "x":[1, 2] }, "c":"é\n\"q\"", "d":[ ], "e" : null } )";
  EXPECT_EQ(KeepProperties(record, {"c", "a", "missing"}), R"({"a":1.50,"c":"é\n\"q\""})");
  EXPECT_EQ(KeepProperties(record, {"b", "d", "e"}), R"({"b":{ "x":[1, 2] },"d":[ ],"e":null})");
  EXPECT_EQ(DropProperties(record, {"b", "c", "d", "e"}), R"({"a":1.50})");
  EXPECT_EQ(KeepProperties(record, {}), "{}");
}

TEST(PageWriter, AddsAPropertyInFront) {
  EXPECT_EQ(AddProperty(R"({ "id":"a"})", R"("x":1)"), R"({"x":1,"id":"a"})");
  EXPECT_EQ(AddProperty("{}", R"("x":1)"), R"({"x":1})");
}

TEST(PageWriter, GzipIsUndoneByGunzip) {
  const std::string text = R"({"value":[]})";
  EXPECT_EQ(Gunzip(Gzip(text)), std::make_pair(text.size(), text));
}

TEST(PageWriter, TheBombIsSmallOutsideAndLargeInside) {
  EXPECT_LT(GzipBomb().size(), 2u << 20);
  const auto [size, head] = Gunzip(GzipBomb());
  EXPECT_GT(size, size_t{256} << 20);
  EXPECT_EQ(head.substr(0, 2), "{\"");
}

}  // namespace
}  // namespace penstock::sandbox
