// SPDX-License-Identifier: Apache-2.0
// Files written by strangers: bounded, refused with a place, never a crash.
#include "support/catch.hpp"
#include "yaml/support.hpp"

using namespace itinera;
using namespace itinera::yaml_test;
using Codes = std::vector<std::string>;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

LoadedWorkspace load_limited(std::string_view text, const Limits& limits) {
  const std::vector<SourceFile> files{{"w.yaml", std::string(shop)}, {"c.yaml", std::string(text)}};
  return load_workspace(files, limits);
}

Codes found(std::string_view text) { return codes(load(text).diagnostics); }

}  // namespace

TEST_CASE("tags, anchors, aliases and merge keys are refused", "[yaml][hostile]") {
  CHECK(found(campaign("  - send: !!str email\n")) == Codes{"yaml_feature 5:11"});
  CHECK(found(campaign("  - send: &a email\n")) == Codes{"yaml_feature 5:11"});
  CHECK(found(campaign("  - &a {send: email}\n  - *a\n")) ==
        Codes{"yaml_feature 5:5", "yaml_feature 6:5"});
  CHECK(found(campaign("  - send: email\n    data: &d {a: 1}\n")) == Codes{"yaml_feature 6:11"});
  CHECK(found(campaign("  - send: *nobody\n")) == Codes{"yaml_feature 5:11"});
  CHECK(found(campaign("  - send: email\n    <<: {note: n}\n")) == Codes{"yaml_feature 6:5"});
  CHECK(found(campaign("  - send: email\n    data: {&a k: 1}\n")) == Codes{"yaml_feature 6:12"});
}

TEST_CASE("one byte order mark is passed over, a second one is refused", "[yaml][hostile]") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(found(mark + campaign("  - send: email\n")).empty());
  CHECK(found(mark + mark + campaign("  - send: email\n")) == Codes{"yaml_syntax 1:1"});
  CHECK(found(mark + mark + campaign("  - send: !!str email\n")) == Codes{"yaml_syntax 1:1"});
}

TEST_CASE("an alias to itself is refused", "[yaml][hostile]") {
  CHECK(found("campaign: c\nnote: n\nentry: [host]\nsteps: &a\n  - send: email\n  - *a\n") ==
        Codes{"yaml_feature 4:8", "yaml_feature 6:5"});
}

TEST_CASE("duplicate keys are refused where they stand", "[yaml][hostile]") {
  const auto twice = load(campaign("  - send: email\n    note: a\n    \"note\": b\n")).diagnostics;
  REQUIRE(codes(twice) == Codes{"duplicate_key 7:5"});
  CHECK(twice[0].hint == "the one before it is in line 6");
  CHECK(found(campaign("  - {send: email, data: {a: 1, b: 2, a: 3, a: 4}}\n")) ==
        Codes{"duplicate_key 5:38", "duplicate_key 5:44"});
}

TEST_CASE("keys are texts", "[yaml][hostile]") {
  CHECK(found(campaign("  - send: email\n    ? [a]\n    : b\n")) == Codes{"yaml_feature 6:7"});
  CHECK(found(campaign("  - send: email\n    data: {{a: b}: c}\n")) == Codes{"yaml_feature 6:12"});
  CHECK(found(campaign("  - send: email\n    data: {\"\": c}\n")) == Codes{"yaml_feature 6:12"});
}

TEST_CASE("what is not YAML has its place", "[yaml][hostile]") {
  CHECK(found("campaign: c\n  entry: [\n") == Codes{"yaml_syntax 2:8"});
  CHECK(found(campaign("  - send: email\n   id: x\n")) == Codes{"yaml_syntax 6:4"});
  CHECK(found("campaign: 'c\nentry: [host]\n") == Codes{"yaml_syntax 1:11"});
  CHECK(found("campaign: \"c\nentry: [host]\n") == Codes{"yaml_syntax 1:11"});
  CHECK(found("campaign: \"\\q\"\n") == Codes{"yaml_syntax 1:14"});
  CHECK(found("\tcampaign: c\n") == Codes{"yaml_syntax 1:10"});
  CHECK(found(campaign("  - note: a: b\n")) == Codes{"yaml_syntax 5:12"});
  const auto asks = load(campaign("  - {exit: Does it fit?}\n")).diagnostics;
  REQUIRE(codes(asks) == Codes{"yaml_syntax 5:23"});
  CHECK(asks[0].hint == "quote a text that ends in ? or holds a special character");
}

TEST_CASE("documents are divided by ---, and nothing else may follow one", "[yaml][hostile]") {
  CHECK(found("[],[]") == Codes{"yaml_syntax 1:3"});
  CHECK(load(campaign("  - send: email\n") + "---\n---\n# the end\n").diagnostics.empty());
}

TEST_CASE("bytes that are no text are refused", "[yaml][hostile]") {
  CHECK(found("campaign: c\nnote: \xFF\n") == Codes{"yaml_syntax 2:7"});
  CHECK(found(std::string_view("campaign: c\nnote: a\0b\n", 23)) == Codes{"yaml_syntax 2:8"});
  CHECK(found("campaign: c\nnote: a\x04\nsteps: []\n") == Codes{"yaml_syntax 2:8"});
  CHECK(found("campaign: c\rnote: a\n") == Codes{"yaml_syntax 1:12"});
  CHECK(found("\xFE\xFF\0c").size() == 1);
}

TEST_CASE("a byte order mark and Windows line ends are accepted", "[yaml][hostile]") {
  std::string text = campaign("  - send: email\n    note: a\n    data: {k: =contact.}\n");
  for (std::size_t i = text.find('\n'); i != std::string::npos; i = text.find('\n', i + 2)) {
    text.replace(i, 1, "\r\n");
  }
  CHECK(found("\xEF\xBB\xBF" + text) == Codes{"condition_syntax 7:24"});
}

TEST_CASE("nesting, values and bytes of a file are bounded", "[yaml][hostile][limits]") {
  Limits limits;
  limits.yaml_depth = 4;
  CHECK(codes(load_limited(campaign("  - send: email\n"), limits).diagnostics).empty());
  CHECK(codes(load_limited(campaign("  - {send: email, data: {a: [1]}}\n"), limits).diagnostics) ==
        Codes{"too_large 5:29"});
  limits = {};
  limits.yaml_nodes = 20;
  CHECK(codes(load_limited(campaign("  - exit: a\n  - exit: a\n  - exit: a\n  - exit: a\n"), limits)
                  .diagnostics) == Codes{"too_large 8:5"});
  limits = {};
  limits.file_bytes = 200;
  CHECK(codes(load_limited(std::string(201, '#'), limits).diagnostics) == Codes{"too_large 0:0"});
}

TEST_CASE("any depth of nesting fails cleanly", "[yaml][hostile][limits]") {
  for (const char* open : {"[", "{a: ", "- ", "? ", "{[", "a: [", "!x [", "&x [", "[{"}) {
    const Codes all = found(repeated(open, 20'000));
    INFO(open);
    CHECK_FALSE(all.empty());
    CHECK(all.size() < 100);
  }
  std::string indented;
  for (int i = 0; i < 600; ++i) indented += fmt::format("{:{}}a:\n", "", i);
  CHECK(found(indented).size() == 1);
  Limits deep;
  deep.yaml_depth = 1'000'000;
  CHECK(codes(load_limited(repeated("[", 20'000), deep).diagnostics).size() == 1);
}

TEST_CASE("a file of nothing but mistakes is read in linear time", "[yaml][hostile][limits]") {
  std::string text = "campaign: c\nentry: [host]\nsteps:\n  - send: email\n";
  for (int i = 0; i < 20'000; ++i) text += fmt::format("k{}: [1]\n", i);
  CHECK(found(text).size() == 20'000);
  CHECK(found(campaign("  - {send: email, data: {" + repeated("k: 1, ", 20'000) + "}}\n")).size() ==
        19'999);
}

TEST_CASE("long texts are cut in messages", "[yaml][hostile]") {
  const std::string key(100'000, 'k');
  const auto all = load(campaign("  - send: email\n    " + key + ": 1\n")).diagnostics;
  for (const Diagnostic& diagnostic : all) CHECK(diagnostic.message.size() < 300);
}
