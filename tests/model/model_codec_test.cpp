// SPDX-License-Identifier: Apache-2.0
#include "model/model_codec.hpp"

#include <cstdint>

#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

namespace {

// One of everything.
Campaign everything() {
  Campaign campaign =
      CampaignBuilder("all")
          .version(7)
          .topic("news")
          .priority(99)
          .zone("Asia/Tokyo")
          .note("n")
          .on_event("a", {.when = "true", .key = "event.k"})
          .by_host()
          .enter_by_segment("lapsed", {.change = Entry::Change::leaves,
                                       .existing = Entry::Existing::enter,
                                       .ramp = Ramp{3'600'000, 500}})
          .enter_by_date("contact.birthday", {.yearly = true,
                                              .offset = "-3d",
                                              .at = "08:30",
                                              .zone = "Asia/Tokyo",
                                              .when = "contact.x",
                                              .key = "contact.k"})
          .enter_by_schedule("FREQ=WEEKLY", {.segment = "lapsed",
                                             .at = "10:00",
                                             .zone = "UTC",
                                             .from = "2026-01-05",
                                             .ramp = Ramp{1, 2}})
          .entry_cap({.total = 10'000, .day = 45})
          .holdout("2.5%", "own")
          .exclusive("onboarding")
          .reentry_after("7d", true)
          .while_running(WhileRunning::another)
          .goal("g")
          .goal("h", {.trigger = replied("any"), .within = "1h", .exits = true})
          .exit_on(condition("contact.x"))
          .exit_on(entered("lapsed"))
          .exit_on(left("lapsed"))
          .exit_on(receipt(Receipt::complained, "s"), "contact.y")
          .exit_on(receipt("connected", "any"))
          .steps(cart_steps())
          .steps(Sequence()
                     .wait("P1M", {.anchor = Wait::Anchor::entry})
                     .wait_until("contact.birthday", {.offset = "-3d",
                                                      .at = "09:30",
                                                      .if_past = Wait::IfPast::skip,
                                                      .on_missing = Wait::OnMissing::skip,
                                                      .follow = true})
                     .send("email", {.id = "early",
                                     .at = "08:00",
                                     .prefer = Send::Prefer::cost,
                                     .escalate_after = "2h",
                                     .escalate_unless = "redeemed",
                                     .senders = {"anna", "ben"},
                                     .operation = "invite",
                                     .topic = "news",
                                     .message_class = MessageClass::transactional,
                                     .on_cap = Send::OnCap::hold,
                                     .expires = "2h",
                                     .on_skip = "exit",
                                     .on_expire = "early",
                                     .on_fail = "reminder",
                                     .confirm_within = "5m"})
                     .wait_until_time("09:00", {.days = "Mon-Fri", .zone = "Europe/Paris"})
                     .wait_until_inside("Sat,Sun 22:00-02:00")
                     .wait_business_days(3, {.days = "Mon-Sat"})
                     .wait_until_next("FREQ=WEEKLY", {.at = "09:00", .from = "2026-03-02"})
                     .wait_for_any({{.trigger = event("b"), .when = "event.x", .as = "b"},
                                    {.trigger = condition("contact.z")}},
                                   {.within = "1h",
                                    .since = "2h",
                                    .reset_on = clicked("any"),
                                    .reset_when = "true"})
                     .branch({{.when = "contact.x", .steps = Sequence().exit("why")}},
                             {.otherwise = Sequence().set({{"journey.a", "=1 + 1"}})})
                     .set({{"list", Value::List{1, 2.5, true}},
                           {"map", Value::Map{{"k", Timestamp{1, 2}}}},
                           {"none", Value()}})
                     .call("code", {.data = {{"n", 1}},
                                    .within = "1h",
                                    .retry = 3,
                                    .retry_after = "5m",
                                    .as = "code",
                                    .then = Sequence().send("sms"),
                                    .otherwise = Sequence().exit("no code")})
                     .task("Call them", {.team = "sales",
                                         .data = {{"n", "=contact.n"}},
                                         .as = "notes",
                                         .otherwise = Sequence().wait("1h")})
                     .grant_consent("email", {.topic = "news", .source = "web"})
                     .deny_consent("sms")
                     .digest("2h", {.sliding = true, .key = "event.n", .max = 7, .as = "list"})
                     .reach_goal("g", {.value = "1.5"})
                     .go_to("reminder", {.when = "contact.again", .max_visits = 3}))
          .build()
          .value();
  return campaign;
}

Workspace full_shop() {
  Workspace workspace = shop();
  workspace.segments = {{"lapsed", {"contact.x", {}}, {}}};
  workspace.schema.attributes = {{"tier", {FieldType::Kind::string}, true, {}},
                                 {"tags", {FieldType::Kind::list, FieldType::Kind::integer}}};
  workspace.schema.events = {{"a", {{"k", {FieldType::Kind::dyn}}}, {}}, {"b", {}, {}}};
  workspace.retain = {{{"a", 7, {}}}, {"tier"}};
  workspace.channels[0].consent = Channel::ConsentRule::opt_in;
  workspace.channels[2].consent = Channel::ConsentRule::opt_out;
  workspace.channels[1].cost = 0.04;
  workspace.channels[1].devices = {"mobile", "tablet"};
  workspace.channels[2].receipts = {"redeemed"};
  workspace.senders = {{.name = "anna",
                        .channel = "sms",
                        .quotas = {{"", 80}, {"invite", 20}},
                        .hours = Window{1, 2, {0x1F}},
                        .zone = "Asia/Tokyo",
                        .rate = 3,
                        .rate_per_ms = 60'000,
                        .warm_up = {20, 40},
                        .pace_from_ms = 5,
                        .pace_to_ms = 6},
                       {.name = "ben", .channel = "sms"}};
  const MessageFilter about{{"email", "sms"}, {"news"}, {"all"}};
  workspace.policy.quiet_hours = {{{1, 2, {0x1F}}, about, true, "Asia/Tokyo", {}}, {}};
  workspace.policy.caps = {{3, FrequencyCap::Per::rolling, 7, about, true, {}},
                           {.max = 1, .per = FrequencyCap::Per::month}};
  workspace.policy.holdout = {500, "h"};
  workspace.policy.exclusive = {{"onboarding", ExclusiveGroup::Meeting::refuse, {}}};
  return workspace;
}

base::Bytes bytes_of(const Campaign& campaign) {
  base::Bytes bytes;
  model::encode(full_shop(), std::vector<Campaign>{campaign, cart_recovery()}, bytes);
  return bytes;
}

base::Bytes encoded_again(const model::Model& model) {
  base::Bytes bytes;
  model::encode(model.workspace, model.campaigns, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("model codec: what is decoded is what was encoded", "[model][codec]") {
  const base::Bytes bytes = bytes_of(everything());
  const auto decoded = model::decode(bytes);
  REQUIRE(decoded);
  CHECK(encoded_again(*decoded) == bytes);
  REQUIRE(decoded->campaigns.size() == 2);
  CHECK(model::same_content(decoded->campaigns[0], everything()));
  CHECK(model::same_content(decoded->campaigns[1], cart_recovery()));
  CHECK_FALSE(model::same_content(decoded->campaigns[0], decoded->campaigns[1]));
  CHECK(decoded->workspace.channels.at(2).address.text == "contact.sms");
  CHECK(decoded->campaigns[0].goals.at(1).within_ms == 3'600'000);
  const Workspace& workspace = decoded->workspace;
  CHECK(workspace.segments.at(0).condition.text == "contact.x");
  CHECK(workspace.schema.attributes->at(0).may_be_absent);
  CHECK(to_text(workspace.schema.attributes->at(1).type) == "list(int)");
  CHECK(workspace.schema.events.at(0).properties.at(0).name == "k");
  CHECK(workspace.retain.events.at(0).window_ms == 7);
  CHECK(workspace.retain.attributes.at(0) == "tier");
  CHECK(workspace.channels.at(2).consent == Channel::ConsentRule::opt_out);
  CHECK(workspace.channels.at(1).cost == 0.04);
  CHECK(workspace.channels.at(1).devices == std::vector<std::string>{"mobile", "tablet"});
  REQUIRE(workspace.senders.size() == 2);
  const Sender& anna = workspace.senders.front();
  CHECK(anna.channel == "sms");
  CHECK(anna.quotas.at(1).operation == "invite");
  CHECK(anna.quotas.at(1).max == 20);
  CHECK(anna.hours == Window{1, 2, {0x1F}});
  CHECK(anna.zone == "Asia/Tokyo");
  CHECK(anna.rate == 3);
  CHECK(anna.rate_per_ms == 60'000);
  CHECK(anna.warm_up == std::vector<std::uint32_t>{20, 40});
  CHECK(anna.pace_from_ms == 5);
  CHECK(anna.pace_to_ms == 6);
  CHECK_FALSE(workspace.senders[1].hours.has_value());
  const Policy& policy = workspace.policy;
  CHECK(policy.quiet_hours.at(0).window == Window{1, 2, {0x1F}});
  CHECK(policy.quiet_hours.at(0).about.topics == std::vector<std::string>{"news"});
  CHECK(policy.quiet_hours.at(0).holidays);
  CHECK(policy.caps.at(0).per_ms == 7);
  CHECK(policy.caps.at(1).per == FrequencyCap::Per::month);
  CHECK(policy.holdout.share == 500);
  CHECK(policy.exclusive.at(0).meeting == ExclusiveGroup::Meeting::refuse);
  CHECK(decoded->campaigns[0].holdout.share == 250);
  CHECK(decoded->campaigns[0].exclusive == "onboarding");
}

TEST_CASE("model codec: a step's bytes are those of docs/durability.md", "[model][codec]") {
  const auto size_with = [](const Sequence& steps) { return bytes_of(with_steps(steps)).size(); };
  CHECK(size_with(Sequence().send("sms", {.id = "s"})) - size_with(Sequence()) == 82);
  std::string expected("\1\0\0\0s\1\0\0\0\0\0\0\0\0\0\0\3\0\0\0sms", 23);
  expected.resize(70, '\0');
  const base::Bytes bytes = bytes_of(with_steps(Sequence().send("sms", {.id = "s"})));
  CHECK(base::as_text(bytes).find(expected) != std::string_view::npos);
}

TEST_CASE("model codec: places in files make no difference", "[model][codec]") {
  CHECK(bytes_of(placed(everything())) == bytes_of(everything()));
}

TEST_CASE("model codec: any campaign cut short is damaged", "[model][codec][hostile]") {
  const base::Bytes bytes = bytes_of(everything());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = model::decode(base::ByteView(bytes).first(size));
    REQUIRE_FALSE(decoded);
    REQUIRE(decoded.error().code == ErrorCode::damaged_journal);
  }
}

TEST_CASE("model codec: bytes left over are damage", "[model][codec][hostile]") {
  base::Bytes bytes = bytes_of(everything());
  bytes.push_back(std::byte{0});
  REQUIRE_FALSE(model::decode(bytes));
}

TEST_CASE("model codec: a newer version is told from damage", "[model][codec]") {
  base::Bytes bytes = bytes_of(everything());
  bytes[0] = std::byte{model::model_version + 1};
  const auto decoded = model::decode(bytes);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == ErrorCode::unsupported_version);
  bytes[0] = std::byte{0};
  CHECK(model::decode(bytes).error().code == ErrorCode::damaged_journal);
}

TEST_CASE("model codec: what it accepts of mutated bytes encodes to the same bytes",
          "[model][codec][hostile]") {
  const base::Bytes bytes = bytes_of(everything());
  std::uint64_t state = 42;
  const auto random = [&](std::uint64_t below) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    return (state >> 33) % below;
  };
  int accepted = 0;
  for (int round = 0; round < 5'000; ++round) {
    base::Bytes mutated = bytes;
    for (std::uint64_t i = 0; i <= random(3); ++i) {
      mutated[random(mutated.size())] = static_cast<std::byte>(random(256));
    }
    mutated[0] = bytes[0];  // older ones are written as the newest
    mutated[1] = bytes[1];
    const auto decoded = model::decode(mutated);
    if (!decoded) continue;
    ++accepted;
    REQUIRE(encoded_again(*decoded) == mutated);
  }
  CHECK(accepted > 0);
}

TEST_CASE("model codec: a count that is not followed by its members costs nothing",
          "[model][codec][hostile]") {
  base::Bytes bytes;
  base::Writer writer(bytes);
  writer.number(model::model_version);
  writer.text("shop");
  writer.text("UTC");
  writer.number(std::uint32_t{0xFFFFFFFF});
  REQUIRE_FALSE(model::decode(bytes));
}

TEST_CASE("model codec: steps nested too deep are refused, however few bytes they take",
          "[model][codec][hostile]") {
  const auto nested = [](std::uint32_t levels) {
    Steps steps;
    for (std::uint32_t i = 1; i < levels; ++i) {
      Step step;
      step.kind = Branch{{}, std::exchange(steps, {})};
      steps.push_back(std::move(step));
    }
    Campaign campaign = cart_recovery();
    campaign.steps = std::move(steps);
    return campaign;
  };
  const Campaign deepest = nested(model::nesting_max);
  CHECK(model::decode(bytes_of(deepest)));
  CHECK_FALSE(model::nested_deeper_than(deepest.steps, model::nesting_max));
  const Campaign deeper = nested(model::nesting_max + 1);
  CHECK_FALSE(model::decode(bytes_of(deeper)));
  CHECK(model::nested_deeper_than(deeper.steps, model::nesting_max));
}
