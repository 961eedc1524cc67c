// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/printing.hpp"
#include "cli/streams.hpp"
#include "model/picture.hpp"

namespace itinera::cli {
namespace {

// The campaigns to draw: those of the file, or all, or the one that was named.
Result<std::vector<const Campaign*>> choose(const LoadedWorkspace& loaded,
                                            const GraphOptions& options) {
  std::vector<const Campaign*> chosen;
  std::vector<std::string> names;
  for (const Campaign& campaign : loaded.campaigns) {
    names.push_back(campaign.name);
    if (options.campaign.empty() || options.campaign == campaign.name) {
      chosen.push_back(&campaign);
    }
  }
  if (!chosen.empty()) return chosen;
  if (names.empty()) {
    return Error{ErrorCode::unknown_campaign, fmt::format("{}: no campaign in it", options.path)};
  }
  const std::string nearest = base::did_you_mean(options.campaign, names);
  return Error{
      ErrorCode::unknown_campaign,
      fmt::format("no campaign `{}`\n  hint: {}", options.campaign,
                  nearest.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : nearest)};
}

Result<void> draw(const GraphOptions& options, const LoadedWorkspace& loaded) {
  const Result<std::vector<const Campaign*>> chosen = choose(loaded, options);
  if (!chosen) return chosen.error();
  const bool is_svg = options.format == PictureFormat::svg;
  if (options.format != PictureFormat::dot && chosen->size() > 1) {
    return Error{ErrorCode::invalid_argument,
                 fmt::format("{} holds one campaign, and there are {}\n  hint: choose one by "
                             "--campaign, say --campaign {}",
                             is_svg ? "an SVG" : "a Mermaid flowchart", chosen->size(),
                             chosen->back()->name)};
  }
  std::string text;
  for (const Campaign* campaign : *chosen) {
    text += options.format == PictureFormat::mermaid ? model::to_mermaid(*campaign)
                                                     : model::to_dot(*campaign);
  }
  if (is_svg) {
    Result<std::string> svg = draw_svg(text);
    if (!svg) return svg.error();
    text = std::move(*svg);
  }
  return replace_file(options.output, std::move(text));
}

}  // namespace

int graph_command(const GraphOptions& options) {
  const std::optional<LoadedWorkspace> loaded = load_or_complain(find_files({options.path}));
  if (!loaded) return 1;
  if (const Result<void> drawn = draw(options, *loaded); !drawn) {
    print_error(drawn.error());
    return 1;
  }
  return 0;
}

}  // namespace itinera::cli
