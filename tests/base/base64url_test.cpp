// SPDX-License-Identifier: Apache-2.0
#include "base/base64url.hpp"

#include "support/catch.hpp"

namespace itinera::base {

TEST_CASE("base64url: the vectors of RFC 4648, without padding", "[base]") {
  const auto [text, coded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                       {"f", "Zg"},
                                                                       {"fo", "Zm8"},
                                                                       {"foo", "Zm9v"},
                                                                       {"foob", "Zm9vYg"},
                                                                       {"fooba", "Zm9vYmE"},
                                                                       {"foobar", "Zm9vYmFy"},
                                                                       {"\xFB\xFF\xBE", "-_--"}}));
  CHECK(to_base64url(as_bytes(text)) == coded);
  const auto bytes = from_base64url(coded);
  REQUIRE(bytes);
  CHECK(as_text(*bytes) == text);
}

TEST_CASE("base64url: each byte string has one text", "[base]") {
  for (const char* text : {"Z", "Zh", "Zm9=", "Zm8=", "+/--", "Zm 8", "Zm9vY"}) {
    INFO(text);
    CHECK_FALSE(from_base64url(text));
  }
}

}  // namespace itinera::base
