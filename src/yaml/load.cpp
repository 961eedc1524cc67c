// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "itinera/campaign_check.hpp"
#include "itinera/yaml.hpp"
#include "model/graph.hpp"
#include "yaml/campaign_reader.hpp"

namespace itinera {
namespace {

using yaml::Node;
using yaml::Report;

auto place_of(const Diagnostic& d) {
  return std::tie(d.location.file, d.location.line, d.location.column);
}

// Whether what check() says holds however much of the file is missing.
bool is_local(const Diagnostic& diagnostic) {
  switch (diagnostic.code) {
    case ErrorCode::condition_syntax:
    case ErrorCode::condition_type:
    case ErrorCode::duplicate_name: return diagnostic.severity == Severity::error;
    default: return false;
  }
}

class Loader {
 public:
  Loader(const Limits& limits, const ZoneTable* zones) : limits_(limits), zones_(zones) {}

  void read(const SourceFile& file) {
    Report report(file.path, yaml::without_byte_order_mark(file.text), result_.diagnostics);
    const std::vector<Node> documents = parse(limits_, report);
    if (!report.complete()) unread_ = true;
    if (documents.empty() && report.complete()) {
      report.error(ErrorCode::missing_key, {1, 1, 0}, "this file says nothing",
                   "begin it with `workspace:` or `campaign:`");
    }
    for (const Node& document : documents) {
      // Where the syntax is wrong, what is no mapping is a piece of something.
      if (report.complete() || document.is(Node::Kind::mapping)) read(document, report);
    }
    if (!report.complete()) incomplete_.insert(file.path);
  }

  LoadedWorkspace finish() {
    if (workspaces_ == 0 && !unread_) {
      result_.diagnostics.push_back({Severity::error,
                                     ErrorCode::missing_key,
                                     {},
                                     "no file has a workspace",
                                     "add a file that begins with `workspace: <name>`"});
    }
    std::stable_sort(result_.campaigns.begin(), result_.campaigns.end(),
                     [](const Campaign& a, const Campaign& b) {
                       return std::tie(a.name, a.version) < std::tie(b.name, b.version);
                     });
    for (Campaign& campaign : result_.campaigns) model::name_steps(campaign);
    const bool whole = workspaces_ > 0 && !incomplete_.contains(result_.workspace.at.file);
    for (Diagnostic& found : check(result_.workspace, result_.campaigns, limits_, zones_)) {
      const bool echo = !whole || incomplete_.contains(found.location.file);
      if (!echo || is_local(found)) result_.diagnostics.push_back(std::move(found));
    }
    std::stable_sort(
        result_.diagnostics.begin(), result_.diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return place_of(a) < place_of(b); });
    return std::move(result_);
  }

 private:
  void read(const Node& document, Report& report) {
    if (document.find("workspace") != nullptr) {
      Workspace workspace = yaml::read_workspace(document, report);
      if (++workspaces_ == 1) {
        result_.workspace = std::move(workspace);
      } else {
        report.error(ErrorCode::duplicate_name, document.at, "a second workspace",
                     "one file of all has `workspace:`");
      }
    } else if (document.find("campaign") != nullptr && document.find("test") == nullptr) {
      result_.campaigns.push_back(yaml::read_campaign(document, report));
    } else {
      report.error(ErrorCode::missing_key, document.at,
                   "this is neither a workspace nor a campaign",
                   "begin it with `workspace:` or `campaign:`; tests have a folder of their own");
    }
  }

  const Limits& limits_;
  const ZoneTable* zones_;
  LoadedWorkspace result_;
  std::set<std::string, std::less<>> incomplete_;  // files of which something is missing
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
