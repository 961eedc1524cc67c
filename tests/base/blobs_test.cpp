// SPDX-License-Identifier: Apache-2.0
#include "base/blobs.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace itinera::base {
namespace {

std::string text(const Blobs& blobs, Blob blob) { return std::string(as_text(blobs.view(blob))); }

}  // namespace

TEST_CASE("blobs: the empty string is blob 0, and releasing it is nothing", "[base][blobs]") {
  Blobs blobs;
  CHECK(blobs.view(0).empty());
  CHECK(blobs.add({}) == 0);
  blobs.release(0);
  const Blob blob = blobs.replace(0, as_bytes("x"));
  CHECK(text(blobs, blob) == "x");
  CHECK(blobs.replace(blob, {}) == 0);
}

TEST_CASE("blobs: keeps strings of every size apart", "[base][blobs]") {
  Blobs blobs;
  std::vector<std::pair<Blob, std::string>> kept;
  for (const std::size_t size : {1U, 11U, 12U, 13U, 28U, 29U, 100U, 4'095U, 70'000U, 1'048'571U,
                                 1'048'572U, 1'048'573U, 1'048'576U, 3'000'000U}) {
    for (int i = 0; i < 3; ++i) {
      const std::string content(size, static_cast<char>('a' + kept.size() % 26));
      kept.emplace_back(blobs.add(as_bytes(content)), content);
    }
  }
  bool right = true;
  for (const auto& [blob, content] : kept) right = right && text(blobs, blob) == content;
  CHECK(right);
}

TEST_CASE("blobs: of what is released or replaced not a byte stays", "[base][blobs]") {
  Blobs blobs;
  const auto has = [&](std::string_view wanted) {
    bool found = false;
    blobs.for_each_part([&](ByteView part) {
      found = found || as_text(part).find(wanted) != std::string_view::npos;
    });
    return found;
  };
  const std::string large(2'000'000, 'L');
  const Blob first = blobs.add(as_bytes("abcdef-and-so-on-secret"));
  const Blob second = blobs.add(as_bytes(large + "large-secret"));
  CHECK(has("secret"));
  CHECK(has("large-secret"));
  const Blob shorter = blobs.replace(first, as_bytes("abcdef-and-so-on"));
  CHECK(shorter == first);
  blobs.release(second);
  CHECK_FALSE(has("secret"));
  CHECK(has("abcdef"));
  blobs.replace(shorter, as_bytes(std::string(100, 'x')));
  CHECK_FALSE(has("abcdef"));
}

TEST_CASE("blobs: a random life agrees with plain strings", "[base][blobs]") {
  Blobs blobs;
  std::vector<std::pair<Blob, std::string>> kept(200);
  std::uint32_t random = 7;
  const auto next = [&](std::uint32_t bound) {
    random = random * 1'664'525 + 1'013'904'223;
    return (random >> 8) % bound;
  };
  bool right = true;
  for (int round = 0; round < 20'000; ++round) {
    auto& [blob, content] = kept[next(200)];
    const std::uint32_t limit = next(50) == 0 ? 50'000 : 200;
    switch (next(3)) {
      case 0:
        blobs.release(blob);
        blob = 0;
        content.clear();
        break;
      case 1:
        content.assign(next(limit), static_cast<char>('a' + next(26)));
        blob = blobs.replace(blob, as_bytes(content));
        break;
      default: {
        const auto& [other, other_content] = kept[next(200)];
        if (blob == other) break;
        blobs.release(blob);
        blob = blobs.add(blobs.view(other));
        content = other_content;
      }
    }
    right = right && text(blobs, blob) == content;
  }
  for (const auto& [blob, content] : kept) right = right && text(blobs, blob) == content;
  CHECK(right);
}

TEST_CASE("blobs: a copy may come out of the store itself", "[base][blobs]") {
  Blobs blobs;
  Blob blob = blobs.add(as_bytes(std::string(1'000, 'x')));
  for (int i = 0; i < 5'000; ++i) blob = blobs.add(blobs.view(blob));
  CHECK(text(blobs, blob) == std::string(1'000, 'x'));
  Blob grown = blobs.add(as_bytes("0123456789"));
  grown = blobs.replace(grown, blobs.view(grown).subspan(3));
  CHECK(text(blobs, grown) == "3456789");
}

TEST_CASE("blobs: what was released is used again", "[base][blobs]") {
  Blobs blobs;
  const Blob first = blobs.add(as_bytes(std::string(500, 'x')));
  blobs.release(first);
  CHECK(blobs.add(as_bytes(std::string(490, 'y'))) == first);
}

}  // namespace itinera::base
