// SPDX-License-Identifier: Apache-2.0
// What a host that is gone has left undone: actions that are offered again, and leases.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "itinera/campaign_builder.hpp"
#include "itinera/runtime.hpp"
#include "record/frame.hpp"
#include "runtime/leases.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;  // NOLINT(google-build-using-namespace): a test of many of its names

constexpr Instant start{1'772'442'000'000};  // 2026-03-02T09:00:00Z

using Lines = std::vector<std::string>;

std::string to_line(const Action& action) {
  return std::string(action.step) + "@" + std::string(action.contact) + " " +
         std::string(action.address) + (action.maybe_executed ? " perhaps" : "");
}

class Sink final : public Runtime::Sink {
 public:
  void act(std::span<const Action> given) override {
    for (const Action& action : given) {
      lines.push_back(to_line(action));
      ids.push_back(action.id);
    }
  }
  Lines take() { return std::exchange(lines, {}); }
  Lines lines;
  std::vector<ActionId> ids;
};

// One e-mail at once, one after an hour.
Campaign welcome() {
  const auto campaign =
      CampaignBuilder("welcome")
          .on_event("signed_up")
          .steps(
              Sequence().send("email", {.id = "hello"}).wait("1h").send("email", {.id = "again"}))
          .build();
  if (!campaign) FAIL(campaign.error().message);
  return *campaign;
}

// A store that outlives the runtimes that open it.
struct Host {
  explicit Host(Delivery delivery = Delivery::known) { open(delivery); }

  Runtime& open(Delivery delivery = Delivery::known) {
    runtime.reset();
    static const std::shared_ptr<const ZoneTable> zones = load_zones().value();
    auto opened =
        Runtime::open(memory_store(disk), {.limits = {}, .zones = zones}, {.delivery = delivery});
    if (!opened) FAIL(opened.error().message);
    runtime = std::make_unique<Runtime>(std::move(*opened));
    if (runtime->engine().now() > earliest_instant) return *runtime;
    Workspace workspace;
    workspace.name = "shop";
    Channel email;
    email.name = "email";
    email.address.text = "contact.email";
    email.consent = Channel::ConsentRule::opt_out;
    workspace.channels.push_back(email);
    const Campaign campaigns[] = {welcome()};
    const auto published = runtime->publish(workspace, campaigns, start);
    if (!published) FAIL(published.error().message);
    return *runtime;
  }
  void signs_up(const std::string& who, Instant at) {
    const Properties mail{{"email", who + "@example.com"}};
    Identify identify;
    identify.contact = who;
    identify.attributes = mail;
    identify.envelope.received = at;
    Event event;
    event.name = "signed_up";
    event.contact = who;
    event.envelope.received = at;
    const Input inputs[] = {identify, event};
    const auto fed = runtime->feed(inputs);
    REQUIRE(fed);
    REQUIRE(fed->empty());
  }
  void refuses(const std::string& who, Instant at) {
    const Consent no[] = {{"email", "", false, {}}};
    Identify identify;
    identify.contact = who;
    identify.consents = no;
    identify.envelope.received = at;
    const Input input = identify;
    REQUIRE(runtime->feed({&input, 1}));
  }
  Lines poll(Instant now, std::int64_t lease_ms = minute_ms, std::size_t max = 100) {
    const auto polled = runtime->poll(now, lease_ms, max);
    if (!polled) FAIL(polled.error().message);
    Lines lines;
    ids.clear();
    for (const Action& action : *polled) {
      lines.push_back(to_line(action));
      ids.push_back(action.id);
    }
    return lines;
  }
  Lines advance(Instant t) {
    REQUIRE(runtime->advance_to(t, sink));
    return sink.take();
  }
  [[nodiscard]] Report a_report(const ActionId& action, Instant at) const {
    Report report;
    report.action = action;
    report.envelope.received = at;
    return report;
  }

  std::shared_ptr<MemoryDisk> disk = memory_disk();
  std::unique_ptr<Runtime> runtime;
  Sink sink;
  std::vector<ActionId> ids;  // of the newest poll
};

}  // namespace

TEST_CASE("delivery: what was lost between commit and act is offered again, if it is asked for",
          "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  REQUIRE(host.runtime->advance_to(start + 1));  // taken, and durable when the runtime is gone
  CHECK(host.runtime->engine().statistics().actions_open == 1);
  SECTION("again and again") {
    for (int i = 0; i < 3; ++i) {
      host.open();
      CHECK(host.advance(start + 1) == Lines{"hello@ann ann@example.com perhaps"});
    }
    CHECK(std::adjacent_find(host.sink.ids.begin(), host.sink.ids.end(), std::not_equal_to<>()) ==
          host.sink.ids.end());
  }
  SECTION("by the first call, at the instant at which the journal ends") {
    host.open();
    CHECK(host.runtime->engine().now().ms == start.ms);  // that of the newest frame
    REQUIRE(host.runtime->feed({}));
    CHECK(host.runtime->engine().statistics().actions_waiting == 1);
    CHECK(host.runtime->engine().now().ms == start.ms);
    host.signs_up("bob", start + minute_ms);
    REQUIRE(host.runtime->commit(host.sink));
    CHECK(host.sink.take() == Lines{"hello@ann ann@example.com perhaps"});
    CHECK(host.advance(start + minute_ms) == Lines{"hello@bob bob@example.com"});
  }
  SECTION("until it is acknowledged") {
    host.open();
    CHECK(host.advance(start + 1).size() == 1);
    REQUIRE(host.runtime->acknowledge());
    CHECK(host.runtime->engine().statistics().actions_open == 0);
    host.open();
    CHECK(host.advance(start + 1).empty());
  }
  SECTION("until something is reported of it") {
    host.open();
    CHECK(host.advance(start + 1).size() == 1);
    REQUIRE(host.runtime->report(host.a_report(host.sink.ids.front(), start + 2)));
    host.open();
    CHECK(host.advance(start + 2).empty());
  }
  SECTION("not if that is reported while it waits for a sink") {
    host.open();
    CHECK(host.advance(start + 1).size() == 1);
    host.open();
    REQUIRE(host.runtime->advance_to(start + 2));  // offered again, and taken
    REQUIRE(host.runtime->report(host.a_report(host.sink.ids.front(), start + 3)));
    CHECK(host.advance(start + 4).empty());
  }
  SECTION("not to who asks for nothing, and then never more") {
    host.open(Delivery::once);
    CHECK(host.advance(start + 1).empty());
    CHECK_FALSE(host.runtime->engine().keeps_taken());
    host.open();
    CHECK(host.advance(start + 1).empty());
  }
  SECTION("not to who has refused it meanwhile") {
    host.open();
    host.refuses("ann", start + 2);
    CHECK(host.advance(start + 3) == Lines{"hello@ann ann@example.com perhaps"});
    host.open();
    CHECK(host.advance(start + 3).empty());
    CHECK(host.runtime->engine().statistics().outcomes_unknown == 1);
  }
}

TEST_CASE("delivery: a host that asks for nothing has the journal that it had", "[runtime][S32]") {
  Host host(Delivery::once);
  host.signs_up("ann", start);
  CHECK(host.advance(start).size() == 1);
  CHECK_FALSE(host.runtime->engine().keeps_taken());
  CHECK(host.runtime->engine().statistics().actions_open == 0);
  CHECK(host.runtime->engine().statistics().inputs == 3);  // the publication, and two
  REQUIRE(host.runtime->acknowledge());
  CHECK(host.runtime->engine().statistics().inputs == 3);
  const auto polled = host.runtime->poll(start, minute_ms, 1);
  REQUIRE_FALSE(polled);
  CHECK(polled.error().code == ErrorCode::invalid_argument);
}

TEST_CASE("delivery: what is acknowledged is what sinks were given, and no more",
          "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  REQUIRE(host.runtime->advance_to(start + 1, host.sink));
  host.signs_up("bob", start + 2);
  REQUIRE(host.runtime->advance_to(start + 3));  // waits for a sink
  REQUIRE(host.runtime->acknowledge());
  CHECK(host.runtime->engine().statistics().actions_open == 1);
  host.sink.take();
  host.open();
  CHECK(host.advance(start + 3) == Lines{"hello@bob bob@example.com perhaps"});
}

TEST_CASE("lease: actions are polled a few at a time, and once", "[runtime][S32]") {
  Host host;
  for (const char* const who : {"ann", "bob", "eve"}) host.signs_up(who, start);
  CHECK(host.poll(start, minute_ms, 0).empty());
  const Lines first = host.poll(start, minute_ms, 2);
  CHECK(first.size() == 2);
  const Lines rest = host.poll(start + 1, minute_ms, 2);
  CHECK(rest.size() == 1);
  CHECK(std::find(first.begin(), first.end(), rest.front()) == first.end());
  CHECK(host.poll(start + 2).empty());
  CHECK(host.runtime->engine().statistics().actions_open == 3);
}

TEST_CASE("lease: what was left waiting is not given to who has refused it or is gone since",
          "[runtime][S19][S32]") {
  Host host;
  for (const char* const who : {"ann", "bob", "eve"}) host.signs_up(who, start);
  const Lines first = host.poll(start, minute_ms, 1);
  REQUIRE(first.size() == 1);
  Lines left;
  std::vector<std::string> others;
  for (const std::string who : {"ann", "bob", "eve"}) {
    const std::string line = "hello@" + who + " " + who + "@example.com";
    if (line == first.front()) continue;
    left.push_back(line);
    others.push_back(who);
  }
  const Statistics& counts = host.runtime->engine().statistics();
  REQUIRE(counts.actions_open == 3);
  SECTION("nothing came: both are given") {
    Lines given = host.poll(start + 1);
    std::sort(given.begin(), given.end());
    CHECK(given == left);
  }
  SECTION("one has refused it, and that is told") {
    host.refuses(others[0], start + 1);
    CHECK(host.poll(start + 2) == Lines{left[1]});
    CHECK(counts.outcomes_unknown == 1);
    CHECK(counts.actions_open == 2);
    CHECK(host.poll(start + 3).empty());
  }
  SECTION("one was forgotten") {
    const Input forget = Forget{others[1], {start + 1, {}, {}, {}}};
    REQUIRE(host.runtime->feed({&forget, 1}));
    CHECK(host.poll(start + 2) == Lines{left[0]});
    host.signs_up(others[1], start + 3);  // somebody of the same id is somebody else
    CHECK(host.poll(start + 4) == Lines{left[1]});
    CHECK(host.poll(start + 5).empty());
  }
  SECTION("and what is left over and over is asked for each time") {
    CHECK(host.poll(start + 1, minute_ms, 1).size() == 1);
    for (const std::string& who : others) host.refuses(who, start + 2);
    CHECK(host.poll(start + 3).empty());
    CHECK(counts.outcomes_unknown == 1);  // the other one has been given
  }
}

TEST_CASE("lease: one that ends offers its action again, to the millisecond", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  CHECK(host.poll(start, minute_ms) == Lines{"hello@ann ann@example.com"});
  const ActionId id = host.ids.front();
  CHECK(host.poll(start + minute_ms - 1, minute_ms).empty());
  CHECK(host.poll(start + minute_ms, hour_ms) == Lines{"hello@ann ann@example.com perhaps"});
  CHECK(host.ids.front() == id);
  CHECK(host.poll(start + 2 * minute_ms, minute_ms).empty());
  SECTION("a late report ends the newer lease") {
    REQUIRE(host.runtime->report(host.a_report(id, start + 3 * minute_ms)));
    CHECK(host.poll(start + 2 * hour_ms, minute_ms) == Lines{"again@ann ann@example.com"});
    CHECK(host.runtime->engine().statistics().actions_open == 1);
  }
  SECTION("and so does one that is fed as any other input") {
    const Input report = host.a_report(id, start + 3 * minute_ms);
    REQUIRE(host.runtime->feed({&report, 1}));
    CHECK(host.poll(start + 2 * hour_ms, minute_ms) == Lines{"again@ann ann@example.com"});
  }
  SECTION("without one it comes for the third time") {
    CHECK(host.poll(start + 2 * hour_ms, minute_ms) ==
          Lines{"again@ann ann@example.com", "hello@ann ann@example.com perhaps"});
  }
  SECTION("not to who has refused it") {
    host.refuses("ann", start + 3 * minute_ms);
    CHECK(host.poll(start + 2 * hour_ms, minute_ms).empty());
    CHECK(host.runtime->engine().statistics().outcomes_unknown == 1);
  }
}

TEST_CASE("lease: one that ends beyond the end of time offers its action there", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  const Instant beyond{INT64_MAX};
  Lines given = GENERATE(true, false) ? host.advance(beyond) : host.poll(beyond);
  std::sort(given.begin(), given.end());
  CHECK(given == Lines{"again@ann ann@example.com", "hello@ann ann@example.com perhaps"});
  CHECK(host.runtime->engine().now() == latest_instant);
}

TEST_CASE("lease: however many are not wanted any more, no frame speaks of more than some",
          "[runtime][S32]") {
  constexpr std::size_t chunk = 4'096;
  Host host;
  for (std::size_t i = 0; i < chunk + 10; ++i) host.signs_up(std::to_string(i), start);
  host.poll(start, minute_ms, 1);
  for (std::size_t i = 0; i < chunk + 10; ++i) host.refuses(std::to_string(i), start + 1);
  CHECK(host.poll(start + 2).empty());
  CHECK(host.runtime->engine().statistics().outcomes_unknown == chunk + 9);
  REQUIRE(host.runtime->commit(host.sink));
  std::size_t most = 0;
  const auto groups = host.runtime->journal(0, 1u << 30).value();
  for (const JournalGroup& group : groups) {
    record::FrameReader reader(group.frames);
    record::Frame frame;
    while (reader.next(frame) == record::FrameReader::Outcome::frame) {
      if (frame.kind == record::InputKind::reoffer) most = std::max(most, frame.input.size());
    }
  }
  CHECK(most >= chunk * 16);
  CHECK(most < (chunk + 1) * 16);
}

TEST_CASE("lease: what is reported between its end and the next poll is not given again",
          "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  const ActionId id = host.ids.front();
  REQUIRE(host.runtime->advance_to(start + minute_ms));  // offered again, taken, and not polled yet
  CHECK(host.runtime->engine().statistics().actions_reoffered == 1);
  REQUIRE(host.runtime->report(host.a_report(id, start + minute_ms + 1)));
  CHECK(host.poll(start + minute_ms + 2).empty());
}

TEST_CASE("lease: some of those that are out end, and the others go on", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  host.signs_up("bob", start + 1);
  host.poll(start + 1, hour_ms);
  CHECK(host.poll(start + minute_ms) == Lines{"hello@ann ann@example.com perhaps"});
}

TEST_CASE("lease: a report is the same however often it comes", "[runtime][S4][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  Report report = host.a_report(host.ids.front(), start + 1);
  report.receipt = Receipt::failed;
  REQUIRE(host.runtime->report(report));
  const Statistics& counts = host.runtime->engine().statistics();
  CHECK(counts.duplicates == 0);
  report.envelope.received = start + 2;
  REQUIRE(host.runtime->report(report));
  CHECK(counts.duplicates == 1);
  report.retry = false;  // another one
  REQUIRE(host.runtime->report(report));
  CHECK(counts.duplicates == 1);
  const Properties data{{"why", "full"}};
  report.data = data;
  REQUIRE(host.runtime->report(report));
  CHECK(counts.duplicates == 1);
  report.envelope.message_id = "m1";
  report.data = {};
  REQUIRE(host.runtime->report(report));
  CHECK(counts.duplicates == 1);
  REQUIRE(host.runtime->report(report));
  CHECK(counts.duplicates == 2);
}

TEST_CASE("lease: a report of no known action is refused", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  const auto refused = host.runtime->report(host.a_report({{1, 2}}, start + 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unknown_action);
  CHECK(host.runtime->engine().statistics().reports_unmatched == 0);
}

TEST_CASE("lease: who has leases acknowledges nothing as a whole", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, minute_ms);
  const auto done = host.runtime->acknowledge();
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::invalid_argument);
  CHECK_FALSE(host.runtime->poll(start, 0, 1));
}

TEST_CASE("lease: after a crash what was leased comes from whoever opens the store",
          "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  host.poll(start, hour_ms);
  const ActionId id = host.ids.front();
  host.open();
  CHECK(host.poll(start + 1, minute_ms) == Lines{"hello@ann ann@example.com perhaps"});
  CHECK(host.ids.front() == id);
}

TEST_CASE("lease: they end in the order of their ends", "[runtime]") {
  runtime::Leases leases;
  const ActionId a{{1, 1}};
  const ActionId b{{2, 2}};
  CHECK(leases.idle());
  leases.offer(a);
  CHECK(leases.empty());
  CHECK_FALSE(leases.idle());
  leases.begin(a, start + 2);
  leases.begin(b, start + 1);
  CHECK_FALSE(leases.is_offered(a));
  CHECK(leases.end_by(start).empty());
  CHECK(leases.end_by(start + 2) == std::vector<ActionId>{b, a});
  CHECK(leases.idle());
  leases.begin(a, start + 1);
  leases.begin(a, start + 5);  // anew
  CHECK(leases.end_by(start + 4).empty());
  leases.settle(a);
  CHECK(leases.end_by(start + 9).empty());
}

TEST_CASE("delivery: a lease that ends disturbs no other one", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start);
  CHECK(host.poll(start, minute_ms) == Lines{"hello@ann ann@example.com"});
  host.signs_up("bob", start + 1);
  CHECK(host.poll(start + 1, hour_ms) == Lines{"hello@bob bob@example.com"});
  Forget forget;
  forget.contact = "ann";
  forget.envelope.received = start + 2;
  const Input input = forget;
  REQUIRE(host.runtime->feed({&input, 1}));
  CHECK(host.poll(start + 2 * minute_ms).empty());  // ann is gone, and bob's is being done
}

TEST_CASE("delivery: a clock that is behind the journal is given all the same", "[runtime][S32]") {
  Host host;
  host.signs_up("ann", start + hour_ms / 2);
  CHECK(host.poll(start + hour_ms / 2) == Lines{"hello@ann ann@example.com"});
  host.open();
  CHECK(host.poll(start) == Lines{"hello@ann ann@example.com perhaps"});
}

TEST_CASE("delivery: what a refusal lets go that a take meets is handed out with it",
          "[runtime][S19]") {
  Host host;
  Workspace workspace;
  workspace.name = "shop";
  for (const char* const name : {"email", "sms"}) {
    Channel& channel = workspace.channels.emplace_back();
    channel.name = name;
    channel.address.text = "contact.email";
    channel.consent = Channel::ConsentRule::opt_out;
  }
  workspace.policy.caps.push_back({.max = 1, .per_ms = day_ms});
  const auto campaign = CampaignBuilder("both")
                            .on_event("signed_up")
                            .steps(Sequence()
                                       .send("email", {.id = "mail"})
                                       .send("sms", {.id = "text", .on_cap = Send::OnCap::hold}))
                            .build();
  REQUIRE(campaign);
  REQUIRE(host.runtime->publish(workspace, {&*campaign, 1}, start));
  host.signs_up("ann", start);
  host.refuses("ann", start);
  CHECK(host.advance(start) == Lines{"text@ann ann@example.com"});
}
