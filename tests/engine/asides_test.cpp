// SPDX-License-Identifier: Apache-2.0
// `while_held: aside`: a message that is held steps aside, and the journey goes on without it.
#include <fmt/format.h>

#include "support/host.hpp"
#include "support/pieces.hpp"

namespace itinera::test {
namespace {

// Quiet from 21:00 to 08:00 in Warsaw: on 1 June from 19:00Z to 06:00Z.
constexpr std::string_view night =
    "workspace: shop\nzone: Europe/Warsaw\n"
    "channels: {id: {address: contact.id}, sms: {address: contact.id, consent: opt_out}}\n"
    "policy: {quiet_hours: {from: \"21:00\", to: \"08:00\", channels: [sms]}}\n";

// A text message that steps aside, then an e-mail an hour later.
std::string aside(std::string_view more = "", std::string_view head = "",
                  std::string_view behind = "  - wait: 1h\n  - {send: id, id: next}\n") {
  return fmt::format(
      "campaign: c\ntopic: news\nentry: [{{event: go}}]\n{}steps:\n"
      "  - {{send: sms, id: mail, while_held: aside{}}}\n{}",
      head, more, behind);
}

}  // namespace

TEST_CASE("aside: the journey goes on, and the message goes out when it may", "[engine][S14]") {
  Host host(aside(), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"set_aside", "held_quiet_hours", "waited"}) ==
        Lines{"set_aside mail", "held_quiet_hours mail", "waited wait-1"});
  host.crash();
  CHECK(run_to(host, "2026-06-03T00:00:00Z") ==
        Lines{"2026-06-01T21:00:00Z next", "2026-06-02T06:00:00Z mail"});
  CHECK(host.told({"lingers", "emitted", "finished"}) ==
        Lines{"emitted next", "lingers", "emitted mail", "finished"});
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("aside: what is not held goes as ever", "[engine][S14]") {
  Host host(aside(), night);
  host.at("2026-06-01T10:00:00Z").event("go");
  CHECK(host.take() == Lines{"mail"});
  CHECK(host.told({"set_aside"}).empty());
}

TEST_CASE("aside: an exit and a goal take the message back, at the journey's end too",
          "[engine][S28]") {
  const std::string_view rule =
      GENERATE("exits: [{event: out}]\n", "goals: {g: {event: out, exits: true}}\n");
  const std::string_view behind =
      GENERATE("", "  - wait: 3d\n  - {send: id, id: next}\n", "  - exit: enough\n");
  Host host(aside("", rule, behind), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  host.after(hour_ms).event("out");
  CHECK(run_to(host, "2026-06-09T00:00:00Z").empty());
  CHECK(host.told({"exited"}).size() == 1);
  CHECK(host.statistics().journeys_in_flight == 0);
}

TEST_CASE("aside: an exit step waits for it, with its own text", "[engine][S28]") {
  Host host(aside("", "", "  - exit: enough\n"), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.told({"finished"}).empty());
  CHECK(run_to(host, "2026-06-03T00:00:00Z") == Lines{"2026-06-02T06:00:00Z mail"});
  CHECK(host.told({"finished"}) == Lines{"finished (enough) exit-1"});
}

TEST_CASE("aside: passes all gates when its time comes", "[engine][S14][S19]") {
  Host host(aside(", on_skip: exit"), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  const std::vector<Consent> no{{"sms", "", false, ""}};
  Identify identify = host.an_identify({});
  identify.consents = no;
  host.after(1).take_in(identify);
  CHECK(run_to(host, "2026-06-03T00:00:00Z") == Lines{"2026-06-01T21:00:00Z next"});
  CHECK(host.told({"no_consent", "finished", "exited"}) ==
        Lines{"no_consent (denied) mail", "finished"});
}

TEST_CASE("aside: refused between emission and taking", "[engine][S19]") {
  Host host(aside(), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.at("2026-06-01T21:00:00Z").advance().take() == Lines{"next"});
  host.at("2026-06-02T06:00:00Z").advance();
  const std::vector<Consent> no{{"sms", "", false, ""}};
  Identify identify = host.an_identify({});
  identify.consents = no;
  host.take_in(identify);
  CHECK(host.take().empty());
  CHECK(host.told({"withdrawn_consent"}) == Lines{"withdrawn_consent (denied) mail"});
}

TEST_CASE("aside: a message that grows stale takes a way only where the journey still stands there",
          "[engine][S15]") {
  Host host(aside(", on_cap: hold, expires: 12h, on_expire: exit"),
            std::string(night.substr(0, night.size() - 2)) +
                ", caps: [{max: 1, per: 48h, channel: sms}]}\n");
  host.at("2026-06-01T10:00:00Z").event("go");
  CHECK(host.take() == Lines{"mail"});
  host.at("2026-06-01T11:30:00Z").event("go");
  host.at("2026-06-01T23:30:00Z").advance();
  // Held by the cap until its time was over, which is in the night: the journey had gone on.
  CHECK(host.told({"expired", "exited"}) == Lines{"expired (quiet_hours) mail"});
}

TEST_CASE("aside: certain at arrival that it comes too late", "[engine][S15]") {
  Host host(aside(", expires: 4h, on_expire: exit"), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty());
  CHECK(host.told({"set_aside", "expired", "exited"}) ==
        Lines{"expired (quiet_hours) mail", "exited (expired)"});
}

TEST_CASE("aside: receipts of the message are the journey's", "[engine]") {
  Host host(aside("", "",
                  "  - wait_for: {clicked: mail}\n    within: 2d\n"
                  "    then: [{send: id, id: thanks}]\n"),
            night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(run_to(host, "2026-06-02T07:00:00Z") == Lines{"2026-06-02T06:00:00Z mail"});
  host.at("2026-06-02T08:00:00Z").report(Receipt::clicked, "mail");
  CHECK(host.take() == Lines{"thanks"});
}

TEST_CASE("aside: each visit of a loop has a message and an id of its own", "[engine][S25]") {
  Host host(aside("", "", "  - wait: 1h\n  - {goto: mail, when: 'count(\"go\", \"30d\") == 1'}\n"),
            night);
  host.at("2026-06-01T18:30:00Z").event("go");
  CHECK(host.take() == Lines{"mail"});
  host.at("2026-06-01T20:45:00Z").advance();
  CHECK(host.take().empty());
  CHECK(host.told({"set_aside"}) == Lines{"set_aside mail", "set_aside mail"});
  host.crash().at("2026-06-02T06:00:00Z").advance();
  CHECK(host.take().size() >= 2);
  const auto& sent = host.actions();
  REQUIRE(sent.size() >= 3);
  CHECK(sent[1].iteration == 1);
  CHECK(sent[2].iteration == 2);
  CHECK(sent[1].id.hash != sent[2].id.hash);
}

TEST_CASE("aside: of one journey so many, and the next one stays", "[engine][limits][S25]") {
  Limits limits;
  limits.messages_aside = 3;
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: sms, id: mail, while_held: aside}\n  - wait: 1m\n  - {goto: mail}\n",
      night, limits);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(run_to(host, "2026-06-02T05:59:59Z").empty());
  CHECK(host.told({"set_aside", "asides_full", "held_quiet_hours"}) ==
        Lines{"set_aside mail", "held_quiet_hours mail", "set_aside mail", "held_quiet_hours mail",
              "set_aside mail", "held_quiet_hours mail", "asides_full mail",
              "held_quiet_hours mail"});
  CHECK(host.statistics().asides_full == 1);
  host.crash();
  CHECK(host.statistics().asides_full == 1);
  CHECK(run_to(host, "2026-06-02T06:01:00Z") ==
        Lines{"2026-06-02T06:00:00Z mail", "2026-06-02T06:00:00Z mail", "2026-06-02T06:00:00Z mail",
              "2026-06-02T06:00:00Z mail", "2026-06-02T06:01:00Z mail"});
  // In the next night there is room again.
  host.told({});
  CHECK(run_to(host, "2026-06-02T19:30:00Z").size() > 3);
  CHECK(host.told({"set_aside", "asides_full"}) ==
        Lines{"set_aside mail", "set_aside mail", "set_aside mail", "asides_full mail"});
}

TEST_CASE("aside: from a strand, which need not wait for it", "[engine]") {
  const std::string_view join = GENERATE("all", "any");
  Host host(
      fmt::format("campaign: c\nentry: [{{event: go}}]\nsteps:\n"
                  "  - parallel:\n"
                  "      - steps: [{{send: sms, id: mail, while_held: aside}}, {{wait: 5m}}]\n"
                  "      - steps: [{{wait: 10m}}]\n"
                  "    join: {}\n"
                  "  - {{send: id, id: next}}\n",
                  join),
      night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(run_to(host, "2026-06-03T00:00:00Z") ==
        Lines{fmt::format("2026-06-01T20:{}:00Z next", join == "all" ? "10" : "05"),
              "2026-06-02T06:00:00Z mail"});
  CHECK(host.told({"finished"}) == Lines{"finished"});
}

TEST_CASE("aside: waits for its account, and gives its turn back when the journey is stopped",
          "[engine][S28]") {
  Host host(
      "campaign: c\nentry: [{event: go}]\nexits: [{event: out}]\nsteps:\n"
      "  - {send: id, id: mail, sender: anna, while_held: aside}\n  - {send: sms, id: next}\n",
      "workspace: shop\nchannels: {id: {address: contact.id}, sms: {address: contact.id}}\n"
      "senders: {anna: {channel: id, rate: 1/h}}\n");
  host.at("2026-06-01T10:00:00Z");
  for (const char* who : {"u1", "u2", "u3"}) host.event("go", {}, who);
  CHECK(host.take().empty());  // one of them need not step aside
  host.advance();
  REQUIRE(host.take().size() == 2);  // its mail, and its next
  host.after(1).advance();
  CHECK(host.take().size() == 2);  // of each other its next
  SECTION("one after the other") { CHECK(run_to(host, "2026-06-01T13:00:00Z").size() == 2); }
  SECTION("those that were stopped stand in nobody's way") {
    const std::string first = host.actions().front().contact;
    for (const char* who : {"u1", "u2"}) host.event("out", {}, who);
    const Lines later = run_to(host, "2026-06-01T13:00:00Z");
    CHECK(later.size() == (first == "u3" ? 0 : 1));
  }
}

TEST_CASE("aside: who moves to another zone is asked by the clock there", "[engine][S13]") {
  Host host(aside(), night);
  host.at("2026-06-01T20:00:00Z").event("go");
  CHECK(host.take().empty());
  host.after(1).identify({{"zone", "America/New_York"}});
  CHECK(host.take() == Lines{"mail"});
}

TEST_CASE("aside: a journey that lingers is in flight", "[engine][S26]") {
  Host host(aside("", "while_running: restart\n", ""), night);
  host.at("2026-06-01T20:00:00Z").event("go").after(1).event("go");
  CHECK(host.told({"entered", "lingers", "exited"}) ==
        Lines{"entered", "lingers", "exited (replaced)", "entered", "lingers"});
  CHECK(run_to(host, "2026-06-03T00:00:00Z") == Lines{"2026-06-02T06:00:00Z mail"});
}

TEST_CASE("aside: a journey whose message steps aside late stands in no line",
          "[engine][S14][S18]") {
  Limits limits;
  limits.messages_aside = 1;
  Host host(
      "campaign: c\nentry: [{event: go}]\nsteps:\n"
      "  - {send: id, id: a, sender: anna, while_held: aside}\n"
      "  - {send: id, id: b, sender: anna, while_held: aside}\n"
      "  - wait: 3d\n"
      "---\ncampaign: d\nentry: [{event: before}]\nsteps: [{send: id, id: d, sender: anna}]\n",
      "workspace: shop\nzone: Europe/Warsaw\nchannels: {id: {address: contact.id}}\n"
      "senders: {anna: {channel: id, rate: 1/h}}\n"
      "policy: {quiet_hours: {from: \"13:00\", to: \"14:00\", channels: [id]}}\n",
      limits);
  host.at("2026-06-01T09:30:00Z").event("before").advance();
  CHECK(host.take() == Lines{"d"});
  host.at("2026-06-01T10:00:00Z").event("go");
  CHECK(run_to(host, "2026-06-01T11:45:00Z") == Lines{"2026-06-01T10:30:00Z a"});
  CHECK(host.told({"set_aside", "asides_full"}) ==
        Lines{"set_aside a", "asides_full b", "set_aside b"});
  REQUIRE(load_pieces(pieces_of(host.engine()), host.options()));
  CHECK(run_to(host, "2026-06-01T13:00:00Z") == Lines{"2026-06-01T12:00:00Z b"});
}

}  // namespace itinera::test
