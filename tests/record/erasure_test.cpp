// SPDX-License-Identifier: Apache-2.0
// What goes of a journal with whom it forgets. That the store has it no more is asked in
// tests/runtime/erasing_test.cpp, and random lives are erased in tests/property.
#include "record/erasure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/packed_value.hpp"
#include "insight/census.hpp"
#include "record/all_records.hpp"
#include "record/erased.hpp"
#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view campaigns =
    "campaign: c\nentry: [{event: join, when: 'event.total > 100.0 && event.word != \"\"'}, host]\n"
    "steps: [{send: id, id: hello}, {wait_for: {replied: hello, as: answer}, within: 1h}]\n"
    "---\ncampaign: d\nentry: [{event: seen, when: 'count(\"seen\", \"1d\") > 5 && contact.mail == "
    "\"\"'}]\nsteps: [{wait: 1h}]\n";

void forget(Host& host, std::string_view contact) {
  host.take_in(Forget{contact, {host.clock(), std::nullopt, {}, {}}});
}

// Whether the journal without them, and the state of before, come to the same.
void comes_to_the_same(Host& host, const base::Bytes& journal) {
  const Result<Engine> again = Engine::restore(journal, host.options());
  REQUIRE(again);
  CHECK((pieces_of(*again) == pieces_of(host.engine())));
}

std::uint64_t people_in(base::ByteView journal) {
  insight::Census census;
  REQUIRE(census.read(journal));
  return census.contacts() + census.anonymous();
}

}  // namespace

TEST_CASE("erasure: also of who left no trace, when they are forgotten", "[record][forget]") {
  Host host(campaigns);
  host.event("join", {{"total", 1.0}, {"word", "of-ghost-a"}}, "ghost-a");
  host.anonymous_event("join", "ghost-b", {{"total", 1.0}, {"word", "of-ghost-b"}});
  host.stop("c", "key-of-ghost-c", "ghost-c");
  host.event("join", {{"total", 1.0}, {"word", "of-stranger"}}, "stranger");
  REQUIRE(host.statistics().contacts == 0);
  for (const char* const id : {"ghost-a", "anonymous:ghost-b", "ghost-c"}) forget(host, id);
  const base::Bytes left = erased(groups_of(host.journal()));
  CHECK(tells(host.journal(), "of-ghost-a"));
  CHECK(!tells(left, "ghost"));
  CHECK(tells(left, "of-stranger"));
  comes_to_the_same(host, left);
  comes_to_the_same(host.crash(), left);

  // Nobody new is counted, and nobody's forgetting is told.
  CHECK(host.statistics().contacts == 0);
  CHECK(people_in(host.journal()) == 0);
  CHECK(host.told({"contact_created", "forgotten"}).empty());
  host.identify({{"mail", "x"}}, "ghost-a");
  CHECK(host.statistics().contacts == 1);
  forget(host, "ghost-a");
  CHECK(host.told({"contact_created", "forgotten"}) == Lines{"contact_created", "forgotten"});
}

TEST_CASE("erasure: what came behind a forgetting goes with the next", "[record][forget]") {
  Host host(campaigns);
  host.event("join", {{"total", 200.0}, {"word", "first"}}, "dave");
  forget(host, "dave");
  host.after(1).event("join", {{"total", 1.0}, {"word", "of-dave"}}, "dave");
  CHECK(tells(erased(groups_of(host.journal())), "of-dave"));
  forget(host, "dave");
  const base::Bytes left = erased(groups_of(host.journal()));
  CHECK(!tells(left, "dave"));
  comes_to_the_same(host, left);
}

TEST_CASE("erasure: a message that comes again leaves no more than its key",
          "[record][forget][S4]") {
  Host host(campaigns);
  host.identify({{"mail", "m"}}, "ola").enter("c", std::nullopt, "ola");
  host.take();
  Envelope envelope{host.clock(), std::nullopt, "message-dave", {}};
  const Properties said{{"total", 1.0}, {"word", "of-dave"}};
  const Properties mail{{"mail", "mail-of-dave"}};
  const std::vector<Input> inputs{
      Event{"join", "dave", {}, envelope, said},
      Event{"join", {}, "dave", envelope, said},
      Identify{.contact = "dave", .anonymous = "dave", .envelope = envelope, .attributes = mail},
      Alias{"device-of-dave", "dave", envelope},
      Merge{"other-dave", "dave", envelope},
      Group{"account-of-dave", "dave", envelope},
      Enter{"c", "dave", "key-of-dave", envelope, said},
      Report{.action = host.action("hello").id,
             .receipt = Receipt::replied,
             .envelope = envelope,
             .data = said},
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    INFO(i);
    Input input = inputs[i];
    const std::string source = fmt::format("source-{}", i);
    std::visit(
        [&](auto& each) {
          if constexpr (requires { each.envelope; }) each.envelope.source = source;
        },
        input);
    host.take_in(input);
    forget(host, "dave");
    const std::size_t before = host.journal().size();
    const std::uint64_t duplicates = host.statistics().duplicates;
    host.take_in(input);
    CHECK(host.statistics().duplicates == duplicates + 1);
    CHECK(!tells(host.journal().subspan(before), "dave"));
  }
  const Pieces live = pieces_of(host.engine());
  CHECK((pieces_of(host.crash().engine()) == live));
  CHECK(host.told({"duplicate"}).size() == inputs.size());
}

TEST_CASE("erasure: what is reported of an action that nobody has is not kept",
          "[record][forget]") {
  Host host(campaigns);
  host.enter("c", std::nullopt, "carol");
  host.take();
  const Properties data{{"recipient", "mail-of-carol"}};
  Report report = host.a_report(Receipt::delivered, host.action("hello").id);
  report.data = data;
  const std::size_t before = host.journal().size();
  host.take_in(report);
  const std::size_t known = host.journal().size();
  forget(host, "carol");
  host.take_in(report);
  CHECK(tells(host.journal().first(known).subspan(before), "mail-of-carol"));
  CHECK(!tells(host.journal().subspan(known), "mail-of-carol"));
  CHECK(host.statistics().reports_unmatched == 1);
  const Pieces live = pieces_of(host.engine());
  CHECK((pieces_of(host.crash().engine()) == live));
}

TEST_CASE("erasure: a refused link does not say with whom", "[record][forget][S30]") {
  Limits limits;
  limits.identities = 1;
  Host host(campaigns, shop, limits);
  host.identify({{"mail", "m"}}, "alice").identify({{"mail", "m"}}, "robert");
  host.anonymous_event("seen", "vera");
  host.identify({{"mail", "m"}}, "oscar");
  REQUIRE(host.statistics().contacts == 4);
  const std::size_t begun = groups_of(host.journal()).size();
  host.alias("tablet", "alice");
  host.take_in(Merge{"robert", "alice", {host.clock(), std::nullopt, {}, {}}});
  host.take_in(Merge{"oscar", "alice", {host.clock(), std::nullopt, {}, {}}});
  CHECK(host.told({"refused_link"}).size() == 2);
  SECTION("a contact") {
    forget(host, "robert");
    const base::Bytes left = erased(groups_of(host.journal()));
    CHECK(!tells(left, "robert"));
    CHECK(tells(left, "oscar"));
    comes_to_the_same(host, left);
  }
  SECTION("a device, also where it was first seen in groups that are gone") {
    host.alias("vera", "alice");
    CHECK(host.told({"refused_link"}).size() == 1);
    host.alias("vera", "robert");
    forget(host, "robert");
    const Groups groups = groups_of(host.journal());
    CHECK(!tells(erased(groups), "vera"));
    CHECK(!tells(erased(groups, begun), "vera"));
  }
}

TEST_CASE("erasure: a report that came again goes with the groups that knew its action",
          "[record][forget]") {
  base::Bytes data;
  base::Writer(data).text("recipient");
  base::pack(Value("mail-of-carol"), data);
  base::ByteBuffer journal;
  record::FrameWriter writer(journal);
  record::ReportInput report;
  report.action = {3, 4};
  report.message = {{5, 6}, 7};
  report.data = data;
  writer.begin(instant("2026-03-02T09:00:00Z"), report);
  writer.record(record::Duplicate{});
  writer.end();
  const Groups groups{{}, {journal.view().begin(), journal.view().end()}};
  CHECK(!tells(erased(groups, 1), "mail-of-carol"));
  CHECK(tells(erased(groups), "mail-of-carol"));  // here all who were forgotten are known
}

TEST_CASE("erasure: keeps no more names in memory than there are to go", "[record][forget]") {
  Host host(campaigns);
  for (int i = 0; i < 100; ++i) host.identify({{"mail", "m"}}, fmt::format("guest-{}", i));
  host.alias("tablet", "guest-7").alias("phone", "guest-8");
  forget(host, "guest-7");
  for (int i = 0; i < 100; ++i) host.identify({{"mail", "m"}}, fmt::format("later-{}", i));
  forget(host, "later-50");
  std::size_t names = 0;
  const base::Bytes left = erased(groups_of(host.journal()), 0, &names);
  // Themselves, and the tablet by both of its names.
  CHECK(names == 4);
  CHECK(!tells(left, "guest-7\x05"));
  CHECK(!tells(left, "tablet"));
  CHECK(tells(left, "guest-8"));
  CHECK(!tells(left, "later-50"));
  comes_to_the_same(host, left);
}

}  // namespace itinera::test
