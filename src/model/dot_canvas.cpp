// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "model/canvas.hpp"
#include "model/dot_text.hpp"
#include "model/picture.hpp"

namespace itinera::model {
namespace {

class DotCanvas final : public Canvas {
 public:
  std::string take() { return std::move(out_) + "}\n"; }

  void open(std::string_view title) override {
    put("digraph campaign {{");
    put("  graph [label={}, labelloc=t, fontname=\"Helvetica\", fontsize=18, rankdir=TB,",
        quoted(wrapped(title)));
    put("         nodesep=0.4, ranksep=0.45, pad=0.3];");
    put("  node [shape=box, fontname=\"Helvetica\", fontsize=12, style=\"rounded,filled\", "
        "penwidth=1.3,");
    put("        margin=\"0.18,0.09\"];");
    put("  edge [fontname=\"Helvetica\", fontsize=10, color=\"#666666\", fontcolor=\"#444444\",");
    put("        arrowsize=0.7];");
  }

  void node(std::string_view name, std::string_view label, const Look& look) override {
    put("  {} [label={}, fillcolor=\"{}\", color=\"{}\"];", name, quoted(label), look.fill,
        look.line);
  }

  void way(std::string_view from, std::string_view to, std::string_view label,
           WayLook look) override {
    // The space keeps the text off the line.
    std::string attributes = fmt::format("label={}", quoted(padded(label)));
    if (look.jump) fmt::format_to(std::back_inserter(attributes), ", {}", jump_attributes);
    if (look.dashed) attributes += ", style=dashed";
    put("  {} -> {} [{}];", from, to, attributes);
  }

  void rules(std::string_view lines, std::string_view beside) override {
    put("  rules [shape=note, style=filled, fontsize=11, margin=0.12, label={}, fillcolor=\"{}\",",
        quoted(lines, true), rules_look.fill);
    put("         color=\"{}\"];", rules_look.line);
    if (!beside.empty()) put("  {{ rank=same; {}; rules; }}", beside);
  }

 private:
  static constexpr std::string_view jump_attributes = "constraint=false, color=\"#8a5cc0\"";

  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  std::string out_;
};

}  // namespace

std::string to_dot(const Campaign& campaign) {
  DotCanvas canvas;
  draw(campaign, canvas);
  return canvas.take();
}

}  // namespace itinera::model
