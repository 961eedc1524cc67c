// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "itinera/yaml.hpp"
#include "model/gaps.hpp"
#include "model/graph.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera {
namespace {

using yaml::Node;
using yaml::Report;

auto place_of(const Diagnostic& d) {
  return std::tie(d.location.file, d.location.line, d.location.column);
}

class Loader {
 public:
  Loader(const Limits& limits, const ZoneTable* zones) : limits_(limits), zones_(zones) {}

  void read(const SourceFile& file) {
    Report report(file.path, yaml::without_byte_order_mark(file.text), result_.diagnostics);
    const std::vector<Node> documents = parse(limits_, report);
    const bool whole = report.complete();
    if (!whole) unread_ = true;
    if (documents.empty() && whole) {
      report.error(ErrorCode::missing_key, {1, 1, 0}, "this file says nothing",
                   "begin it with `workspace:` or `campaign:`");
    }
    for (const Node& document : documents) {
      // Where the syntax is wrong, what is no mapping is a piece of something.
      if (whole || document.is(Node::Kind::mapping)) read(document, report);
    }
  }

  LoadedWorkspace finish() {
    if (workspaces_ == 0) {
      gaps_ = {.any = true,
               .channels = true,
               .topics = true,
               .segments = true,
               .schema = true,
               .senders = true,
               .policy = true};
      if (!unread_) {
        Diagnostic& missing = result_.diagnostics.emplace_back();
        missing.code = ErrorCode::missing_key;
        missing.message = "no file has a workspace";
        missing.hint = "add a file that begins with `workspace: <name>`";
      }
    }
    std::stable_sort(campaigns_.begin(), campaigns_.end(), [](const Read& a, const Read& b) {
      return std::tie(a.campaign.name, a.campaign.version) <
             std::tie(b.campaign.name, b.campaign.version);
    });
    std::vector<model::Gaps> gaps;
    for (Read& read : campaigns_) {
      model::name_steps(read.campaign);
      result_.campaigns.push_back(std::move(read.campaign));
      gaps.push_back(std::move(read.gaps));
    }
    for (Diagnostic& found :
         model::check_read(result_.workspace, gaps_, result_.campaigns, gaps, limits_, zones_)) {
      result_.diagnostics.push_back(std::move(found));
    }
    std::stable_sort(
        result_.diagnostics.begin(), result_.diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return place_of(a) < place_of(b); });
    return std::move(result_);
  }

 private:
  struct Read {
    Campaign campaign;
    model::Gaps gaps;
  };

  void read(const Node& document, Report& report) {
    if (const Node* name = document.find("workspace")) {
      read_workspace(document, *name, report);
    } else if (document.find("campaign") != nullptr && document.find("test") == nullptr) {
      Read& read = campaigns_.emplace_back();
      read.campaign = yaml::read_campaign(document, report, read.gaps);
    } else {
      report.error(ErrorCode::missing_key, document.at,
                   "this is neither a workspace nor a campaign",
                   "begin it with `workspace:` or `campaign:`; tests have a folder of their own");
    }
  }

  void read_workspace(const Node& document, const Node& name, Report& report) {
    model::WorkspaceGaps gaps;
    Workspace workspace = yaml::read_workspace(document, report, gaps);
    if (++workspaces_ == 1) {
      result_.workspace = std::move(workspace);
      gaps_ = gaps;
      return;
    }
    // Nobody knows which of them is meant.
    gaps_.channels = true;
    gaps_.topics = true;
    gaps_.segments = true;
    gaps_.schema = true;
    gaps_.senders = true;
    gaps_.policy = true;
    const SourceLocation first =
        itinera::place_of(result_.workspace.words, "workspace", result_.workspace.at);
    report.error(ErrorCode::duplicate_name, name.at,
                 fmt::format("a second workspace; the other is {}:{}:{}", first.file, first.line,
                             first.column),
                 "keep one of them: one file of all has `workspace:`");
  }

  const Limits& limits_;
  const ZoneTable* zones_;
  LoadedWorkspace result_;
  model::WorkspaceGaps gaps_;
  std::vector<Read> campaigns_;
  std::size_t workspaces_ = 0;
  bool unread_ = false;  // some file could not be read to its end
};

}  // namespace

LoadedWorkspace load_workspace(std::span<const SourceFile> files, const Limits& limits,
                               const ZoneTable* zones) {
  std::vector<const SourceFile*> order;
  for (const SourceFile& file : files) order.push_back(&file);
  std::sort(order.begin(), order.end(), [](const SourceFile* a, const SourceFile* b) {
    return std::tie(a->path, a->text) < std::tie(b->path, b->text);
  });
  Loader loader(limits, zones);
  for (const SourceFile* file : order) loader.read(*file);
  return loader.finish();
}

}  // namespace itinera
