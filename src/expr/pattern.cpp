// SPDX-License-Identifier: Apache-2.0
#include "expr/pattern.hpp"

#include <re2/re2.h>

namespace itinera::expr {
namespace {

re2::RE2::Options options() {
  constexpr std::int64_t pattern_bytes_max = 1
                                             << 20;  // of the compiled form; RE2's default is 8 MB
  re2::RE2::Options result(re2::RE2::Quiet);
  result.set_max_mem(pattern_bytes_max);
  return result;
}

class Re2Pattern final : public Pattern {
 public:
  explicit Re2Pattern(std::string_view pattern)
      : re2_(re2::StringPiece(pattern.data(), pattern.size()), options()) {}
  [[nodiscard]] bool ok() const { return re2_.ok(); }
  [[nodiscard]] bool found_in(std::string_view text) const override {
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re2_);
  }
  [[nodiscard]] std::size_t size() const override {
    return static_cast<std::size_t>(re2_.ProgramSize());
  }

 private:
  re2::RE2 re2_;
};

}  // namespace

std::unique_ptr<const Pattern> Pattern::compile(std::string_view pattern) {
  auto compiled = std::make_unique<Re2Pattern>(pattern);
  if (!compiled->ok()) return nullptr;
  return compiled;
}

}  // namespace itinera::expr
