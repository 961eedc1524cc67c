// SPDX-License-Identifier: Apache-2.0
#include "yaml/line_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "yaml/expect_reader.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t iteration_max = std::numeric_limits<std::uint32_t>::max();

class LineReader {
 public:
  explicit LineReader(Report& report) : report_(report) {}

  std::vector<TestLine> lines(const Node& list) {
    std::vector<TestLine> result;
    for (const Node& item : list.items) {
      if (auto line = this->line(item)) result.push_back(std::move(*line));
    }
    return result;
  }

 private:
  std::optional<TestLine> line(const Node& node) {
    const std::size_t before = report_.errors();
    const Table* const table = kind_of(node, line_tables(), "line", report_);
    // Of a misspelt kind the other keys are no mistakes.
    if (table == nullptr && report_.errors() == before) {
      report_misspelt_kind(node, line_tables(), "line", &line_table, report_);
    }
    if (table == nullptr && report_.errors() > before) {
      if (!now_) now_ = Instant{};  // Whether it had an `at` is not the next line's fault.
      return std::nullopt;
    }
    const Fields fields(node, table == nullptr ? line_table : *table, report_);
    TestLine result;
    result.location = fields.place();
    result.input_at =
        table == nullptr ? result.location : report_.place(fields.key_at(table->kind));
    result.at = instant(fields);
    result.contact = fields.text("contact");
    result.contact_at = report_.place(fields.key_at("contact"));
    if (table != nullptr) read_input(table->kind, fields, result);
    if (const Node* expect = fields.node("expect")) {
      result.expect = read_expectations(*expect, report_);
    }
    read_error(fields, result);
    return result;
  }

  // At `at`, or `after` the line before, or at its instant.
  Instant instant(const Fields& fields) {
    const auto at = fields.instant("at");
    const auto after = fields.elapsed("after");
    if (fields.has("at") && fields.has("after")) {
      report_.error(ErrorCode::bad_value, fields.key_at("after"),
                    "`at` and `after` cannot stand on one line", "keep one of them");
    } else if (at) {
      if (now_ && *at < *now_) {
        report_.warning(fields.key_at("at"), "this line stands before the one above it",
                        "time never goes back: it is carried out at the instant of that one");
      }
      now_ = std::max(*at, now_.value_or(*at));
    } else if (after && now_) {
      // Both are bounded: no sum of them overflows.
      const std::int64_t room = latest_instant - *now_;
      if (*after > room) {
        report_.error(ErrorCode::bad_value, fields.key_at("after"),
                      "this is later than the year 9999");
      } else {
        now_ = *now_ + *after;
      }
    } else if (!now_ && !fields.has("at")) {
      report_.error(ErrorCode::missing_key, fields.at(), "the first line needs `at`",
                    "write `at: 2026-03-02T10:00:00Z`");
      now_ = Instant{};
    }
    return now_.value_or(Instant{});
  }

  void read_input(std::string_view kind, const Fields& fields, TestLine& line) {
    if (kind == "event") {
      TestEvent event;
      event.name = fields.text("event");
      event.properties = fields.literals("properties");
      read_envelope(fields, event);
      line.input = std::move(event);
    } else if (kind == "identify") {
      line.input = identify(fields);
    } else if (kind == "alias") {
      line.input = alias(fields, line);
    } else if (kind == "merge") {
      line.input = merge(fields);
    } else if (kind == "forget") {
      line.input = TestForget{fields.text("forget"), report_.place(fields.key_at("forget"))};
    } else if (kind == "group") {
      line.input = TestGroup{fields.literal_text("group")};
    } else if (kind == "report") {
      line.input = report(fields);
    } else if (kind == "publish") {
      line.input = publication(fields);
    } else if (kind == "start") {
      line.input = TestStart{fields.text("start"), optional_text(fields, "key"),
                             fields.literals("properties")};
    } else if (kind == "stop") {
      line.input = TestStop{fields.text("stop"), optional_text(fields, "key")};
    } else if (kind == "move") {
      line.input = TestMove{fields.text("move"), fields.text("step"), optional_text(fields, "key")};
    } else if (kind == "pause") {
      const auto mode = static_cast<PauseMode>(fields.choice("mode").value_or(0));
      line.input = TestPause{fields.text("pause"), mode, fields.choice("entries") == 1u};
    } else if (kind == "resume") {
      line.input = TestResume{fields.text("resume")};
    } else if (kind == "suppress") {
      line.input = suppress(fields);
    } else if (kind == "reassign") {
      line.input = TestReassign{fields.text("reassign"), optional_text(fields, "key"),
                                fields.text("to"),       fields.text("by"),
                                fields.text("text"),     fields.elapsed("within")};
    } else if (kind == "take_over") {
      line.input = TestTakeOver{fields.text("take_over"), optional_text(fields, "key"),
                                fields.boolean("damaged").value_or(false)};
    } else {
      line.input = TestCrash{fields.choice("crash") == 1u};
    }
  }

  TestPublish publication(const Fields& fields) {
    TestPublish made{fields.text("publish")};
    if (const auto migrate = fields.choice("migrate")) {
      made.migrate = static_cast<WaitChange>(*migrate);
    }
    if (const auto existing = fields.choice("existing")) {
      made.existing = static_cast<Entry::Existing>(*existing);
    }
    const Node* const steps = fields.node("steps");
    if (steps == nullptr) return made;
    for (const Member& member : steps->members) {
      if (!member.value.is(Node::Kind::scalar) || member.value.text.empty()) {
        report_.error(ErrorCode::wrong_type, member.value.at,
                      fmt::format("what becomes of step '{}' is a text", member.key),
                      "write the step it becomes, exit or pin");
        continue;
      }
      const std::string& answer = member.value.text;
      using Kind = StepAnswer::Kind;
      const Kind kind = answer == "exit" ? Kind::exit : answer == "pin" ? Kind::pin : Kind::to;
      made.steps.push_back({member.key, kind, kind == Kind::to ? answer : std::string()});
    }
    return made;
  }

  template <class Input>
  void read_envelope(const Fields& fields, Input& input) {
    input.occurred = fields.instant("occurred");
    input.message_id = fields.text("message_id");
    input.source = fields.text("source");
    input.anonymous = fields.text("anonymous");
  }

  TestIdentify identify(const Fields& fields) {
    TestIdentify identify;
    if (const Node* attributes = fields.node("identify")) {
      for (const Member& member : attributes->members) {
        if (member.key == "consent") identify.consents = read_consents(member.value, report_);
      }
    }
    identify.attributes = fields.literals("identify");
    std::erase_if(identify.attributes, [](const Property& p) { return p.name == "consent"; });
    if (const Node* verified = fields.node("verified")) {
      for (const Member& member : verified->members) {
        if (member.value.is(Node::Kind::scalar)) {
          identify.verified.push_back({member.key, member.value.text});
        } else {
          report_.error(ErrorCode::wrong_type, member.value.at, "a verified handle is a text",
                        "write `verified: {email: ada@example.com}`");
        }
      }
    }
    read_envelope(fields, identify);
    return identify;
  }

  TestAlias alias(const Fields& fields, TestLine& line) {
    TestAlias alias;
    const Node* const node = fields.node("alias");
    if (node == nullptr) return alias;
    const Fields names(*node, alias_table, report_);
    alias.previous = names.text("previous");
    if (std::string contact = names.text("contact"); !contact.empty()) {
      line.contact = std::move(contact);
      line.contact_at = report_.place(names.key_at("contact"));
    }
    return alias;
  }

  TestSuppress suppress(const Fields& fields) {
    TestSuppress suppress;
    if (const Node* node = fields.node("suppress")) {
      const Fields form(*node, suppress_table, report_);
      suppress.channel = form.text("channel");
      suppress.address = form.text("address");
      suppress.listed = form.boolean("listed").value_or(true);
    }
    return suppress;
  }

  TestMerge merge(const Fields& fields) {
    const Node* const node = fields.node("merge");
    if (node == nullptr) return {};
    const Fields names(*node, merge_table, report_);
    return {names.text("from"), names.text("into"), report_.place(names.key_at("from")),
            report_.place(names.key_at("into"))};
  }

  TestReport report(const Fields& fields) {
    TestReport result;
    if (const Node* node = fields.node("report")) read_receipt(*node, result);
    result.key = optional_text(fields, "key");
    result.iteration = fields.count("iteration", 0, iteration_max);
    result.hard = fields.boolean("hard").value_or(result.hard);
    result.retry = fields.boolean("retry").value_or(result.retry);
    result.data = fields.literals("data");
    return result;
  }

  // {opened: reminder}
  void read_receipt(const Node& node, TestReport& result) {
    if (node.members.size() != 1) {
      report_.error(ErrorCode::bad_value, node.at, "a report is one receipt of one step",
                    "write `report: {opened: reminder}`");
      return;
    }
    const Member& member = node.members.front();
    if (const auto receipt = receipt_from(member.key)) {
      result.receipt = *receipt;
      result.step = read_text(member.value, report_);
      return;
    }
    std::vector<std::string> names;
    for (int i = 0; i < static_cast<int>(Receipt::declared); ++i) {
      names.emplace_back(name_of(static_cast<Receipt>(i)));
    }
    std::string hint = report_.did_you_mean(member.key, names);
    if (!hint.empty()) {
      report_.error(ErrorCode::unknown_key, member.key_at,
                    fmt::format("`{}` is no receipt", shown(member.key)), std::move(hint));
      return;
    }
    // Whether a channel declares it, is asked once all files are read.
    result.receipt = Receipt::declared;
    result.declared = member.key;
    result.step = read_text(member.value, report_);
  }

  void read_error(const Fields& fields, TestLine& line) {
    if (!fields.has("error")) return;
    const std::string name = fields.text("error");
    line.error = error_code_from(name);
    if (line.error || name.empty()) return;
    report_.error(ErrorCode::bad_value, fields.node("error")->at,
                  fmt::format("there is no error `{}`", shown(name)),
                  "the names stand in docs/errors.md; a repeated message is `conflict`");
  }

  Report& report_;
  std::optional<Instant> now_;  // of the line before
};

}  // namespace

std::optional<ErrorCode> error_code_from(std::string_view name) {
  const auto codes = all_error_codes();
  const auto found = std::find_if(codes.begin(), codes.end(),
                                  [&](ErrorCode code) { return name_of(code) == name; });
  return found == codes.end() ? std::nullopt : std::optional(*found);
}

std::vector<TestConsent> read_consents(const Node& node, Report& report) {
  constexpr std::string_view hint = "write `consent: {email: granted, push: {news: denied}}`";
  std::vector<TestConsent> consents;
  const auto add = [&](const std::string& channel, const std::string& topic, const Node& state) {
    const bool known =
        state.is(Node::Kind::scalar) && (state.text == "granted" || state.text == "denied");
    if (known) return consents.push_back({channel, topic, state.text == "granted"});
    report.error(ErrorCode::bad_value, state.at, "a consent is `granted` or `denied`",
                 std::string(hint));
  };
  if (!node.is(Node::Kind::mapping)) {
    report.error(ErrorCode::wrong_type, node.at, "`consent` must be a mapping of channels",
                 std::string(hint));
  }
  for (const Member& channel : node.members) {
    if (!channel.value.is(Node::Kind::mapping)) add(channel.key, {}, channel.value);
    for (const Member& topic : channel.value.members) add(channel.key, topic.key, topic.value);
  }
  return consents;
}

std::vector<TestLine> read_timeline(const Node& list, Report& report) {
  return LineReader(report).lines(list);
}

}  // namespace itinera::yaml
