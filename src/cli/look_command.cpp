// SPDX-License-Identifier: Apache-2.0
// What a store says of where journeys stand. It is read and never claimed, so that the host that
// owns it may run on.
#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "calendar/text.hpp"
#include "cli/commands.hpp"
#include "cli/printing.hpp"
#include "cli/progress.hpp"
#include "cli/stored_engine.hpp"
#include "cli/streams.hpp"
#include "itinera/engine.hpp"

namespace itinera::cli {
namespace {

// "or later" where the engine need not remember it.
std::string since_text(Instant since, bool certain) {
  return to_text(since) + (certain ? "" : " or later");
}

void print_steps(const StoredEngines& engines, bool json, std::string& out) {
  const std::vector<StepOccupancy> steps = engines.occupancy();
  if (json) {
    for (const StepOccupancy& step : steps) {
      out += R"({"type":"step")";
      add_member(out, "campaign", step.campaign);
      add_member(out, "version", step.version);
      add_member(out, "step", step.step);
      add_member(out, "waiting", step.waiting);
      add_member(out, "held", step.held);
      add_member(out, "asked", step.asked);
      add_member(out, "stopped", step.stopped);
      add_member(out, "since", to_text(step.since));
      fmt::format_to(std::back_inserter(out), ",\"certain\":{}}}\n", step.certain);
    }
    return;
  }
  if (steps.empty()) {
    out += "nobody is under way\n";
    return;
  }
  Table table({"campaign", "version", "step", "waiting", "held", "asked", "stopped", "since"});
  for (const StepOccupancy& step : steps) {
    table.row({step.campaign, fmt::format("{}", step.version), step.step, grouped(step.waiting),
               grouped(step.held), grouped(step.asked), grouped(step.stopped),
               since_text(step.since, step.certain)});
  }
  table.print(out);
  out +=
      "\nwaiting: for a time, an event or the host; held: messages, by quiet hours, caps, "
      "accounts\nor until the contact is there; asked: of a person; stopped: by a pause\n";
}

void add_standing(std::string& out, const Standing& standing) {
  out += R"({"step":)";
  append_json_text(out, standing.step);
  if (standing.strand) add_member(out, "strand", *standing.strand);
  if (standing.aside) out += ",\"aside\":true";
  add_member(out, "awaited", name_of(standing.awaited));
  if (!standing.detail.empty()) add_member(out, "detail", standing.detail);
  if (standing.until) add_member(out, "until", to_text(*standing.until));
  add_member(out, "since", to_text(standing.since));
  fmt::format_to(std::back_inserter(out), ",\"certain\":{}", standing.certain);
  add_member(out, "says", to_text(standing));
  out += '}';
}

void add_texts(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", name);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(out, texts[i]);
  }
  out += ']';
}

void print_json(const JourneyView& view, std::string_view type, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"type":"{}","journeyId":"{}")", type,
                 to_text(view.id.hash));
  add_member(out, "userId", view.contact);
  add_member(out, "campaign", view.campaign);
  add_member(out, "version", view.version);
  if (view.key) add_member(out, "key", *view.key);
  add_member(out, "entered", to_text(view.entered));
  fmt::format_to(std::back_inserter(out), ",\"holdout\":{},\"paused\":{},\"variants\":{{",
                 view.holdout, view.paused);
  for (std::size_t i = 0; i < view.variants.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(out, view.variants[i].step);
    out += ':';
    append_json_text(out, view.variants[i].variant);
  }
  out += '}';
  add_texts(out, "goals", view.goals);
  out += ",\"standings\":[";
  for (std::size_t i = 0; i < view.standings.size(); ++i) {
    if (i > 0) out += ',';
    add_standing(out, view.standings[i]);
  }
  out += "]}\n";
}

void print_words(const JourneyView& view, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{} version {}", view.campaign, view.version);
  if (view.key) fmt::format_to(std::back_inserter(out), ", key {}", printable(*view.key));
  fmt::format_to(std::back_inserter(out), ", entered {}", to_text(view.entered));
  if (view.holdout) out += ", held out";
  if (view.paused) out += ", paused";
  for (const JourneyView::Assignment& each : view.variants) {
    fmt::format_to(std::back_inserter(out), ", {}: {}", each.step, each.variant);
  }
  for (const std::string& goal : view.goals) {
    fmt::format_to(std::back_inserter(out), ", reached {}", goal);
  }
  out += '\n';
  for (const Standing& each : view.standings) {
    fmt::format_to(std::back_inserter(out), "  {}  {}; there since {}\n", each.step,
                   printable(to_text(each)), since_text(each.since, each.certain));
  }
}

Result<void> print_contact(const StoredEngines& engines, const LookOptions& options,
                           std::string& out) {
  const Result<std::vector<JourneyView>> views = engines.journeys_of(options.contact);
  if (!views) return views.error();
  for (const JourneyView& view : *views) {
    if (options.json) {
      print_json(view, "journey", out);
    } else {
      print_words(view, out);
    }
  }
  if (views->empty() && !options.json) out += options.contact + " is in no journey\n";
  return {};
}

void print_stuck(const StoredEngines& engines, std::int64_t older_than_ms,
                 const LookOptions& options, std::string& out) {
  const StuckReport report = engines.stuck(older_than_ms, options.limit);
  if (options.json) {
    for (const JourneyView& view : report.journeys) print_json(view, "stuck", out);
    fmt::format_to(std::back_inserter(out), "{{\"type\":\"total\",\"stuck\":{}}}\n", report.total);
    return;
  }
  if (report.total == 0) {
    out += "nobody is stuck\n";
    return;
  }
  Table table({"since", "contact", "campaign", "step", "why"});
  for (const JourneyView& view : report.journeys) {
    const Standing& standing = view.standings.front();
    table.row({since_text(standing.since, standing.certain), view.contact, view.campaign,
               standing.step, to_text(standing)});
  }
  table.print(out);
  if (report.journeys.size() < report.total) {
    fmt::format_to(std::back_inserter(out), "\n{} of {}; --limit tells of more\n",
                   grouped(report.journeys.size()), grouped(report.total));
  }
}

Result<void> look(const LookOptions& options, std::string& out) {
  std::int64_t older_than_ms = 0;
  if (!options.stuck.empty()) {
    const Result<std::int64_t> read = calendar::parse_elapsed(options.stuck);
    if (!read) return read.error();
    older_than_ms = *read;
  }
  const Result<StoredEngines> engines = stored_engines(options.store);
  if (!engines) return engines.error();
  const std::optional<Instant> next = engines->next_deadline();
  const std::string deadline = next ? to_text(*next) : "none";
  const std::uint64_t in_flight = engines->sum(&Statistics::journeys_in_flight);
  if (options.json) {
    fmt::format_to(std::back_inserter(out), R"({{"type":"store","at":"{}","journeys":{})",
                   to_text(engines->now()), in_flight);
    if (next) add_member(out, "nextDeadline", deadline);
    out += "}\n";
  } else {
    fmt::format_to(
        std::back_inserter(out), "as of {}: {} journey{} in flight, next deadline {}\n\n",
        to_text(engines->now()), grouped(in_flight), in_flight == 1 ? "" : "s", deadline);
  }
  if (!options.contact.empty()) {
    if (Result<void> printed = print_contact(*engines, options, out); !printed) return printed;
  }
  if (!options.stuck.empty()) print_stuck(*engines, older_than_ms, options, out);
  const bool asks_nothing = options.contact.empty() && options.stuck.empty();
  if (options.steps || asks_nothing) print_steps(*engines, options.json, out);
  return {};
}

}  // namespace

int look_command(const LookOptions& options) {
  std::string text;
  if (const Result<void> looked = look(options, text); !looked) {
    print_error(looked.error());
    return 1;
  }
  return print_out(text);
}

}  // namespace itinera::cli
