// SPDX-License-Identifier: Apache-2.0
#include "calendar/system_zones.hpp"

#include "calendar/zones.hpp"
#include "support/catch.hpp"

namespace itinera::calendar {

TEST_CASE("All zones of the system are there, links among them", "[calendar][zones]") {
  CHECK(system_zones().size() > 400);
  for (const char* name : {"UTC", "Etc/UTC", "GMT", "Europe/Warsaw", "Poland", "US/Central",
                           "Asia/Calcutta", "Asia/Kolkata", "America/Argentina/Buenos_Aires"}) {
    INFO(name);
    CHECK(system_zones().find(name).has_value());
  }
  CHECK(zone("UTC") == ZoneIndex::utc);
  const Instant t = at("2026-07-01T00:00:00Z");
  CHECK(system_zones().offset_s(zone("US/Central"), t) == -5 * 3600);
  CHECK(system_zones().offset_s(zone("Asia/Calcutta"), t) == 19'800);
}

TEST_CASE("Names that are no zones are unknown", "[calendar][zones][S12]") {
  for (const char* name : {"", "Europe/Atlantis", "europe/berlin", "localtime", "posixrules",
                           "tzdata.zi", "../../etc/passwd"}) {
    INFO(name);
    CHECK_FALSE(system_zones().find(name).has_value());
  }
}

TEST_CASE("The table names the version of its data", "[calendar][zones]") {
  INFO(system_zones().version());
  CHECK(system_zones().version().size() >= 5);
  CHECK(system_zones().version() != "unknown");
}

TEST_CASE("Summer time goes on after the files' last year", "[calendar][zones]") {
  const auto offset_h = [](const char* name, const char* t) {
    return system_zones().offset_s(zone(name), at(t)) / 3600.0;
  };
  CHECK(offset_h("Europe/Berlin", "2050-07-01T00:00:00Z") == 2);
  CHECK(offset_h("Europe/Berlin", "2050-01-01T00:00:00Z") == 1);
  CHECK(offset_h("America/New_York", "2099-07-01T00:00:00Z") == -4);
  CHECK(offset_h("Australia/Lord_Howe", "2060-01-01T00:00:00Z") == 11);
  CHECK(offset_h("Australia/Lord_Howe", "2060-07-01T00:00:00Z") == 10.5);
  CHECK(offset_h("Europe/Dublin", "2060-07-01T00:00:00Z") == 1);
  CHECK(offset_h("Asia/Tokyo", "2060-07-01T00:00:00Z") == 9);
}

TEST_CASE("A zone's changes are in order, each changes something, two a year come after 2037",
          "[calendar][zones]") {
  for (std::size_t i = 0; i < system_zones().size(); ++i) {
    const auto changes = system_zones().transitions(static_cast<ZoneIndex>(i));
    INFO(system_zones().name(static_cast<ZoneIndex>(i)));
    for (std::size_t k = 1; k < changes.size(); ++k) {
      REQUIRE(changes[k - 1].from < changes[k].from);
      REQUIRE(changes[k - 1].offset_s != changes[k].offset_s);
    }
  }
  std::size_t after_2037 = 0;
  for (const ZoneTransition& change : system_zones().transitions(zone("Europe/Berlin"))) {
    if (change.from >= at("2038-01-01T00:00:00Z")) ++after_2037;
  }
  CHECK(after_2037 == 2 * (2100 - 2038 + 1));
}

}  // namespace itinera::calendar
