// SPDX-License-Identifier: Apache-2.0
// What a campaign's picture is drawn on: the walk (picture.cpp) says what there is, a canvas how a
// language for pictures writes it. Names are of letters and digits; labels are any text, bounded,
// in lines.
#pragma once

#include <string_view>

#include "itinera/campaign.hpp"

namespace itinera::model {

// How a kind of node looks.
struct Look {
  std::string_view name;
  std::string_view fill;
  std::string_view line;
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

// `jump`: a goto. `dashed`: where the step is skipped.
struct WayLook {
  bool jump = false;
  bool dashed = false;
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

}  // namespace itinera::model
