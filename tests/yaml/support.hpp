// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "itinera/yaml.hpp"

namespace itinera::yaml_test {

inline constexpr std::string_view shop =
    "workspace: shop\n"
    "zone: Europe/Warsaw\n"
    "channels:\n"
    "  email: {address: contact.email, consent: none}\n"
    "  sms: {address: contact.phone, consent: none}\n";

// A campaign that is sound, with `steps` (indented by two) as its steps.
inline std::string campaign(std::string_view steps) {
  return fmt::format("campaign: c\nentry:\n  - event: join\nsteps:\n{}", steps);
}

inline LoadedWorkspace load(std::string_view text, std::string_view workspace = shop) {
  const std::vector<SourceFile> files{{"w.yaml", std::string(workspace)},
                                      {"c.yaml", std::string(text)}};
  return load_workspace(files);
}

// "code line:column", one a diagnostic; warnings behind a '?'.
inline std::vector<std::string> codes(const Diagnostics& diagnostics) {
  std::vector<std::string> result;
  for (const Diagnostic& d : diagnostics) {
    result.push_back(fmt::format("{}{} {}:{}", d.severity == Severity::warning ? "?" : "",
                                 name_of(d.code), d.location.line, d.location.column));
  }
  return result;
}

inline std::string text_of(const Diagnostics& diagnostics) {
  std::string result;
  for (const Diagnostic& d : diagnostics) result += to_text(d) + "\n";
  return result;
}

}  // namespace itinera::yaml_test
