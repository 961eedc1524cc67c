// SPDX-License-Identifier: Apache-2.0
// What was taken and of which nothing was reported is offered again (S32).
#include <algorithm>

#include "base/bytes.hpp"
#include "record/frame.hpp"
#include "record/records.hpp"
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view channels =
    "workspace: shop\n"
    "channels:\n"
    "  email: {address: contact.email, consent: opt_out}\n"
    "policy: {caps: [{max: 1, per: 7d}]}\n";

constexpr std::string_view one_mail =
    "campaign: a\n"
    "entry: [{event: go}]\n"
    "exits: [{event: bye}]\n"
    "steps:\n"
    "  - {send: email, id: mail, template: t, data: {total: =entry.total}}\n"
    "  - {wait: 1h}\n";

Reoffer a_reoffer(const Host& host, std::span<const ActionId> actions = {}) {
  return Reoffer{actions, {host.clock(), std::nullopt, {}, {}}};
}
Acknowledge an_acknowledge(const Host& host, std::uint64_t takes, bool keep = true) {
  return Acknowledge{takes, keep, {host.clock(), std::nullopt, {}, {}}};
}
Host& reoffer(Host& host) { return host.take_in(a_reoffer(host)); }

// A host that has asked for what it takes to be kept, and whose ola has been sent the mail.
Host sent(std::string_view campaigns = one_mail, std::string_view workspace = channels) {
  Host host(campaigns, workspace);
  reoffer(host);
  host.identify({{"email", "o@example.com"}});
  host.event("go", {{"total", 5}});
  return host;
}

Identify refusal(const Host& host, const std::vector<Consent>& said) {
  Identify identify = host.an_identify({});
  identify.consents = said;
  return identify;
}

// The records of that kind in a journal.
template <class Record>
std::vector<Record> records(base::ByteView journal) {
  std::vector<Record> all;
  record::FrameReader reader(journal);
  record::Frame frame;
  while (reader.next(frame) == record::FrameReader::Outcome::frame) {
    base::ByteView rest = frame.records;
    while (const auto raw = record::Frame::next(rest)) {
      if (raw->kind == Record::kind) all.push_back(*record::decode<Record>(raw->fields));
    }
  }
  return all;
}

// A restored engine has the same counts, and goes on as the live one.
void replay_equals_live(Host& host) {
  const Result<Engine> restored = Engine::restore(host.journal(), host.options());
  REQUIRE(restored);
  CHECK(restored->statistics().actions_open == host.statistics().actions_open);
  CHECK(restored->statistics().actions_waiting == host.statistics().actions_waiting);
  CHECK(restored->statistics().actions_reoffered == host.statistics().actions_reoffered);
  CHECK(restored->statistics().outcomes_unknown == host.statistics().outcomes_unknown);
  CHECK(restored->keeps_taken() == host.engine().keeps_taken());
}

}  // namespace

TEST_CASE("reoffer: the action comes once more, the same but that it may have been executed",
          "[engine][S32]") {
  Host host = sent();
  CHECK(host.take() == Lines{"mail"});
  const Taken first = host.action("mail");
  CHECK_FALSE(first.maybe_executed);
  host.crash().after(minute_ms);
  CHECK(host.take().empty());
  reoffer(host);
  CHECK(host.statistics().actions_waiting == 1);
  replay_equals_live(host);
  host.crash();
  CHECK(host.take() == Lines{"mail"});
  const Taken& again = host.action("mail");
  CHECK(again.maybe_executed);
  CHECK(again.id == first.id);
  CHECK(again.at == first.at);
  CHECK(again.address == "o@example.com");
  CHECK(again.template_name == "t");
  CHECK(again.data == first.data);
  CHECK(again.data == Properties{{"total", 5}});
  CHECK(host.take().empty());
  replay_equals_live(host);
  CHECK(records<record::Emitted>(host.journal()).size() == 1);
}

TEST_CASE("reoffer: everything that the host performs comes again, in the order of its emission",
          "[engine][S32]") {
  Host host = sent(R"(campaign: a
entry: [{event: go}]
steps:
  - {set: {plan: paid}, id: set}
  - {audience: {add: vip}, id: list}
  - {consent: {channel: email, state: granted}, id: agree}
  - {send: email, id: mail}
  - {call: score, id: call, within: 1d}
  - {task: ring, id: task, within: 1d}
)");
  CHECK(host.take() == Lines{"set", "list", "agree", "mail", "call"});
  host.after(1).report(Receipt::completed, "call");
  CHECK(host.take() == Lines{"task"});
  host.crash();
  reoffer(host.after(1));
  CHECK(host.take() == Lines{"set", "list", "agree", "mail", "task"});
  CHECK(host.action("task").team == host.action("task").team);
  CHECK(host.action("agree").granted);
  for (const std::string_view step : {"set", "list", "agree", "mail", "task"}) {
    CHECK(host.action(step).maybe_executed);
  }
}

TEST_CASE("reoffer: whatever was reported ends it, also late, and also while it is offered again",
          "[engine][S32]") {
  const Receipt receipt = GENERATE(Receipt::sent, Receipt::delivered, Receipt::opened,
                                   Receipt::failed, Receipt::bounced);
  Host host = sent();
  host.take();
  CHECK(host.statistics().actions_open == 1);
  SECTION("in flight") { host.after(1).report(receipt, "mail"); }
  SECTION("after its journey was closed") {
    host.after(2 * hour_ms).advance();
    host.report(receipt, "mail");
  }
  SECTION("while it is offered again") {
    reoffer(host.after(1));
    CHECK(host.statistics().actions_waiting == 1);
    host.report(receipt, "mail");
  }
  SECTION("after it was taken again") {
    reoffer(host.after(1));
    CHECK(host.take() == Lines{"mail"});
    host.report(receipt, "mail");
  }
  CHECK(host.statistics().actions_open == 0);
  CHECK(host.statistics().actions_waiting == 0);
  CHECK(host.take().empty());
  reoffer(host.after(1));
  CHECK(host.take().empty());
  replay_equals_live(host);
}

TEST_CASE("reoffer: where consent is gone, what came of it stays unknown", "[engine][S19][S32]") {
  Host host = sent();
  host.take();
  const std::vector<Consent> denied{{"email", "", false, {}}};
  SECTION("before it is offered again") {
    host.after(1).take_in(refusal(host, denied));
    reoffer(host);
    CHECK(host.statistics().actions_waiting == 0);
    CHECK(host.take().empty());
  }
  SECTION("between that and its being taken") {
    reoffer(host.after(1));
    host.take_in(refusal(host, denied));
    CHECK(host.statistics().actions_waiting == 1);
    CHECK(host.take().empty());
  }
  CHECK(host.told({"unknown_outcome", "withdrawn_consent"}) ==
        Lines{"unknown_outcome (denied) mail"});
  CHECK(host.statistics().outcomes_unknown == 1);
  CHECK(host.statistics().actions_open == 0);
  replay_equals_live(host);
  reoffer(host.after(1));
  CHECK(host.take().empty());
  CHECK(host.told({"unknown_outcome"}).empty());
}

TEST_CASE("reoffer: a closed address, and the reason", "[engine][S32]") {
  Host host = sent();
  host.take();
  host.take_in(Suppress{"email", "o@example.com", true, {host.clock(), std::nullopt, {}, {}}});
  reoffer(host);
  CHECK(host.take().empty());
  CHECK(host.told({"unknown_outcome"}) == Lines{"unknown_outcome (listed) mail"});
}

TEST_CASE("reoffer: what a refusal takes back is counted by its place among all that is taken",
          "[engine][S19][S32]") {
  Host host = sent(one_mail,
                   "workspace: shop\nchannels:\n  email: {address: contact.email, "
                   "consent: opt_out}\n");
  host.take();
  reoffer(host.after(1));
  host.identify({{"email", "e@example.com"}}, "eve");
  host.event("go", {{"total", 1}}, "eve");
  host.identify({{"email", "b@example.com"}}, "bob");
  host.event("go", {{"total", 2}}, "bob");
  const std::vector<Consent> denied{{"email", "", false, {}}};
  host.take_in(refusal(host, denied));
  Identify eve = host.an_identify({}, "eve");
  eve.consents = denied;
  host.take_in(eve);
  CHECK(host.take() == Lines{"mail@bob"});
  CHECK(host.told({"unknown_outcome", "withdrawn_consent"}) ==
        Lines{"unknown_outcome (denied) mail", "withdrawn_consent (denied) mail"});
  CHECK(host.statistics().actions_open == 1);
  replay_equals_live(host);
}

TEST_CASE("reoffer: of a journey that was ended nobody wants it any more", "[engine][S28][S32]") {
  constexpr std::string_view campaigns = R"(campaign: a
entry: [{event: go}]
exits: [{event: bye}]
steps:
  - {set: {plan: paid}, id: set}
  - {send: email, id: mail}
  - {audience: {add: vip}, id: list}
  - {wait: 1h}
)";
  Host host = sent(campaigns);
  CHECK(host.take() == Lines{"set", "mail", "list"});
  SECTION("by an exit: what it changed is told all the same") {
    host.after(1).event("bye");
    reoffer(host);
    CHECK(host.take() == Lines{"set"});
    CHECK(host.told({"unknown_outcome"}) ==
          Lines{"unknown_outcome (exit) mail", "unknown_outcome (exit) list"});
  }
  SECTION("by the host, while it is offered again") {
    reoffer(host.after(1));
    host.stop("a");
    CHECK(host.take() == Lines{"set"});
    CHECK(host.told({"unknown_outcome"}) ==
          Lines{"unknown_outcome (stopped) mail", "unknown_outcome (stopped) list"});
  }
  SECTION("one that came to its end keeps what it sent") {
    host.after(2 * hour_ms).advance();
    CHECK(host.told({"finished"}) == Lines{"finished"});
    reoffer(host);
    CHECK(host.take() == Lines{"set", "mail", "list"});
    CHECK(host.told({"unknown_outcome"}).empty());
  }
  replay_equals_live(host);
}

TEST_CASE("reoffer: a journey that one of its own steps has ended keeps what it sent",
          "[engine][S28][S32]") {
  const std::string_view within =
      GENERATE("  - {send: email, id: mail}\n  - {wait: 1h}\n  - {wait: {until: contact.never}}\n",
               "  - {send: email, id: mail}\n"
               "  - parallel: [{steps: [{wait: 1d}]}, {steps: [{wait: 1h}, {wait: {until: "
               "contact.never}}]}]\n");
  Host host = sent("campaign: a\nentry: [{event: go}]\nsteps:\n" + std::string(within));
  CHECK(host.take() == Lines{"mail"});
  host.after(2 * hour_ms).advance();
  CHECK(host.told({"exited"}) == Lines{"exited (missing_date)"});
  reoffer(host);
  CHECK(host.take() == Lines{"mail"});
}

TEST_CASE("reoffer: nothing comes again to who was forgotten", "[engine][S32]") {
  Host host = sent();
  host.take();
  const bool while_offered = GENERATE(false, true);
  if (while_offered) reoffer(host.after(1));
  host.after(1).take_in(Forget{"ola", {host.clock(), std::nullopt, {}, {}}});
  CHECK(host.statistics().actions_open == 0);
  CHECK(host.statistics().actions_waiting == 0);
  reoffer(host.after(1));
  CHECK(host.take().empty());
  replay_equals_live(host);
}

TEST_CASE("reoffer: it keeps its slot of a cap, whatever becomes of it", "[engine][S17][S32]") {
  Host host = sent();
  host.take();
  SECTION("offered again") {
    reoffer(host.after(1));
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("its outcome unknown") {
    host.take_in(refusal(host, {{"email", "", false, {}}}));
    reoffer(host.after(1));
    CHECK(host.told({"unknown_outcome"}).size() == 1);
    host.after(1).take_in(refusal(host, {{"email", "", true, {}}}));
  }
  host.after(2 * hour_ms).event("go", {{"total", 6}});
  CHECK(host.take().empty());
  CHECK(host.told({"skipped_cap"}) == Lines{"skipped_cap mail"});
}

TEST_CASE("reoffer: by name, one; what is offered already is not offered twice", "[engine][S32]") {
  Host host = sent(R"(campaign: a
entry: [{event: go}]
steps:
  - {set: {plan: paid}, id: one}
  - {audience: {add: vip}, id: two}
  - {audience: {add: vips}, id: three}
)");
  host.take();
  const std::vector<ActionId> named{host.action("two").id, {{1, 2}}, host.action("two").id};
  host.take_in(a_reoffer(host, named));
  CHECK(host.statistics().actions_waiting == 1);
  host.take_in(a_reoffer(host, named));
  CHECK(host.statistics().actions_waiting == 1);
  reoffer(host);
  CHECK(host.statistics().actions_waiting == 3);
  CHECK(host.statistics().actions_reoffered == 3);
  CHECK(host.take() == Lines{"two", "one", "three"});
  replay_equals_live(host);
}

TEST_CASE("reoffer: without one, nothing is kept", "[engine][S32]") {
  Host host(one_mail, channels);
  host.identify({{"email", "o@example.com"}});
  host.event("go");
  host.take();
  CHECK(host.statistics().actions_open == 0);
  reoffer(host.after(1));
  CHECK(host.engine().keeps_taken());
  CHECK(host.take().empty());
}

TEST_CASE("reoffer: the oldest are not kept beyond the limit, and counted", "[engine][S32]") {
  Limits limits;
  limits.open_actions = 2;
  Host host("campaign: a\nentry: [{event: go}]\nsteps: [{audience: {add: vip}, id: list}]\n",
            channels, limits);
  reoffer(host);
  for (const std::string_view who : {"ann", "bob", "eve"}) host.event("go", {}, who);
  host.take();
  CHECK(host.statistics().actions_open == 2);
  CHECK(host.statistics().open_dropped == 1);
  reoffer(host.after(1));
  CHECK(host.take().size() == 2);
  host.event("go", {}, "zoe");
  host.take();
  CHECK(host.statistics().open_dropped == 2);
  const std::vector<ActionId> too_many((1u << 20) + 1);
  CHECK(host.feed(a_reoffer(host, too_many)) == ErrorCode::limit_reached);
}

TEST_CASE("acknowledge: what was taken by then is done, and what came later is not",
          "[engine][S32]") {
  Host host("campaign: a\nentry: [{event: go}]\nsteps: [{audience: {add: vip}, id: list}]\n",
            channels);
  reoffer(host);
  host.event("go", {}, "ann");
  host.take();
  host.after(1).event("go", {}, "bob");
  host.take();
  host.take_in(an_acknowledge(host, 1));
  CHECK(host.statistics().actions_open == 1);
  SECTION("it is the later one that comes again") {
    reoffer(host);
    CHECK(host.take() == Lines{"list@bob"});
  }
  SECTION("an earlier one too, if it is offered again at the time") {
    host.after(1).event("go", {}, "eve");
    host.take();
    const std::vector<ActionId> bobs{host.actions()[1].id};
    host.take_in(a_reoffer(host, bobs));
    CHECK(host.statistics().actions_waiting == 1);
    host.take_in(an_acknowledge(host, 2));
    CHECK(host.statistics().actions_waiting == 0);
    CHECK(host.take().empty());
    CHECK(host.statistics().actions_open == 1);
  }
  SECTION("and nothing more is kept, where the host says so") {
    host.take_in(an_acknowledge(host, 0, false));
    CHECK(host.statistics().actions_open == 0);
    host.after(1).event("go", {}, "eve");
    host.take();
    CHECK(host.statistics().actions_open == 0);
    CHECK_FALSE(host.engine().keeps_taken());
  }
  replay_equals_live(host);
}

TEST_CASE("reoffer: it moves no closed instant, as taking moves none", "[engine][S0][S32]") {
  Host host = sent();
  host.take();
  host.after(minute_ms).advance();
  reoffer(host);
  CHECK(host.engine().now() == host.clock());
  CHECK(host.take() == Lines{"mail"});
  host.event("go", {{"total", 1}});
  CHECK(host.engine().now() == host.clock() + 1);
}

TEST_CASE("report: one that wants an action that is known is refused otherwise", "[engine][S32]") {
  Host host(one_mail, channels);
  host.identify({{"email", "o@example.com"}});
  host.event("go", {{"total", 5}});
  host.take();
  Report report = host.a_report(Receipt::sent, {{1, 2}});
  report.known = true;
  CHECK(host.feed(report) == ErrorCode::unknown_action);
  report.action = host.action("mail").id;
  report.envelope.message_id = "r1";
  CHECK_FALSE(host.feed(report));  // before any report has come
  CHECK_FALSE(host.feed(report));  // a repeat
  report.action = {{1, 2}};
  report.envelope.message_id = "r2";
  CHECK(host.feed(report) == ErrorCode::unknown_action);
  report.known = false;
  CHECK_FALSE(host.feed(report));
  CHECK(host.statistics().reports_unmatched == 1);
}

namespace {

// The journal with one more frame behind it, as damage would write it.
template <class Input, class... Records>
Result<Engine> restored_with(Host& host, const Input& input, const Records&... records) {
  base::ByteBuffer more;
  more.append(host.journal());
  base::ByteBuffer frame_bytes;
  record::FrameWriter frame(frame_bytes);
  frame.begin(host.engine().now(), input);
  (frame.record(records), ...);
  frame.end();
  more.append(frame_bytes.view());
  return Engine::restore(more.view(), host.options());
}

}  // namespace

TEST_CASE("reoffer: a journal that says what cannot be is damaged", "[engine][S32][restore]") {
  Host host = sent();
  host.take();
  const Hash128 id = host.action("mail").id.hash;
  const record::UnknownOutcome sound{record::no_place, id, 0, 0, 0, 0, record::Reason::exit};
  CHECK(restored_with(host, record::ReofferInput{}, sound));
  const base::Bytes odd(15);
  CHECK_FALSE(restored_with(host, record::ReofferInput{odd}));
  CHECK_FALSE(restored_with(host, record::AcknowledgeInput{1, 2}));
  CHECK_FALSE(restored_with(host, record::ReofferInput{}, sound, sound));
  CHECK_FALSE(restored_with(host, record::AcknowledgeInput{0, 1}, sound));
  CHECK_FALSE(restored_with(host, record::TakenInput{0}, sound));
  const auto wrong = [&](auto change) {
    record::UnknownOutcome record = sound;
    change(record);
    CHECK_FALSE(restored_with(host, record::ReofferInput{}, record));
  };
  wrong([](auto& r) { r.entry = 0; });
  wrong([](auto& r) { r.id.low ^= 1; });
  wrong([](auto& r) { r.contact = 7; });
  wrong([](auto& r) { r.version = 7; });
  wrong([](auto& r) { r.node = 1; });
  wrong([](auto& r) { r.leg = 1; });
  reoffer(host);
  record::UnknownOutcome taken = sound;
  taken.entry = 0;
  CHECK(restored_with(host, record::TakenInput{0}, taken));
  CHECK_FALSE(restored_with(host, record::TakenInput{0}, taken, taken));
  taken.entry = 1;
  CHECK_FALSE(restored_with(host, record::TakenInput{0}, taken));
  CHECK_FALSE(restored_with(host, record::TakenInput{1}));
}

}  // namespace itinera::test
