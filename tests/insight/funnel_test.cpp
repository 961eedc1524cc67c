// SPDX-License-Identifier: Apache-2.0
#include "itinera/funnel.hpp"

#include <string>

#include "insight/journal.hpp"
#include "support/catch.hpp"

namespace itinera {
namespace {

using record::Decision;
using record::Reason;
using test::emitted;
using test::ended;
using test::entered;
using test::event_of;
using test::Journal;
using test::noon;

// Two contacts and an anonymous one; ola goes through, bob is thrown out before his second mail.
Journal a_day() {
  Journal journal;
  journal.frame(noon, record::OpenedInput{"0.1", "2025b"});
  journal.publish({test::welcome()});
  const auto unknown = record::no_place;
  journal.frame(noon, event_of(unknown, "signed_up"), record::ContactCreated{0, "ola"},
                entered(0, 0));
  journal.frame(noon, event_of(unknown, "signed_up"), record::ContactCreated{1, "bob"},
                entered(1, 1));
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{2, "anonymous:x"});
  journal.frame(noon, record::TimersInput{2}, emitted(0, 0, 1), emitted(1, 0, 2),
                record::Visited{0, 0}, emitted(0, 0, 3));
  journal.frame(noon, record::TakenInput{3});
  record::ReportInput report;
  journal.frame(noon, report, record::ReceiptNoted{0, 0, 0, 2}, record::Resolved{0, 1, 0});
  const Instant later = noon + 30 * day_ms;
  journal.frame(later, record::TimersInput{2}, emitted(0, 2, 4),
                record::Resolved{1, 1, record::no_case}, record::Assigned{1, 3, 0, 5},
                emitted(1, 4, 5));
  journal.frame(later, event_of(1, "left"), record::Withdrawn{1, {0, 5}},
                ended(1, Decision::exited, Reason::exit));
  const auto value = test::packed(1'250.5);
  const auto whole = test::packed(2);
  journal.frame(later, event_of(0, "ordered"), record::Converted{0, 0, value},
                record::Converted{0, 0, whole}, ended(0, Decision::finished, Reason::written, 6));
  journal.frame(later, event_of(0, "signed_up"),
                record::Refused{0, 0, Decision::refused_reentry, Reason::too_soon, ""});
  journal.frame(later, event_of(0, "signed_up"), record::Duplicate{});
  journal.frame(later, event_of(1, "signed_up"), entered(0, 1),
                record::Skipped{0, 0, Decision::no_address, Reason::none});
  return journal;
}

Funnel counted(base::ByteView journal) {
  Funnel funnel;
  REQUIRE(funnel.read(journal));
  return funnel;
}

}  // namespace

TEST_CASE("funnel: what came in, who it was about, and what went out when", "[insight][funnel]") {
  const Funnel funnel = counted(a_day().view());
  const FunnelTotals& totals = funnel.totals();
  CHECK(totals.inputs == Counts{{"event", 8}, {"report", 1}});
  CHECK(totals.events == Counts{{"left", 1}, {"ordered", 1}, {"seen", 1}, {"signed_up", 4}});
  CHECK(totals.duplicates == 1);
  CHECK(totals.contacts == 2);
  CHECK(totals.anonymous == 1);
  CHECK(totals.sends.at({"2026-03", "email"}) == 3);
  CHECK(totals.sends.at({"2026-04", "push"}) == 1);
  CHECK(totals.sends.at({"2026-04", "email"}) == 0);
}

TEST_CASE("funnel: journeys are counted once a step, actions each time", "[insight][funnel]") {
  const Funnel funnel = counted(a_day().view());
  REQUIRE(funnel.campaigns().size() == 1);
  const FunnelCampaign& campaign = funnel.campaigns()[0];
  CHECK(campaign.entered == 3);
  CHECK(campaign.in_flight == 1);
  CHECK(campaign.finished_by == Counts{{"done", 1}});
  CHECK(campaign.exited_by == Counts{{"exit", 1}});
  CHECK(campaign.refused == Counts{{"refused_reentry: too_soon", 1}});
  CHECK(campaign.goals[0].reached == 2);
  CHECK(campaign.goals[0].value == 1'252.5);

  REQUIRE(campaign.steps.size() == 7);
  const FunnelStep& hello = campaign.steps[0];
  CHECK(hello.reached == 3);
  CHECK(hello.actions == 3);
  CHECK(hello.skipped == Counts{{"no_address", 1}});
  CHECK(hello.receipts == Counts{{"opened", 1}});
  CHECK(campaign.steps[1].choices == Counts{{"opened", 1}, {"timeout", 1}});
  CHECK(campaign.steps[3].choices == Counts{{"coupon", 1}});
  CHECK(campaign.steps[4].reached == 1);
  CHECK(campaign.steps[4].actions == 0);
  CHECK(campaign.steps[4].withdrawn == 1);
}

TEST_CASE("funnel: a journal read in pieces counts the same", "[insight][funnel]") {
  const Journal journal = a_day();
  Funnel whole;
  REQUIRE(whole.read(journal.view()));
  Funnel pieces;
  base::ByteView rest = journal.view();
  while (!rest.empty()) {
    const auto size = base::load_le<std::uint32_t>(rest.data());
    REQUIRE(pieces.read(rest.first(size)));
    rest = rest.subspan(size);
  }
  CHECK(to_text(pieces.totals()) == to_text(whole.totals()));
  CHECK(to_text(pieces.campaigns()[0]) == to_text(whole.campaigns()[0]));
}

TEST_CASE("funnel: an anonymous contact who is recognised is counted once", "[insight][funnel]") {
  Journal journal = a_day();
  record::IdentifyInput identify;
  identify.contact = 0;
  journal.frame(noon, event_of(record::no_place, "seen"), record::ContactCreated{3, "anonymous:y"});
  journal.frame(noon, identify, record::Linked{0, 2, "x"});
  journal.frame(noon, identify, record::Linked{1, 2, "x"});  // a shared device
  const Funnel funnel = counted(journal.view());
  CHECK(funnel.totals().contacts == 2);
  CHECK(funnel.totals().anonymous == 1);
}

TEST_CASE("funnel: who was forgotten is nobody, also where no id is left in the journal",
          "[insight][funnel]") {
  Journal journal;
  journal.publish({test::welcome()});
  const auto unknown = record::no_place;
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{0, "erased-device"});
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{1, "anonymous:z"});
  journal.frame(noon, event_of(unknown, "seen"), record::ContactCreated{2, "erased-contact"});
  journal.frame(noon, record::AliasInput{}, record::Linked{2, 0, "erased-device"});
  const base::Bytes places{std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0},
                           std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0}};
  journal.frame(noon, record::ForgetInput{}, record::Forgotten{2, places});
  const Funnel funnel = counted(journal.view());
  CHECK(funnel.totals().contacts == 0);
  CHECK(funnel.totals().anonymous == 1);
}

TEST_CASE("funnel: what nobody fed is no input", "[insight][funnel]") {
  Journal journal = a_day();
  const Counts before = counted(journal.view()).totals().inputs;
  journal.frame(noon, record::ReofferInput{});
  journal.frame(noon, record::AcknowledgeInput{});
  journal.frame(noon, record::ZoneDataInput{"2026a"});
  CHECK(counted(journal.view()).totals().inputs == before);
  journal.frame(noon, record::PauseInput{});
  CHECK(counted(journal.view()).totals().inputs.size() == before.size() + 1);
}

TEST_CASE("funnel: a day that somebody missed by moving is no refusal", "[insight][funnel]") {
  Journal journal = a_day();
  const Counts before = counted(journal.view()).campaigns()[0].refused;
  journal.frame(noon, event_of(0, "moved"), record::PassedOver{0, 0, 0, noon});
  CHECK(counted(journal.view()).campaigns()[0].refused == before);
}

TEST_CASE("funnel: the table is aligned and says what stopped people", "[insight][funnel]") {
  const Funnel funnel = counted(a_day().view());
  CHECK("\n" + to_text(funnel.campaigns()[0]) == R"(
welcome, version 1
entered                          3  ████████████████████ 100.0%
  send email hello               3  ████████████████████ 100.0%  emitted 3 · no_address 1 · opened 1
  wait_for await                 2  █████████████         66.7%  opened 1, timeout 1
    send push thanks             1  ███████               33.3%  emitted 1
  split arm                      1  ███████               33.3%  coupon 1
    send email coupon-mail       1  ███████               33.3%  withdrawn 1
  set mark                       0                         0.0%
  exit end                       1  ███████               33.3%
finished                         1  ███████               33.3%  done 1
exited                           1  ███████               33.3%  exit 1
in flight                        1  ███████               33.3%
goal order                       2  █████████████         66.7%  value 1,252.50
refused                          1  refused_reentry: too_soon 1
)");
  CHECK("\n" + to_text(funnel.totals()) == R"(
inputs             9  event 8, report 1
events             7
  left             1
  ordered          1
  seen             1
  signed_up        4
duplicates         1
contacts           2
anonymous          1

sends       email      push
2026-03         3         0
2026-04         0         1
)");
}

TEST_CASE("funnel: damage is an error, and what came before it stays counted",
          "[insight][funnel]") {
  Journal journal = a_day();
  journal.frame(noon, event_of(99, "x"));
  Funnel funnel;
  const auto read = funnel.read(journal.view());
  REQUIRE(!read);
  CHECK(read.error().code == ErrorCode::damaged_journal);
  CHECK(funnel.campaigns()[0].entered == 3);
}

}  // namespace itinera
