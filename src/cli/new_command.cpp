// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/commands.hpp"
#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

constexpr std::string_view starter_workspace =
    R"(# What all campaigns share: who can be reached how, and whose clocks count.
workspace: shop
zone: Europe/Warsaw

# Conditions are CEL. A contact can be reached on a channel if its address is a text.
channels:
  email: {address: contact.email, consent: none}
  sms: {address: contact.phone, consent: none}
)";

constexpr std::string_view starter_campaign =
    R"(# Somebody signs up, and has a week to find out why that was a good idea.
campaign: welcome

# Who comes in. The event's properties are `event.<name>` here, and `entry.<name>` in the steps.
entry:
  - {event: signed_up}
reentry: never

# What all this is for. A journey that gets there ends.
goals:
  first-order: {event: order_placed, value: event.total, within: 7d, exits: true}

# Steps run one after the other. A name (id) is what other steps and tests call them by.
steps:
  - send: email
    id: hello
    template: hello
    data: {plan: =entry.plan}
  - wait_for: {clicked: hello}
    id: look
    within: 2d
    then:
      - wait: {time: "10:00", days: Mon-Fri}
        id: morning
      - send: email
        id: tips
        template: tips
    else:
      # A text that begins with = in `data`, and every `when`, is CEL.
      - send: sms
        id: nudge
        when: has(contact.phone)
        template: nudge
)";

constexpr std::string_view starter_tests =
    R"(# Each test begins with an empty world. Between its lines time passes in no time.
tests:
  - test: who clicks gets the tips on a working morning
    campaign: welcome
    contact: {id: ola, email: ola@example.com}
    timeline:
      # A Friday.
      - at: 2026-03-06T15:00:00+01:00
        event: signed_up
        properties: {plan: free}
        expect: [{send: email, step: hello, data: {plan: free}}]
      - after: 1h
        report: {clicked: hello}
      - at: 2026-03-09T10:00:00+01:00
        expect: [{send: email, step: tips}, {decision: finished}]
  - test: who does nothing is asked once more, by phone if there is one
    campaign: welcome
    contacts:
      - {id: ola, email: ola@example.com}
      - {id: jan, email: jan@example.com, phone: "+48500100200"}
    timeline:
      - at: 2026-03-02T09:00:00+01:00
        event: signed_up
        expect: [{send: email, step: hello, count: 2}]
      - after: 2d
        expect: [{send: sms, contact: jan}]
  - test: an order ends the journey
    campaign: welcome
    contact: {id: ola, email: ola@example.com}
    timeline:
      - at: 2026-03-02T09:00:00+01:00
        event: signed_up
        expect: [{send: email}]
      - after: 3h
        event: order_placed
        properties: {total: 99.0}
        expect: [{decision: converted, goal: first-order}, {decision: exited, reason: goal}]
)";

constexpr std::pair<const char*, std::string_view> starter_files[] = {
    {"workspace.yaml", starter_workspace},
    {"campaigns/welcome.yaml", starter_campaign},
    {"tests/welcome.yaml", starter_tests},
};

Result<void> write_starter(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  const auto failed = [&] {
    return Error{ErrorCode::io_failed, fmt::format("{}: {}", folder.string(), code.message())};
  };
  if (fs::exists(folder, code)) {
    const bool empty = fs::is_directory(folder, code) && fs::is_empty(folder, code);
    if (code) return failed();
    if (!empty) {
      return Error{
          ErrorCode::invalid_argument,
          fmt::format("{} is not an empty folder\n  hint: name a new one", folder.string())};
    }
  }
  for (const auto& [name, text] : starter_files) {
    const fs::path file = folder / name;
    fs::create_directories(file.parent_path(), code);
    if (code) return failed();
    Result<Output> out = Output::open(file.string(), Output::Mode::replace);
    if (!out) return out.error();
    out->buffer() = text;
    if (const Result<void> flushed = out->flush(); !flushed) return flushed;
  }
  return {};
}

}  // namespace

int new_command(const NewOptions& options) {
  if (const Result<void> written = write_starter(options.folder); !written) {
    print_error(written.error());
    return 1;
  }
  print_error(
      fmt::format("{0} has a workspace, a campaign and its tests. Now try:\n"
                  "  itinera check {0}\n  itinera test {0} --coverage\n"
                  "  itinera graph {0} --svg -o welcome.svg\n",
                  options.folder));
  return 0;
}

}  // namespace itinera::cli
