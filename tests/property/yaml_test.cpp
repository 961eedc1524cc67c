// SPDX-License-Identifier: Apache-2.0
// Campaigns as files, and back.
#include "itinera/yaml.hpp"

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "model/model_codec.hpp"
#include "property/random_world.hpp"
#include "support/catch.hpp"

namespace itinera::property {

TEST_CASE("what is built in C++ is the same when it comes back from YAML", "[property][yaml]") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Choices choices(seed);
    const Workspace workspace = random_workspace(choices);
    const Campaign campaign = random_campaign(choices, "c", 1 + choices.below(3), 12);
    const Result<std::string> of_workspace = to_yaml(workspace);
    const Result<std::string> of_campaign = to_yaml(campaign);
    INFO(seed);
    if (!of_campaign) FAIL(of_campaign.error().message);
    REQUIRE(of_workspace);
    CAPTURE(*of_workspace, *of_campaign);
    const std::vector<SourceFile> files{{"workspace.yaml", *of_workspace},
                                        {"campaigns/c.yaml", *of_campaign}};
    const LoadedWorkspace back = load_workspace(files);
    REQUIRE(back.campaigns.size() == 1);
    REQUIRE(model::same_content(back.campaigns.front(), campaign));
    base::Bytes before;
    base::Bytes after;
    model::encode(workspace, {}, before);
    model::encode(back.workspace, {}, after);
    REQUIRE(before == after);
    // The writer and the formatter know one form.
    for (const SourceFile& file : files) REQUIRE(format_yaml(file).text == file.text);
  }
}

}  // namespace itinera::property
