// SPDX-License-Identifier: Apache-2.0
#include "sandbox/vocabulary.h"

#include <algorithm>

#include "sandbox/synthetic_bits.h"

namespace penstock::sandbox {
namespace {

const std::vector<absl::string_view>& Sentences() {
  static const std::vector<absl::string_view> sentences = {
      R"(Open the company portal, choose **Software** and search for the product that you need. )",
      R"(If the page asks for a code, take it from the authenticator on your phone. )",
      R"(Requests above 500 € need the approval of your manager and of the cost centre's owner. )",
      R"(Your balance is updated on the first working day of every month.\n\n)",
      R"(1. Restart the device\n2. Connect the dock again\n3. Wait for two minutes\n)",
      R"(The help desk in Zürich is open from 08:00 to 18:00, the one in São Paulo from 09:00 to 17:00. )",
      R"(Travel must be booked at least 14 days ahead; later bookings need a reason. )",
      R"(A ticket was opened for you and you will hear from us within one business day. )",
      R"(Employees who work abroad for more than 30 days must tell the tax team beforehand. )",
      R"(See \"Remote work\" in the handbook, section 4, for the rules that apply in your country. )",
      R"(- **Battery:** charge it to 100 % once a week\n- **Display:** check the cable first\n)",
      R"(ありがとうございます。担当者が確認して折り返しご連絡いたします。)",
      R"(The VPN client updates itself at night; leave the computer switched on and connected. )",
      R"(Please keep all receipts: a photo is enough for amounts below 75 USD. )",
      R"(Access is granted for 90 days and can be renewed with one click before it ends. )",
      R"(Your new laptop has been ordered and is on its way 🚚. )",
      R"(The payslip for the last month is available in the payroll portal under \"Documents\". )",
      R"(Contractors are not entitled to this benefit, but may ask their own employer. )",
      R"(Meeting rooms can be booked up to eight weeks ahead; no-shows are released after ten minutes. )",
      R"(If nothing of this helps, I can start a chat with a live agent for you.\n)",
      R"(The password must have at least 14 characters and must not have been used before. )",
      R"(La demande a été transmise à l'équipe responsable; vous recevrez une réponse bientôt. )",
      R"(Printers on the third floor use the queue named \"P3-colour\"; badge in to release the job. )",
      R"(Parental leave is 16 weeks at full pay and has to be announced two months before. )",
      R"(Files older than seven years are moved to the archive, from where they can be restored on request. )",
      R"(Your manager approved the request 👍 and the licence will be assigned within the hour. )",
      R"(To change a bank account, upload a confirmation of the bank; changes after the 15th count next month. )",
      R"(This article was last reviewed by the Security & Compliance team. )",
      R"(Die Anleitung gibt es auch auf Deutsch; sie liegt im selben Ordner. )",
      R"(The shuttle leaves every 20 minutes from gate B, also on public holidays. )",
      R"(\tnpm install --registry https://packages.example.com\n\nruns only inside the company's network. )",
      R"(Guests sign in at the front desk and must be accompanied at all times. )"};
  return sentences;
}

// One long text of sentences in random order, and where each begins: a piece of prose is one slice of it.
struct Pool {
  Pool() {
    Dice dice(20260301);
    while (text.size() < 64 * 1024) {
      starts.push_back(text.size());
      Append(&text, Sentences()[dice.Below(Sentences().size())]);
    }
    while (text.size() - starts[choices] > kLongest) ++choices;
  }
  static constexpr size_t kLongest = 4096;
  std::string text;
  std::vector<uint32_t> starts;
  size_t choices = 0;  // sentences with room for the longest piece behind them
};

}  // namespace

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions = {
      {"My laptop does not connect to the docking station any more", R"("IT")", R"("docking_station")"},
      {"I need a licence for Figma until Friday", R"("IT")", R"("figma")"},
      {"reset my password please", R"("IT")", R"("password")"},
      {"VPN keeps dropping since this morning", R"("IT")", R"("vpn")"},
      {"How many vacation days do I have left?", R"("HR")", R"("pto")"},
      {"What is our parental leave policy in Québec?", R"("HR")", R"("parental_leave")"},
      {"when is the next payday", R"("PAYROLL")", R"("payslip")"},
      {"My payslip looks wrong, whom do I ask?", R"("PAYROLL")", "null"},
      {"Book a trip to München for next week", R"("TRAVEL_AND_EXPENSE")", R"("travel")"},
      {"how do I expense a taxi", R"("TRAVEL_AND_EXPENSE")", R"("expense_report")"},
      {"Where do I find the NDA template?", R"("LEGAL")", R"("nda")"},
      {"The coffee machine on floor 2 is broken ☕", R"("FACILITY")", R"("coffee_machine")"},
      {"Which purchase orders wait for me?", R"("FINANCE")", R"("purchase_order")"},
      {"hello", R"("OTHER")", R"("greeting")"},
      {"See pending approvals", R"("OTHER")", "null"},
      {"Add Zoë to the distribution list \\\"Launch\\\"", R"("OTHER")", R"("other_user_group_operations")"},
      {"Who is the manager of José García?", R"("OTHER")", "null"},
      {"Summarise the last all-hands for me", R"("UNKNOWN")", "null"},
      {"talk to a human", R"("IT")", R"("live_agent")"},
      {"パスワードを忘れました", R"("IT")", R"("password")"},
      {"install docker", "null", "null"},
      {"status of my ticket?", R"("IT")", R"("ticket_status")"}};
  return questions;
}

// The first third of all calls goes to the first name: the search is what the bot uses most.
const std::vector<absl::string_view>& PluginNames() {
  static const std::vector<absl::string_view> names = {"Enterprise Search",
                                                       "Forms",
                                                       "Update Approval Record",
                                                       "Grant Software Access",
                                                       "Clear Context",
                                                       "Approval Information",
                                                       "People Registry",
                                                       "Add User to a Group",
                                                       "Code Interpreter",
                                                       "Add Comment to Ticket",
                                                       "Write Email",
                                                       "Smart Handoff",
                                                       "Ticket Information",
                                                       "Quick GPT",
                                                       "Group Membership Status",
                                                       "Create a Group",
                                                       "Remove User From a Group",
                                                       "Resolve Ticket",
                                                       "Start Live Agent Chat",
                                                       "Reset MFA",
                                                       "Create Ticket",
                                                       "Reopen Ticket",
                                                       "vacation_request_v2",
                                                       "erp_stock_by_part_number",
                                                       "CRM_Opportunity_Notes",
                                                       "calendar_create_event",
                                                       "get_latest_payslip",
                                                       "Grant_Access_To_Server"};
  return names;
}

const std::vector<absl::string_view>& FirstNames() {
  static const std::vector<absl::string_view> names = {
      "Aiko",  "Amélie", "Björn", "Carlos", "Chloé", "Dmitri", "Elif",   "Fatima",
      "Grace", "Henrik", "Ines",  "Jamal",  "José",  "Kwame",  "Lena",   "Mateo",
      "Nadia", "Olu",    "Priya", "Quinn",  "Rosa",  "Søren",  "Tomasz", "Zoë"};
  return names;
}

const std::vector<absl::string_view>& LastNames() {
  static const std::vector<absl::string_view> names = {
      "Andersen", "Brown",  "Çelik",    "Dubois",    "Ekström", "Fischer",      "García",  "Hernández",
      "Ivanova",  "Jensen", "Kowalski", "Lindqvist", "Müller",  "Nakamura",     "O'Neill", "Okafor",
      "Patel",    "Rossi",  "Schäfer",  "Smith",     "Tanaka",  "van der Berg", "Wójcik",  "Yılmaz"};
  return names;
}

const std::vector<absl::string_view>& DocumentNames() {
  static const std::vector<absl::string_view> names = {
      "Remote work policy",        "How to reset your password",
      "VPN troubleshooting guide", "Travel & expense handbook",
      "Onboarding checklist",      "Printer set-up",
      "Parental leave FAQ",        "Einführung für neue Mitarbeitende",
      "Security awareness 2026",   "Software request",
      "Benefits overview",         "Bürozeiten und Standorte",
      "Payroll calendar",          "Laptop replacement",
      "Meeting room booking",      "Data retention rules"};
  return names;
}

const std::vector<absl::string_view>& ButtonTexts() {
  static const std::vector<absl::string_view> texts = {
      "Yes", "No", ":heavy_check_mark: Got it", "Approve", "Show more", "Cancel", "File a ticket", "Oui"};
  return texts;
}

absl::string_view Prose(uint64_t choice, uint32_t length) {
  static const Pool& pool = *new Pool;
  const uint32_t begin = pool.starts[choice % pool.choices];
  const uint32_t end = *std::lower_bound(pool.starts.begin(), pool.starts.end(),
                                         begin + std::clamp<uint32_t>(length, 1, Pool::kLongest / 2));
  return absl::string_view(pool.text).substr(begin, end - begin);
}

}  // namespace penstock::sandbox
