// SPDX-License-Identifier: Apache-2.0
#include "base/percent.hpp"

#include "support/catch.hpp"

using namespace itinera;
using base::parse_percent;
using base::percent_text;

TEST_CASE("percent: two decimals at most, in parts of ten thousand", "[base][percent]") {
  CHECK(parse_percent("5%").value() == 500);
  CHECK(parse_percent("2.5%").value() == 250);
  CHECK(parse_percent("0.05%").value() == 5);
  CHECK(parse_percent("0%").value() == 0);
  CHECK(parse_percent("100%").value() == 10'000);
  CHECK(parse_percent("999999.99%").value() == 99'999'999);
  for (const char* text : {"", "%", "5", ".5%", "5.%", "5.125%", "5%%", " 5%", "5 %", "-5%", "1e1%",
                           "1000000%", "5,5%"}) {
    INFO(text);
    CHECK_FALSE(parse_percent(text).has_value());
  }
  CHECK(parse_percent("x").error().message == "'x' is no percentage; write 5% or 2.5%");
}

TEST_CASE("percent: every text comes back", "[base][percent]") {
  CHECK(percent_text(500) == "5%");
  CHECK(percent_text(250) == "2.5%");
  CHECK(percent_text(5) == "0.05%");
  for (std::uint32_t n = 0; n <= 10'001; ++n) {
    const auto back = parse_percent(percent_text(n));
    if (!back || *back != n) FAIL(n);
  }
}
