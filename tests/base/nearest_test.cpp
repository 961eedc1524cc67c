// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using itinera::base::did_you_mean;
using itinera::base::nearest;

TEST_CASE("nearest: finds the name that was probably meant", "[base][nearest]") {
  const std::vector<std::string> names{"email", "sms", "push", "reminder", "offer"};
  CHECK(nearest("emial", names) == "email");
  CHECK(nearest("Email", names) == "email");
  CHECK(nearest("remnder", names) == "reminder");
  CHECK(nearest("sm", names) == "sms");
  CHECK(nearest("reminders", names) == "reminder");
  CHECK(did_you_mean("ofer", names) == "did you mean 'offer'?");
}

TEST_CASE("nearest: suggests nothing where nothing is near", "[base][nearest]") {
  const std::vector<std::string> names{"email", "sms", std::string(65, 'x'), ""};
  CHECK(nearest("telegram", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("x", names).empty());
  CHECK(nearest(std::string(65, 'x'), names).empty());
  CHECK(did_you_mean("telegram", names).empty());
}

TEST_CASE("nearest: of two equally near names the first is taken", "[base][nearest]") {
  const std::vector<std::string> names{"step-1", "step-2"};
  CHECK(nearest("step-3", names) == "step-1");
  CHECK(nearest("step-2", names) == "step-2");
}
