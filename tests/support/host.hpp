// SPDX-License-Identifier: Apache-2.0
// A host for tests of the engine: reads its campaigns from text, feeds in short words, keeps the
// journal and everything it was handed. It does not stop at instants that emit: a test says when
// to advance and when to take.
//
//   Host host(R"(campaign: welcome ...)");
//   host.at("2026-03-02T10:00:00Z").event("join", {{"total", 5}});
//   host.after(hour_ms).advance();
//   CHECK(host.take() == Lines{"hello"});
//   CHECK(host.told({"entered"}) == Lines{"entered"});
#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "calendar/text.hpp"
#include "itinera/engine.hpp"
#include "itinera/story.hpp"
#include "itinera/yaml.hpp"
#include "support/catch.hpp"

namespace Catch {
template <>
struct StringMaker<itinera::Instant> {
  static std::string convert(itinera::Instant t) { return itinera::to_text(t); }
};
template <>
struct StringMaker<itinera::Value> {
  static std::string convert(const itinera::Value& value) { return itinera::to_json(value); }
};
template <>
struct StringMaker<itinera::Property> {
  static std::string convert(const itinera::Property& property) {
    return property.name + ": " + itinera::to_json(property.value);
  }
};
}  // namespace Catch

namespace itinera::test {

using Lines = std::vector<std::string>;

inline std::shared_ptr<const ZoneTable> system_zones() {
  static const std::shared_ptr<const ZoneTable> zones = [] {
    Result<std::shared_ptr<const ZoneTable>> loaded = load_zones();
    REQUIRE(loaded);
    return *loaded;
  }();
  return zones;
}

inline Instant instant(std::string_view text) {
  const auto read = calendar::parse_instant(text);
  INFO(text);
  REQUIRE(read);
  return *read;
}

// An action that was taken, with texts of its own.
struct Taken {
  Action::Kind kind = Action::Kind::send;
  ActionId id;
  Instant at;
  std::string contact;
  std::string campaign;
  std::uint32_t version = 0;
  std::string step;
  std::uint32_t iteration = 0;
  bool has_key = false;
  std::string key;
  std::string channel;
  std::string template_name;
  std::string address;
  Properties data;
  std::string name;
  std::string team;
  std::string topic;
  std::string source;
  bool granted = false;
  std::uint32_t attempt = 0;
  std::string sender;
  bool maybe_executed = false;
};

// A happening, with texts of its own.
struct Told {
  Instant at;
  std::string what;
  std::string reason;
  std::string contact;
  std::string campaign;
  std::uint32_t version = 0;
  std::string key;
  std::string step;
  std::string choice;
  std::string goal;
  std::optional<Instant> due;
  std::optional<Value> value;
  std::string name;
  std::string channel;
};

inline constexpr std::string_view shop =
    "workspace: shop\n"
    "zone: Europe/Warsaw\n"
    "channels:\n"
    "  email: {address: contact.email, consent: none}\n"
    "  id: {address: contact.id, consent: none}\n";

class Host {
 public:
  static constexpr std::string_view start = "2026-03-02T09:00:00Z";

  // Publishes at `start`; further text may hold further campaigns behind `---`.
  explicit Host(std::string_view campaigns, std::string_view workspace = shop, Limits limits = {},
                std::string_view from = start)
      : workspace_(workspace), clock_(instant(from)) {
    options_.limits = limits;
    options_.zones = system_zones();
    Result<Engine> engine = Engine::create(options_);
    REQUIRE(engine);
    engine_ = std::make_unique<Engine>(std::move(*engine));
    publish(campaigns);
  }

  // --- Time: inputs are received at the clock.
  Host& at(std::string_view text) {
    clock_ = instant(text);
    return *this;
  }
  Host& at(Instant t) {
    clock_ = t;
    return *this;
  }
  Host& after(std::int64_t ms) {
    clock_ = clock_ + ms;
    return *this;
  }
  [[nodiscard]] Instant clock() const { return clock_; }
  Host& advance() {
    engine_->advance_to(clock_);
    return *this;
  }

  // --- Inputs. Those that return the Host must be taken.
  Host& publish(std::string_view campaigns, std::span<const Migration> migrations = {}) {
    const Result<void> done = try_publish(campaigns, migrations);
    if (!done) FAIL(done.error().message);
    return *this;
  }
  Host& publish(std::string_view campaigns, const Migration& migration) {
    return publish(campaigns, {&migration, 1});
  }
  Result<void> try_publish(std::string_view campaigns, std::span<const Migration> migrations) {
    const LoadedWorkspace loaded = load(campaigns);
    return engine_->publish(loaded.workspace, loaded.campaigns, clock_, migrations);
  }
  [[nodiscard]] Result<std::vector<MigrationRow>> preview(std::string_view campaigns,
                                                          const Migration& migration) const {
    return engine_->preview(load(campaigns).campaigns, {&migration, 1});
  }
  [[nodiscard]] LoadedWorkspace load(std::string_view campaigns) const {
    const std::vector<SourceFile> files{{"workspace.yaml", workspace_},
                                        {"campaigns.yaml", std::string(campaigns)}};
    LoadedWorkspace loaded = load_workspace(files, options_.limits);
    for (const Diagnostic& finding : loaded.diagnostics) {
      if (finding.severity == Severity::error) FAIL(to_text(finding));
    }
    return loaded;
  }
  Host& workspace(std::string_view text) {
    workspace_ = text;
    return *this;
  }

  // Empty: taken. Else why not.
  std::optional<ErrorCode> feed(const Input& input) {
    const std::span<const Refusal> refusals = engine_->feed({&input, 1});
    if (refusals.empty()) return std::nullopt;
    return refusals.front().error.code;
  }
  Host& take_in(const Input& input) {
    const std::span<const Refusal> refusals = engine_->feed({&input, 1});
    if (!refusals.empty()) FAIL(refusals.front().error.message);
    return *this;
  }
  [[nodiscard]] Event an_event(std::string_view name, const Properties& properties = {},
                               std::string_view contact = "ola") const {
    Event event;
    event.name = name;
    event.contact = contact;
    event.envelope.received = clock_;
    event.properties = properties;
    return event;
  }
  Host& event(std::string_view name, const Properties& properties = {},
              std::string_view contact = "ola") {
    return take_in(an_event(name, properties, contact));
  }
  Host& late_event(std::string_view name, Instant occurred, const Properties& properties = {}) {
    Event event = an_event(name, properties);
    event.envelope.occurred = occurred;
    return take_in(event);
  }
  Host& anonymous_event(std::string_view name, std::string_view anonymous,
                        const Properties& properties = {}) {
    Event event = an_event(name, properties, "");
    event.anonymous = anonymous;
    return take_in(event);
  }
  [[nodiscard]] Identify an_identify(const Properties& attributes,
                                     std::string_view contact = "ola") const {
    Identify identify;
    identify.contact = contact;
    identify.envelope.received = clock_;
    identify.attributes = attributes;
    return identify;
  }
  Host& identify(const Properties& attributes, std::string_view contact = "ola") {
    return take_in(an_identify(attributes, contact));
  }
  [[nodiscard]] Alias an_alias(std::string_view previous, std::string_view contact = "ola") const {
    return Alias{previous, contact, {clock_, std::nullopt, {}, {}}};
  }
  Host& alias(std::string_view previous, std::string_view contact = "ola") {
    return take_in(an_alias(previous, contact));
  }
  // Of a receipt that a channel declares.
  Host& report(std::string_view declared, std::string_view step) {
    Report told = a_report(Receipt::declared, action(step).id);
    told.declared = declared;
    return take_in(told);
  }
  [[nodiscard]] Report a_report(Receipt receipt, const ActionId& action) const {
    Report report;
    report.action = action;
    report.receipt = receipt;
    report.envelope.received = clock_;
    return report;
  }
  // Of the newest action of that step that was taken.
  Host& report(Receipt receipt, std::string_view step) {
    return take_in(a_report(receipt, action(step).id));
  }
  [[nodiscard]] Enter an_enter(std::string_view campaign, std::optional<std::string_view> key = {},
                               std::string_view contact = "ola") const {
    return Enter{campaign, contact, key, {clock_, std::nullopt, {}, {}}, {}};
  }
  Host& enter(std::string_view campaign, std::optional<std::string_view> key = {},
              std::string_view contact = "ola") {
    return take_in(an_enter(campaign, key, contact));
  }
  Host& stop(std::string_view campaign, std::optional<std::string_view> key = {},
             std::string_view contact = "ola") {
    return take_in(Stop{campaign, contact, key, {clock_, std::nullopt, {}, {}}});
  }

  // --- What comes out.
  // Takes; the steps of the actions, in order, "step@contact" where the contact is not ola.
  Lines take() {
    const Output out = engine_->take_output();
    keep(out.journal);
    next_deadline_ = out.next_deadline;
    Lines steps;
    for (const Action& a : out.actions) {
      actions_.push_back({a.kind,
                          a.id,
                          a.at,
                          std::string(a.contact),
                          std::string(a.campaign),
                          a.version,
                          std::string(a.step),
                          a.iteration,
                          a.has_key,
                          std::string(a.key),
                          std::string(a.channel),
                          std::string(a.template_name),
                          std::string(a.address),
                          Properties(a.data.begin(), a.data.end()),
                          std::string(a.name),
                          std::string(a.team),
                          std::string(a.topic),
                          std::string(a.source),
                          a.granted,
                          a.attempt,
                          std::string(a.sender),
                          a.maybe_executed});
      steps.push_back(a.contact == "ola" ? std::string(a.step)
                                         : std::string(a.step) + "@" + std::string(a.contact));
    }
    return steps;
  }
  [[nodiscard]] const std::vector<Taken>& actions() const { return actions_; }
  [[nodiscard]] const Taken& action(std::string_view step) const {
    const auto at = std::find_if(actions_.rbegin(), actions_.rend(),
                                 [&](const Taken& each) { return each.step == step; });
    INFO(step);
    REQUIRE(at != actions_.rend());
    return *at;
  }
  // As of the newest take().
  [[nodiscard]] std::optional<Instant> next_deadline() const { return next_deadline_; }
  [[nodiscard]] const Statistics& statistics() const { return engine_->statistics(); }
  [[nodiscard]] base::ByteView journal() {
    keep(engine_->take_journal());
    return journal_;
  }

  // Everything that happened since the journal began.
  std::vector<Told> story() {
    std::vector<Told> all;
    Story story;
    for (std::span<const std::byte> rest = journal(); !rest.empty();) {
      const Result<Chapter> chapter = story.next(rest);
      if (!chapter) FAIL(chapter.error().message);
      for (const Happening& h : chapter->happenings) {
        all.push_back({h.at, std::string(h.what), std::string(h.reason), std::string(h.contact),
                       std::string(h.campaign), h.version, std::string(h.key), std::string(h.step),
                       std::string(h.choice), std::string(h.goal), h.due, h.value,
                       std::string(h.name), std::string(h.channel)});
      }
    }
    return all;
  }
  // Of those, what no told() has returned yet and is one of `whats`: "exited (goal)",
  // "resolved (timeout) wait-1".
  Lines told(std::initializer_list<std::string_view> whats) {
    const std::vector<Told> all = story();
    Lines lines;
    for (std::size_t i = told_; i < all.size(); ++i) {
      const Told& each = all[i];
      if (std::find(whats.begin(), whats.end(), each.what) == whats.end()) continue;
      std::string line = each.what;
      if (!each.reason.empty()) line.append(" (").append(each.reason).append(")");
      if (!each.step.empty()) line.append(" ").append(each.step);
      lines.push_back(std::move(line));
    }
    told_ = all.size();
    return lines;
  }
  // The deadline of the newest wait at that step.
  std::optional<Instant> due_of(std::string_view step) {
    std::optional<Instant> due;
    for (const Told& each : story()) {
      if (each.what == "waited" && each.step == step) due = each.due;
    }
    return due;
  }

  // The engine is lost and rebuilt from its journal.
  Host& crash() {
    const base::ByteView whole = journal();
    Result<Engine> engine = Engine::restore(whole, options_);
    if (!engine) FAIL(engine.error().message);
    engine_ = std::make_unique<Engine>(std::move(*engine));
    return *this;
  }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] const EngineOptions& options() const { return options_; }
  // What crash() rebuilds the engine with.
  [[nodiscard]] EngineOptions& options() { return options_; }

 private:
  void keep(std::span<const std::byte> bytes) {
    journal_.insert(journal_.end(), bytes.begin(), bytes.end());
  }

  EngineOptions options_;
  std::string workspace_;
  Instant clock_;
  std::unique_ptr<Engine> engine_;
  base::Bytes journal_;
  std::vector<Taken> actions_;
  std::optional<Instant> next_deadline_;
  std::size_t told_ = 0;
};

// Runs to each deadline up to `until`: "2026-03-02T09:00:00Z hi@jan" of every action that comes.
inline Lines run_to(Host& host, std::string_view until) {
  Lines lines;
  const Instant end = instant(until);
  host.take();
  while (host.next_deadline() && *host.next_deadline() <= end) {
    host.at(*host.next_deadline()).advance();
    for (const std::string& step : host.take()) {
      lines.push_back(to_text(host.clock()) + " " + step);
    }
  }
  host.at(end).advance();
  return lines;
}

}  // namespace itinera::test
