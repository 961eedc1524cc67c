// SPDX-License-Identifier: Apache-2.0
#include "itinera/campaign_builder.hpp"

#include "model/sample.hpp"
#include "support/catch.hpp"

using namespace itinera;
using namespace itinera::test;

TEST_CASE("builder: makes what it is told", "[model][builder]") {
  const Campaign campaign = cart_recovery();
  CHECK(campaign.name == "cart-recovery");
  CHECK(campaign.version == 3);
  CHECK(campaign.reentry.kind == Reentry::Kind::after);
  CHECK(campaign.reentry.after_ms == 7 * 86'400'000LL);
  REQUIRE(campaign.steps.size() == 5);
  CHECK(std::get<Wait::For>(std::get<Wait>(campaign.steps[0].kind).form).period ==
        Period{0, 0, 3'600'000});
  const auto& reminder = std::get<Send>(campaign.steps[1].kind);
  CHECK(campaign.steps[1].named);
  CHECK(reminder.data[0].expression.text == "entry.total");
  CHECK(reminder.data[2].literal == Value("spring"));
  const auto& wait = std::get<WaitFor>(campaign.steps[2].kind);
  CHECK_FALSE(campaign.steps[2].named);
  CHECK(campaign.steps[2].id == "wait_for-1");
  CHECK(wait.within_ms == 86'400'000);
  CHECK(wait.otherwise.at(0).id == "send-3");
}

TEST_CASE("builder: every text that cannot be read is in the error", "[model][builder]") {
  const auto built = CampaignBuilder("c")
                         .on_event("e")
                         .reentry_after("soon")
                         .holdout("a tenth")
                         .steps(Sequence()
                                    .wait("1 hour")
                                    .wait("1d", {.days = "Mon"})
                                    .branch({{"true", Sequence().wait_until_time("25:00")}},
                                            {.otherwise = Sequence().wait_until_inside("9-5")}))
                         .build();
  REQUIRE_FALSE(built);
  for (const char* text : {"a tenth", "soon", "1 hour", "Mon", "25:00", "9-5"}) {
    CAPTURE(built.error().message, text);
    CHECK(built.error().message.find(text) != std::string::npos);
  }
}

TEST_CASE("builder: steps nested too deep are an error", "[model][builder]") {
  Sequence steps;
  for (int i = 0; i < 64; ++i) steps = Sequence().branch({}, {.otherwise = steps});
  const auto built = CampaignBuilder("c").steps(steps).build();
  REQUIRE_FALSE(built);
  CHECK(built.error().code == ErrorCode::too_large);
}
