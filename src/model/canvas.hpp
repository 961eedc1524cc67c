// SPDX-License-Identifier: Apache-2.0
// What a campaign's picture is drawn on: the walk (picture.cpp) says what there is, a canvas how a
// language for pictures writes it. Names are of letters and digits; labels are any text, bounded,
// in lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "itinera/campaign.hpp"

namespace itinera::model {

// How a kind of node looks.
struct Look {
  std::string_view name;
  std::string_view fill;
  std::string_view line;
  bool dashed = false;  // around it
};
inline constexpr Look entry_look{"entry", "#dbe9ff", "#4a78c2"};
inline constexpr Look send_look{"send", "#d9f2df", "#3f9a5a"};
inline constexpr Look wait_look{"wait", "#fff3cd", "#c79a1b"};
inline constexpr Look choice_look{"choice", "#ecdff8", "#8a5cc0"};
inline constexpr Look task_look{"task", "#fde6d6", "#c8763c"};  // what people do
inline constexpr Look change_look{"change", "#eeeeee", "#888888"};
inline constexpr Look goal_look{"goal", "#ffdbe7", "#cc4f7d"};
inline constexpr Look end_look{"finish", "#f4f4f4", "#999999"};
inline constexpr Look rules_look{"rules", "#fffaf0", "#bbaa88"};

// What differs from one version to another. Labels carry a sign, too: not everybody tells these
// colours apart.
inline constexpr Look same_look{"same", "#ffffff", "#9a9a9a"};
inline constexpr Look new_look{"new", "#d4f4dc", "#1a7f37"};
inline constexpr Look gone_look{"gone", "#fbe3e4", "#c4232f", true};
inline constexpr Look changed_look{"changed", "#fff0c2", "#b07a00"};

// `jump`: a goto. `dashed`: where the step is skipped. `line`: of what differs; empty: the usual.
// `loose`: where the steps stand is not its affair.
struct WayLook {
  bool jump = false;
  bool dashed = false;
  std::string_view line = {};
  bool loose = false;
};

class Canvas {
 public:
  Canvas() = default;
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  virtual ~Canvas() = default;

  virtual void open(std::string_view title) = 0;  // once, first
  virtual void node(std::string_view name, std::string_view label, const Look& look) = 0;
  virtual void way(std::string_view from, std::string_view to, std::string_view label,
                   WayLook look) = 0;
  // Once, last: a box with lines, beside the node `beside`, or anywhere.
  virtual void rules(std::string_view lines, std::string_view beside) = 0;
};

void draw(const Campaign& campaign, Canvas& canvas);
// What `draw` puts on a canvas, in Graphviz's language.
std::string dot_of(const std::function<void(Canvas&)>& put_on);

}  // namespace itinera::model
