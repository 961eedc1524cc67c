// SPDX-License-Identifier: Apache-2.0
// Calls that are asked for again: in loops, in parallels, and what is answered meanwhile.
#include <fmt/format.h>

#include "support/host.hpp"

namespace itinera::test {
namespace {

std::string calling(std::string_view steps) {
  return fmt::format("campaign: a\nentry: [{{event: go}}]\nsteps:\n{}", steps);
}

const std::string left_behind = calling(
    "  - id: both\n    join: any\n    parallel:\n"
    "      - steps:\n          - {wait: 1m}\n"
    "          - {call: x, id: x, within: 1h, retry: {times: 3, after: 5m}}\n"
    "      - steps: [{wait: 10m}]\n"
    "  - {wait: 24h}\n  - {goto: both}\n");

}  // namespace

TEST_CASE("retry: a call that was left behind begins anew when it is met again",
          "[engine][retry][S25]") {
  Host host(left_behind);
  host.event("go").after(minute_ms).advance();
  CHECK(host.take() == Lines{"x"});
  host.after(minute_ms).report(Receipt::failed, "x");
  host.after(5 * minute_ms).advance();
  CHECK(host.take() == Lines{"x"});
  host.after(3 * minute_ms).advance();
  CHECK(host.told({"joined", "left_behind"}).size() == 2);

  host.after(day_ms).advance().after(minute_ms).advance();
  CHECK(host.take() == Lines{"x"});
  CHECK(host.action("x").iteration == 1);
  CHECK(host.action("x").attempt == 0);
  host.crash().after(minute_ms).report(Receipt::failed, "x");
  host.crash().after(5 * minute_ms).advance();
  CHECK(host.take() == Lines{"x"});
  CHECK(host.action("x").attempt == 1);
}

TEST_CASE("retry: an answer at the instant of the next attempt is one", "[engine][retry][S1]") {
  const Receipt said = GENERATE(Receipt::completed, Receipt::failed);
  Host host(
      calling("  - call: x\n    id: x\n    within: 1h\n    retry: {times: 3, after: 5m}\n"
              "    then: [{send: id, id: good}]\n    else: [{send: id, id: bad}]\n"));
  host.event("go").take();
  host.report(Receipt::failed, "x").take();
  host.at(*host.next_deadline());
  Report report = host.a_report(said, host.action("x").id);
  report.retry = false;
  host.take_in(report);
  CHECK(host.take() == Lines{said == Receipt::completed ? "good" : "bad"});
  host.crash().after(hour_ms).advance();
  CHECK(host.take().empty());
}

TEST_CASE("retry: an answer at the deadline is none, though an attempt was to come there",
          "[engine][retry][S1]") {
  Host host(
      calling("  - call: x\n    id: x\n    within: 1h\n    retry: {times: 3, after: 50m}\n"
              "    then: [{send: id, id: good}]\n    else: [{send: id, id: bad}]\n"));
  host.event("go").take();
  host.after(30 * minute_ms).report(Receipt::failed, "x");
  host.after(30 * minute_ms).report(Receipt::completed, "x").advance();
  CHECK(host.take() == Lines{"bad"});
}

TEST_CASE("retry: what answers an earlier visit is none, whether an attempt is to come or not",
          "[engine][retry][S25]") {
  const bool pending = GENERATE(true, false);
  Host host(
      calling("  - call: x\n    id: x\n    within: 1h\n    retry: {times: 3, after: 5m}\n"
              "    then: [{send: id, id: good}]\n  - {wait: 24h}\n  - {goto: x}\n"));
  host.event("go").take();
  const ActionId first = host.action("x").id;
  host.after(hour_ms).advance().after(day_ms).advance();
  CHECK(host.take() == Lines{"x"});
  if (pending) host.report(Receipt::failed, "x");
  host.after(minute_ms).take_in(host.a_report(Receipt::completed, first));
  CHECK(host.take().empty());
  host.report(Receipt::completed, "x");
  CHECK(host.take() == Lines{"good"});
}

TEST_CASE("retry: an answer takes back the attempt that was not taken yet",
          "[engine][retry][S28]") {
  const Receipt said = GENERATE(Receipt::completed, Receipt::failed);
  Host host(
      calling("  - call: x\n    id: x\n    within: 1h\n    retry: {times: 3, after: 5m}\n"
              "    then: [{send: id, id: good}]\n    else: [{send: id, id: bad}]\n"
              "  - {wait: 1d}\n"));
  host.event("go").take();
  const ActionId first = host.action("x").id;
  host.report(Receipt::failed, "x").after(5 * minute_ms).advance();
  if (said == Receipt::completed) host.crash();
  Report report = host.a_report(said, first);
  report.retry = false;
  host.take_in(report);
  if (said == Receipt::completed) {
    CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit x"});
    CHECK(host.take() == Lines{"good"});
    CHECK(host.statistics().actions_withdrawn == 1);
    host.crash().stop("a");  // which takes back nothing twice
    CHECK(host.take().empty());
    CHECK(host.statistics().actions_withdrawn == 1);
  } else {  // an attempt is under way
    CHECK(host.take() == Lines{"x"});
  }
}

TEST_CASE("retry: what was taken back is not taken back again when the journey ends",
          "[engine][retry][S28]") {
  Host host(
      calling("  - {call: x, id: x, within: 1h, retry: {times: 3, after: 5m}}\n"
              "  - {send: id, id: mail}\n  - {wait: 1d}\n"));
  host.event("go").take();
  const ActionId first = host.action("x").id;
  host.report(Receipt::failed, "x").after(5 * minute_ms).advance();
  host.take_in(host.a_report(Receipt::completed, first)).stop("a").crash();
  CHECK(host.told({"withdrawn_exit"}) == Lines{"withdrawn_exit x", "withdrawn_exit mail"});
  CHECK(host.take().empty());
}

}  // namespace itinera::test
