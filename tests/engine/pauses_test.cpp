// SPDX-License-Identifier: Apache-2.0
// Campaigns that are paused and go on.
#include <fmt/format.h>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

Pause pausing(const Host& host, PauseMode mode = PauseMode::queue, bool entries = false) {
  return {"c", mode, entries, {host.clock(), std::nullopt, {}, {}}};
}
Resume resuming(const Host& host) { return {"c", {host.clock(), std::nullopt, {}, {}}}; }

std::string steps(std::string_view text, std::string_view head = "") {
  return fmt::format("campaign: c\nentry: [{{event: go}}]\n{}steps:\n{}", head, text);
}

const std::string waiting =
    steps("  - wait: 2h\n  - {send: id, id: first}\n  - {send: id, id: second}\n");

}  // namespace

TEST_CASE("pause: what falls due meanwhile goes on when the campaign does", "[engine][S31]") {
  Host host(waiting);
  host.event("go").after(hour_ms).take_in(pausing(host)).crash();
  host.after(3 * hour_ms).advance();
  CHECK(host.take().empty());
  CHECK(host.told({"resolved", "stalled", "resumed"}) == Lines{"resolved wait-1", "stalled first"});
  CHECK_FALSE(host.next_deadline());
  host.crash().after(1).take_in(resuming(host));
  CHECK(host.take() == Lines{"first", "second"});
}

TEST_CASE("pause: a wait that ends after it ends at its time", "[engine][S31]") {
  Host host(waiting);
  host.event("go").take_in(pausing(host)).after(hour_ms).take_in(resuming(host));
  CHECK(host.take().empty());
  host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"first", "second"});
}

TEST_CASE("pause: freeze makes waits longer by the pause", "[engine][S31]") {
  Host host(waiting);
  host.event("go").after(hour_ms).take_in(pausing(host, PauseMode::freeze)).crash();
  host.after(30 * hour_ms).advance().take();
  CHECK_FALSE(host.next_deadline());
  host.take_in(resuming(host)).crash();
  CHECK(host.told({"resumed"}) == Lines{"resumed wait-1"});
  host.after(hour_ms).advance();
  CHECK(host.take().empty());
  host.after(1).advance();
  CHECK(host.take() == Lines{"first", "second"});
}

TEST_CASE("pause: freeze makes `within` longer, and what comes meanwhile is heard",
          "[engine][S31]") {
  Host host(
      steps("  - wait_for: {event: pay}\n    within: 2h\n"
            "    then: [{send: id, id: paid}]\n    else: [{send: id, id: late}]\n"));
  host.event("go").after(hour_ms).take_in(pausing(host, PauseMode::freeze));
  host.after(9 * hour_ms);
  SECTION("nothing came") {
    host.take_in(resuming(host)).after(hour_ms - 1).advance();
    CHECK(host.take().empty());
    host.after(1).advance();
    CHECK(host.take() == Lines{"late"});
  }
  SECTION("it came") {
    host.event("pay");
    CHECK(host.take().empty());
    host.crash().after(1).take_in(resuming(host));
    CHECK(host.take() == Lines{"paid"});
  }
}

TEST_CASE("pause: after freeze a time of day is the next one", "[engine][S31][S13]") {
  Host host(steps("  - wait: {time: \"12:00\"}\n  - {send: id, id: mail}\n"));
  host.event("go").take_in(pausing(host, PauseMode::freeze));
  SECTION("past") {
    host.at("2026-03-04T15:00:00Z").take_in(resuming(host));
    CHECK(run_to(host, "2026-03-09T00:00:00Z") == Lines{"2026-03-05T11:00:00Z mail"});
  }
  SECTION("to come") {
    host.at("2026-03-02T10:00:00Z").take_in(resuming(host));
    CHECK(run_to(host, "2026-03-09T00:00:00Z") == Lines{"2026-03-02T11:00:00Z mail"});
  }
}

TEST_CASE("pause: after freeze a date stays what it is", "[engine][S31]") {
  Host host(
      steps("  - wait: {until: 'timestamp(\"2026-03-03T00:00:00Z\")'}\n"
            "  - {send: id, id: mail}\n"));
  host.event("go").take_in(pausing(host, PauseMode::freeze));
  const bool past = GENERATE(true, false);
  host.at(past ? "2026-03-04T00:00:00Z" : "2026-03-02T20:00:00Z").take_in(resuming(host));
  CHECK(run_to(host, "2026-03-09T00:00:00Z") ==
        Lines{past ? "2026-03-04T00:00:00Z mail" : "2026-03-03T00:00:00Z mail"});
}

TEST_CASE("pause: drop skips the step behind a wait that fell due", "[engine][S31]") {
  Host host(waiting);
  host.event("go").after(hour_ms).take_in(pausing(host, PauseMode::drop));
  host.after(3 * hour_ms).take_in(resuming(host));
  CHECK(host.take() == Lines{"second"});
  CHECK(host.told({"skipped_when"}) == Lines{"skipped_when (paused) first"});
  host.after(1).event("go").take_in(pausing(host, PauseMode::drop)).after(hour_ms);
  host.take_in(resuming(host)).after(hour_ms).advance();
  CHECK(host.take() == Lines{"first", "second"});
}

TEST_CASE("pause: messages wait before their gates, and go stale there", "[engine][S31][S15]") {
  Host host(
      steps("  - {send: id, id: mail, expires: 4h, on_expire: other}\n  - exit: done\n"
            "  - {send: id, id: other}\n"));
  host.take_in(pausing(host, PauseMode::queue, true)).event("go");
  SECTION("in time") {
    host.after(hour_ms).take_in(resuming(host));
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("held by quiet hours before") {
    CHECK(host.told({"entered", "stalled"}) == Lines{"entered", "stalled mail"});
  }
}

TEST_CASE("pause: a message that was held is held on, until it is stale", "[engine][S31][S15]") {
  Host host(steps("  - {send: id, id: mail, expires: 8h, on_expire: other}\n  - exit: done\n"
                  "  - {send: id, id: other, class: transactional}\n"),
            "workspace: shop\nchannels: {id: {address: contact.id}}\n"
            "policy: {quiet_hours: {from: \"09:00\", to: \"12:00\", zone: UTC}}\n");
  host.event("go").after(hour_ms).take_in(pausing(host));
  host.at("2026-03-02T12:00:00Z").advance();
  CHECK(host.take().empty());
  CHECK(host.told({"held_quiet_hours", "held_paused"}) ==
        Lines{"held_quiet_hours mail", "held_paused mail"});
  SECTION("in time") {
    host.crash().at("2026-03-02T15:00:00Z").take_in(resuming(host));
    CHECK(host.take() == Lines{"mail"});
  }
  SECTION("too late") {
    host.crash().at("2026-03-02T18:00:00Z").take_in(resuming(host)).advance();
    CHECK(host.told({"expired", "stalled"}) == Lines{"expired (paused) mail", "stalled other"});
  }
}

TEST_CASE("pause: nobody enters, unless it says so", "[engine][S31]") {
  const bool entries = GENERATE(false, true);
  Host host(steps("  - {send: id, id: mail}\n"));
  host.take_in(pausing(host, PauseMode::queue, entries)).event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"entered", "refused_paused"}) == Lines{entries ? "entered" : "refused_paused"});
  host.crash().after(1).take_in(resuming(host));
  CHECK(host.take() == (entries ? Lines{"mail"} : Lines{}));
}

TEST_CASE("pause: exits and goals act", "[engine][S31][S28]") {
  const std::string_view rule =
      GENERATE("exits: [{event: out}]\n", "goals: {g: {event: out, exits: true}}\n");
  const auto mode = GENERATE(PauseMode::queue, PauseMode::freeze, PauseMode::drop);
  Host host(steps("  - wait: 2h\n  - {send: id, id: mail}\n", rule));
  host.event("go").take_in(pausing(host, mode)).after(3 * hour_ms).event("out");
  CHECK(host.told({"exited"}).size() == 1);
  host.after(1).take_in(resuming(host)).after(day_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("pause: other campaigns do not notice", "[engine][S31]") {
  Host host(waiting +
            "---\ncampaign: d\nentry: [{event: go}]\nsteps:\n"
            "  - wait: 1h\n  - {send: id, id: d}\n");
  host.event("go").take_in(pausing(host, PauseMode::freeze)).after(3 * hour_ms).advance();
  CHECK(host.take() == Lines{"d"});
}

TEST_CASE("pause: strands stand still too, and join", "[engine][S31]") {
  Host host(
      steps("  - parallel:\n"
            "      - steps: [{wait: 1h}, {send: id, id: a}]\n"
            "      - steps: [{wait: 2h}]\n"
            "  - {send: id, id: next}\n"));
  host.event("go").take_in(pausing(host)).after(9 * hour_ms).advance();
  CHECK(host.take().empty());
  host.crash().after(1).take_in(resuming(host));
  CHECK(host.take() == Lines{"a", "next"});
}

TEST_CASE("pause: a failed call is asked for again when the campaign goes on",
          "[engine][S31][retry]") {
  const auto mode = GENERATE(PauseMode::queue, PauseMode::freeze);
  const bool before = GENERATE(true, false);
  Host host(steps("  - {call: x, id: x, retry: {times: 3, after: 1h}}\n"));
  host.event("go").take();
  if (before) host.report(Receipt::failed, "x");
  host.take_in(pausing(host, mode));
  if (!before) host.after(1).report(Receipt::failed, "x");
  host.after(5 * hour_ms).advance();
  CHECK(host.take().empty());
  host.crash().after(1).take_in(resuming(host)).advance();
  if (mode == PauseMode::freeze) host.after(hour_ms).advance();
  CHECK(host.take() == Lines{"x"});
  CHECK(host.action("x").attempt == 1);
}

TEST_CASE("pause: to pause twice or to resume what runs changes nothing", "[engine][S31]") {
  Host host(waiting);
  host.event("go").take_in(resuming(host)).take_in(pausing(host, PauseMode::freeze));
  host.after(hour_ms).take_in(pausing(host, PauseMode::drop)).after(hour_ms);
  host.take_in(resuming(host)).take_in(resuming(host)).after(2 * hour_ms).advance();
  CHECK(host.take() == Lines{"first", "second"});
  Pause unknown = pausing(host);
  unknown.campaign = "nobody";
  CHECK(host.feed(unknown) == ErrorCode::unknown_campaign);
  CHECK(host.feed(Resume{"nobody", unknown.envelope}) == ErrorCode::unknown_campaign);
}

namespace {

std::string braking(std::string_view brake, std::string_view step) {
  return fmt::format("campaign: c\nbrake: {}\nentry: [{{event: go}}]\nsteps:\n  - {}\n", brake,
                     step);
}

void report(Host& host, Receipt receipt, int contact) {
  host.event("go", {}, fmt::format("u{}", contact)).take();
  host.take_in(host.a_report(receipt, host.actions().back().id)).after(minute_ms);
}

}  // namespace

TEST_CASE("brake: a campaign pauses itself where too much has failed", "[engine][brake]") {
  const std::string_view step = GENERATE("{send: id, id: mail}", "{send: id, id: mail, retry: 2}");
  Host host(braking("{failed: 20%, of: 10, then: pause}", step));
  for (int i = 0; i < 8; ++i) report(host, i == 2 || i == 5 ? Receipt::failed : Receipt::sent, i);
  CHECK(host.told({"braked"}).empty());
  const Receipt bad = GENERATE(Receipt::failed, Receipt::bounced);
  report(host, bad, 8);
  CHECK(host.told({"braked", "refused_paused"}) == Lines{"braked mail"});
  host.crash().event("go", {}, "u9");
  CHECK(host.told({"refused_paused"}) == Lines{"refused_paused"});
  // It counts anew.
  Resume resume = resuming(host);
  host.take_in(resume).take();
  report(host, Receipt::failed, 10);
  report(host, Receipt::failed, 11);
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 12);
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: only the newest outcomes count", "[engine][brake]") {
  Host host(braking("{failed: 50%, of: 2}", "{send: id, id: mail}"));
  for (int i = 0; i < 6; ++i) report(host, i % 2 == 0 ? Receipt::failed : Receipt::sent, i);
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 6);
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 7);
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: who is forgotten stays counted, and nothing says who it was",
          "[engine][brake][forget]") {
  Host host(braking("{failed: 50%, of: 2}", "{send: id, id: mail}"));
  report(host, Receipt::failed, 0);
  const std::uint64_t id = host.actions().back().id.hash.high;
  const auto is_known = [&] {
    base::Bytes wanted;
    base::Writer(wanted).number(id);
    const Pieces pieces = pieces_of(host.engine());
    return std::ranges::any_of(pieces, [&](const auto& piece) {
      return std::ranges::search(piece, wanted).begin() != piece.end();
    });
  };
  CHECK(is_known());
  host.take_in(Forget{"u0", {host.clock(), std::nullopt, {}, {}}}).take();
  CHECK_FALSE(is_known());
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 1);
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: a message that was sent and bounces has failed, once", "[engine][brake]") {
  Host host(braking("{failed: 40%, of: 2}", "{send: id, id: mail}"));
  host.event("go").take();
  const ActionId mail = host.action("mail").id;
  host.take_in(host.a_report(Receipt::sent, mail));
  CHECK(host.told({"braked"}).empty());
  host.after(1).take_in(host.a_report(Receipt::bounced, mail));
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: what was good is counted once, though newer outcomes have come since",
          "[engine][brake]") {
  const std::string_view behind = GENERATE("", "\n  - {wait: 9d}");
  Host host(braking("{failed: 50%, of: 2}", fmt::format("{{send: id, id: mail}}{}", behind)));
  for (int i = 0; i < 3; ++i) report(host, Receipt::sent, i);
  report(host, Receipt::failed, 3);
  host.take_in(host.a_report(Receipt::delivered, host.actions().front().id)).crash();
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 4);
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: what has failed fails once, though newer outcomes have come since",
          "[engine][brake]") {
  Host host(braking("{failed: 50%, of: 2}", "{send: id, id: mail}"));
  report(host, Receipt::failed, 0);
  for (int i = 1; i < 3; ++i) report(host, Receipt::sent, i);
  report(host, Receipt::failed, 3);
  host.take_in(host.a_report(Receipt::bounced, host.actions().front().id));
  CHECK(host.told({"braked"}).empty());
  // A message that was sent and fails now is news.
  host.after(1).take_in(host.a_report(Receipt::failed, host.actions()[1].id));
  CHECK(host.told({"braked"}) == Lines{"braked mail"});
}

TEST_CASE("brake: calls count too", "[engine][brake]") {
  Host host(braking("{failed: 0%, of: 5}", "{call: x, id: x}"));
  report(host, Receipt::completed, 1);
  CHECK(host.told({"braked"}).empty());
  report(host, Receipt::failed, 2);
  CHECK(host.told({"braked"}) == Lines{"braked x"});
}

TEST_CASE("pause: what a frozen digest gathers can be read back", "[engine][S31]") {
  Host host(steps("  - {digest: 1h, as: seen, max: 5}\n  - {send: id, id: all}\n"));
  host.event("go").after(minute_ms).take_in(pausing(host, PauseMode::freeze));
  host.after(minute_ms).event("go").crash();
  host.after(minute_ms).take_in(resuming(host)).crash();
  CHECK(host.after(hour_ms - 2 * minute_ms).advance().take().empty());
  CHECK(host.after(minute_ms).advance().take() == Lines{"all"});
}

TEST_CASE("pause: what stood still at a place is not the next journey's", "[engine][S31]") {
  Host host(R"(
campaign: c
entry: [{event: go}]
steps: [{wait: 1d}, {send: id, id: a}]
---
campaign: d
entry: [{event: agree}]
steps:
  - {wait_for: {event: "ok"}, then: [{send: id, id: y}]}
  - {send: id, id: n}
)");
  const auto at = [&] { return Envelope{host.clock(), std::nullopt, {}, {}}; };
  host.event("go").take_in(pausing(host, PauseMode::freeze));
  host.take_in(Stop{"c", "ola", std::nullopt, at()}).after(1).event("agree");
  host.take_in(resuming(host)).after(1).take_in(Pause{"d", PauseMode::queue, false, at()});
  host.after(1).take_in(Resume{"d", at()}).crash();
  CHECK(host.after(30 * day_ms).advance().take().empty());
  CHECK(host.statistics().journeys_in_flight == 1);
}

}  // namespace itinera::test
