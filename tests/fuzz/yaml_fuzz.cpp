// SPDX-License-Identifier: Apache-2.0
// Any bytes as a workspace, as campaigns beside one, and as unit tests. What is found stands inside
// the file, and what has no error can be written down.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "itinera/yaml.hpp"
#include "model/model_codec.hpp"
#include "yaml/test_file.hpp"

namespace {

using namespace itinera;

constexpr const char* shop =
    "workspace: shop\n"
    "channels:\n"
    "  email: {address: contact.email, consent: none}\n"
    "  sms: {address: contact.phone, consent: none}\n";

void check_places(const Diagnostics& found, const std::string& text) {
  std::vector<std::size_t> lengths{0};
  for (const char c : text) {
    if (c == '\n')
      lengths.push_back(0);
    else
      ++lengths.back();
  }
  for (const Diagnostic& each : found) {
    ITINERA_CHECK(!each.message.empty());
    if (each.location.file != "f.yaml" || each.location.line == 0) continue;
    ITINERA_CHECK(each.location.line <= lengths.size() && each.location.column > 0);
  }
}

void load(const std::vector<SourceFile>& files, const std::string& text) {
  const LoadedWorkspace loaded = load_workspace(files);
  check_places(loaded.diagnostics, text);
  if (has_errors(loaded.diagnostics)) return;
  base::Bytes bytes;
  model::encode(loaded.workspace, loaded.campaigns, bytes);
  const auto decoded = model::decode(bytes);
  ITINERA_CHECK(decoded.has_value() && decoded->campaigns.size() == loaded.campaigns.size());
}

// What is written in the usual form is in it.
void format(const SourceFile& file) {
  const FormattedFile once = format_yaml(file);
  check_places(once.diagnostics, file.text);
  ITINERA_CHECK(once.text.empty() == has_errors(once.diagnostics));
  if (once.text.empty()) return;
  ITINERA_CHECK(format_yaml({file.path, once.text}).text == once.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  load({{"f.yaml", text}}, text);
  load({{"f.yaml", text}, {"w.yaml", shop}}, text);
  const std::vector<SourceFile> tests{{"f.yaml", text}};
  check_places(yaml::load_tests(tests).diagnostics, text);
  format(tests.front());
  return 0;
}
