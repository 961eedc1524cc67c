// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "base/civil_value.hpp"
#include "support/catch.hpp"

namespace {

using namespace itinera;

TEST_CASE("timestamps and durations as JSON", "[base][value]") {
  CHECK(to_json(Timestamp{1'772'445'600, 0}) == "\"2026-03-02T10:00:00Z\"");
  CHECK(to_json(Timestamp{1'772'445'600, 500'000'000}) == "\"2026-03-02T10:00:00.5Z\"");
  CHECK(to_json(Timestamp{-1, 1}) == "\"1969-12-31T23:59:59.000000001Z\"");
  CHECK(to_json(TimeSpan{3, 500'000'000}) == "\"3.5s\"");
  CHECK(to_json(TimeSpan{0, -1}) == "\"-0.000000001s\"");
}

TEST_CASE("no numbers in a timestamp or a duration overflow", "[base][value]") {
  CHECK(to_json(Timestamp{INT64_MAX, INT32_MAX}) == "\"9999-12-31T23:59:59.999999999Z\"");
  CHECK(to_json(Timestamp{INT64_MIN, INT32_MIN}) == "\"0001-01-01T00:00:00Z\"");
  CHECK(to_json(TimeSpan{INT64_MAX, INT32_MAX}) == "\"315537897598.999999999s\"");
  CHECK(to_json(TimeSpan{INT64_MIN, INT32_MIN}) == "\"-315537897598.999999999s\"");
}

}  // namespace
