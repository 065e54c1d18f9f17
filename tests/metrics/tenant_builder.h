// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/metrics/plain_records.h"

namespace penstock::metrics {

// An interaction, field by field as the source has it; null where nothing is said.
struct Said {
  std::string id;
  std::string at;  // created_time; empty: null
  std::string type;
  Text conversation = "c1";
  Text user = "u1";
  Text actor = "user";
  Text parent = {};
  Text label = {};
  Text content = {};
  Text entity = {};
  Text detail = {};
  Text resource_id = {};
  Text platform = "slack";
  bool no_detail = false;
};

// A small tenant, written as JSON records. Times are RFC 3339.
class TenantBuilder {
 public:
  void Conversation(const std::string& id, const std::string& at, const Text& user = "u1",
                    const Text& route = "DM", const Text& domain = "IT", const Text& type = {});
  void Survey(const std::string& id, const std::string& at, const Text& user = "u1");
  void Interaction(const Said& said);
  // The usual ones, of user u1 in conversation c1.
  void Question(const std::string& id, const std::string& at);
  void Answer(const std::string& id, const std::string& at, const std::string& parent);
  void Form(const std::string& id, const std::string& at, const Text& parent, const std::string& label,
            const Text& detail);
  void Thumb(const std::string& id, const std::string& at, const Text& parent, const std::string& verdict);
  void Call(const std::string& id, const std::string& at, const Text& interaction, const Text& plugin,
            bool served, bool used);
  void Resource(const std::string& id, const Text& call, const Text& type, const Text& resource);
  void User(const std::string& id, bool access, const Text& first = {}, const Text& latest = {},
            const Text& language = "EN_US");

  const RawRecords& records() const { return records_; }

 private:
  RawRecords records_;
};

}  // namespace penstock::metrics
