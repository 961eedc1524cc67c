// SPDX-License-Identifier: Apache-2.0
// Addresses that the host closes and opens.
#include "support/host.hpp"

namespace itinera::test {
namespace {

constexpr std::string_view campaign =
    "campaign: c\nwhile_running: another\nentry: [{event: go}]\nsteps:\n"
    "  - {send: email, id: mail, class: transactional}\n  - {send: id, id: next}\n"
    "  - wait: 30d\n";

Suppress closing(const Host& host, std::string_view address, bool listed = true,
                 std::string_view channel = "email") {
  return {channel, address, listed, {host.clock(), std::nullopt, {}, {}}};
}

}  // namespace

TEST_CASE("suppress: what the host lists gets nothing until it is opened again",
          "[engine][suppress]") {
  Host host(campaign);
  host.identify({{"email", "o@example.com"}});
  host.take_in(closing(host, "o@example.com")).crash().event("go");
  CHECK(host.take() == Lines{"next"});
  CHECK(host.told({"suppressed"}) == Lines{"suppressed (listed) mail"});
  host.after(1).take_in(closing(host, "o@example.com", false)).crash().event("go");
  CHECK(host.take() == Lines{"mail", "next"});
}

TEST_CASE("suppress: is about one address of one channel, whoever has it", "[engine][suppress]") {
  Host host(campaign);
  host.identify({{"email", "o@example.com"}}).identify({{"email", "o@example.com"}}, "twin");
  host.take_in(closing(host, "O@example.com"));
  host.take_in(closing(host, "o@example.com", true, "id"));
  host.event("go");
  CHECK(host.take() == Lines{"mail", "next"});
  host.after(1).take_in(closing(host, "o@example.com")).event("go", {}, "twin");
  CHECK(host.take() == Lines{"next@twin"});
}

TEST_CASE("suppress: takes back what is not taken yet", "[engine][suppress][S19]") {
  Host host(campaign);
  host.identify({{"email", "o@example.com"}}).event("go");
  host.take_in(closing(host, "o@example.com"));
  CHECK(host.take() == Lines{"next"});
  CHECK(host.told({"withdrawn_consent"}) == Lines{"withdrawn_consent (listed) mail"});
}

TEST_CASE("suppress: opens what a bounce has closed", "[engine][suppress]") {
  Host host(campaign);
  host.identify({{"email", "o@example.com"}}).event("go").take();
  host.after(1).report(Receipt::bounced, "mail").event("go");
  CHECK(host.take() == Lines{"next"});
  host.after(1).take_in(closing(host, "o@example.com", false)).event("go");
  CHECK(host.take() == Lines{"mail", "next"});
  CHECK(host.told({"address_suppressed", "address_opened"}) ==
        Lines{"address_suppressed (bounced)", "address_opened"});
}

TEST_CASE("suppress: saying it twice changes nothing; a message id is met once",
          "[engine][suppress][S4]") {
  Host host(campaign);
  Suppress message = closing(host, "a");
  message.envelope.message_id = "m1";
  host.take_in(message).take_in(closing(host, "a")).take_in(message);
  CHECK(host.told({"address_suppressed", "duplicate"}) ==
        Lines{"address_suppressed (listed)", "duplicate"});
  message.listed = false;
  CHECK(host.feed(message) == ErrorCode::conflict);
}

TEST_CASE("suppress: needs an address and a channel that there is", "[engine][suppress]") {
  Host host(campaign);
  CHECK(host.feed(closing(host, "")) == ErrorCode::invalid_argument);
  CHECK(host.feed(closing(host, "a", true, "fax")) == ErrorCode::invalid_argument);
}

TEST_CASE("suppress: the journal does not keep the address", "[engine][suppress]") {
  Host host(campaign);
  host.take_in(closing(host, "secret@example.com"));
  const std::string_view bytes = base::as_text(host.journal());
  CHECK(bytes.find("email") != std::string_view::npos);
  CHECK(bytes.find("secret") == std::string_view::npos);
}

}  // namespace itinera::test
