// SPDX-License-Identifier: Apache-2.0
#include "yaml/test_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "yaml/campaign_reader.hpp"
#include "yaml/line_reader.hpp"

namespace itinera::yaml {
namespace {

constexpr std::uint32_t line_max = std::numeric_limits<std::uint32_t>::max();

// Bytes that the populations of one file may come to, counted roughly.
constexpr std::size_t population_bytes_max = 64u << 20;
constexpr std::size_t contact_bytes = 256;  // besides its texts

// Calls `visit` for every text in `value`.
template <class AnyValue, class Visit>
void for_each_text(AnyValue& value, Visit visit) {
  if (auto* text = std::get_if<std::string>(&value.data)) {
    visit(*text);
  } else if (auto* list = std::get_if<Value::List>(&value.data)) {
    for (auto& item : *list) for_each_text(item, visit);
  } else if (auto* map = std::get_if<Value::Map>(&value.data)) {
    for (auto& entry : *map) for_each_text(entry.value, visit);
  }
}

constexpr std::string_view number_mark = "{n}";

void put_number(std::string& text, const std::string& number) {
  std::size_t mark = text.find(number_mark);
  if (mark == std::string::npos) return;
  std::string result;
  std::size_t from = 0;
  for (; mark != std::string::npos; mark = text.find(number_mark, from)) {
    result.append(text, from, mark - from);
    result += number;
    from = mark + number_mark.size();
  }
  result.append(text, from);
  text = std::move(result);
}

std::size_t bytes_of(const Node& node) {
  std::size_t bytes = sizeof(Value) + node.text.size();
  for (const Node& item : node.items) bytes += bytes_of(item);
  for (const Member& member : node.members) {
    bytes += sizeof(MapEntry) + member.key.size() + bytes_of(member.value);
  }
  return bytes;
}

// Where each test stands, by its campaign and its name.
using Names = std::map<std::pair<std::string, std::string>, SourceLocation>;

class TestReader {
 public:
  TestReader(Report& report, Names& names, std::vector<TestCase>& out)
      : report_(report), names_(names), out_(out) {}

  void read_document(const Node& node) {
    const Node* const list = node.find("tests");
    if (list == nullptr && node.find("test") == nullptr) {
      report_.error(ErrorCode::missing_key, node.at, "this is no file of tests",
                    "begin it with `test: <what it shows>`, or with `tests:` and a list");
      return;
    }
    if (list == nullptr) {
      read_test(node);
      return;
    }
    for (const Member& member : node.members) {
      if (member.key == "tests") continue;
      report_.error(ErrorCode::unknown_key, member.key_at,
                    fmt::format("`{}` cannot stand beside `tests`", shown(member.key)),
                    "write it into each test");
    }
    if (!list->is(Node::Kind::sequence)) {
      report_.error(ErrorCode::wrong_type, list->at, "`tests` must be a list",
                    "write `- test: <what it shows>` for each");
    }
    for (const Node& item : list->items) read_test(item);
  }

 private:
  void read_test(const Node& node) {
    const std::size_t errors_before = report_.errors();
    const Fields fields(node, test_table, report_);
    TestCase test;
    test.name = fields.text("test");
    test.campaign = fields.text("campaign");
    fields.text("note");
    test.at = fields.place();
    read_variants(fields, test);
    if (const Node* policy = fields.node("policy")) {
      WordPlaces words;  // of a test's nobody asks
      test.policy = read_policy(*policy, report_, words);
    }
    const std::size_t errors_of_others = report_.errors();
    read_contacts(fields, test);
    const bool contacts_known = report_.errors() == errors_of_others;
    if (const Node* timeline = fields.node("timeline")) {
      test.timeline = read_timeline(*timeline, report_);
      if (timeline->items.empty()) {
        report_.error(ErrorCode::bad_value, timeline->at, "this test does nothing",
                      "`timeline:` takes a list of lines, such as `- {at: ..., event: ...}`");
      }
    }
    if (contacts_known) check_people(test);
    check_name(fields, test);
    read_rejects(fields, test);
    const bool both = fields.has("timeline") && fields.has("rejects");
    const bool neither = !fields.has("timeline") && !fields.has("rejects");
    if (both || (neither && !fields.faulty() && node.is(Node::Kind::mapping))) {
      report_.error(ErrorCode::missing_key, node.at,
                    both ? "a test has either a `timeline` or `rejects`"
                         : "a test needs a `timeline`, or `rejects`",
                    "`timeline:` takes a list of lines, such as `- {at: ..., event: ...}`");
    }
    test.readable = report_.errors() == errors_before;
    out_.push_back(std::move(test));
  }

  void check_name(const Fields& fields, const TestCase& test) {
    if (test.name.empty()) return;
    const auto [other, fresh] = names_.try_emplace({test.campaign, test.name}, test.at);
    if (fresh) return;
    report_.error(ErrorCode::duplicate_name, fields.key_at("test"),
                  fmt::format("another test of this campaign has this name: {}:{}",
                              other->second.file, other->second.line),
                  "say what this one shows");
  }

  // Where contacts are declared, a name that is none of theirs is misspelt: fed, it would be one
  // more person, and expected of, nobody.
  void check_people(const TestCase& test) {
    if (test.contacts.empty()) return;
    std::set<std::string_view> known;
    for (const TestContact& contact : test.contacts) known.insert(contact.id);
    const std::vector<std::string> declared = names_of(test);
    std::map<std::string_view, std::size_t> named;
    const auto check = [&](std::string_view id, const SourceLocation& at) {
      ++named[id];
      if (id.empty() || known.contains(id) || id.starts_with("anonymous:")) return;
      report_unknown_contact(id, at, declared);
    };
    for (const TestLine& line : test.timeline) {
      if (std::holds_alternative<TestIdentify>(line.input)) known.insert(line.contact);
      check(line.contact, line.contact_at);
      if (const auto* forget = std::get_if<TestForget>(&line.input)) {
        check(forget->contact, forget->contact_at);
      }
      if (const auto* merge = std::get_if<TestMerge>(&line.input)) {
        check(merge->from, merge->from_at);
        check(merge->into, merge->into_at);
      }
      if (!line.expect) continue;
      for (const Expectation& each : *line.expect) {
        if (each.contact) check(*each.contact, each.location);
      }
    }
    for (const TestLine& line : test.timeline) {
      if (std::holds_alternative<TestIdentify>(line.input) && named[line.contact] == 1) {
        warn_of_newcomer(line, declared);
      }
    }
  }

  // Who comes later does something later: one that is named once, and almost as another is, is
  // probably that one.
  void warn_of_newcomer(const TestLine& line, const std::vector<std::string>& declared) {
    if (std::find(declared.begin(), declared.end(), line.contact) != declared.end()) return;
    std::string hint = report_.did_you_mean(line.contact, declared);
    if (hint.empty()) return;
    report_.warning(
        {line.contact_at.line, line.contact_at.column, 0},
        fmt::format("nothing else in this test names the new contact `{}`", shown(line.contact)),
        std::move(hint));
  }

  // Of the contacts that a test declares, in a population of many only the first.
  static std::vector<std::string> names_of(const TestCase& test) {
    constexpr std::size_t names_max = 1'000;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(names_max, test.contacts.size()); ++i) {
      names.push_back(test.contacts[i].id);
    }
    return names;
  }

  void report_unknown_contact(std::string_view id, const SourceLocation& at,
                              const std::vector<std::string>& declared) {
    std::string hint = report_.did_you_mean(id, declared);
    if (hint.empty()) {
      hint = "declare it in `contacts`, or let it come later by an `identify` line of its own";
    }
    report_.error(ErrorCode::unknown_name, {at.line, at.column, 0},
                  fmt::format("this test has no contact `{}`", shown(id)), std::move(hint));
  }

  void read_variants(const Fields& fields, TestCase& test) {
    const Node* const node = fields.node("variants");
    if (node == nullptr) return;
    for (const Member& member : node->members) {
      test.variants.emplace_back(member.key, read_text(member.value, report_));
    }
  }

  void read_contacts(const Fields& fields, TestCase& test) {
    const bool unknown = fields.choice("history") == 1u;
    if (const Node* contact = fields.node("contact")) read_contact(*contact, unknown, test);
    if (const Node* contacts = fields.node("contacts")) {
      if (fields.has("contact")) {
        report_.error(ErrorCode::bad_value, fields.key_at("contacts"),
                      "`contact` and `contacts` cannot stand in one test",
                      "write them all into `contacts`");
      }
      for (const Node& item : contacts->items) read_contact(item, unknown, test);
    }
    std::set<std::string_view> ids;
    for (const TestContact& contact : test.contacts) {
      if (contact.id.empty() || ids.insert(contact.id).second) continue;
      report_.error(ErrorCode::duplicate_name, {contact.at.line, contact.at.column, 0},
                    fmt::format("two contacts are called `{}`", shown(contact.id)),
                    "write {n} into the id of a population: its members count from 1");
      return;
    }
  }

  void read_contact(const Node& node, bool unknown, TestCase& test) {
    const Fields fields(node, contact_table, report_, Fields::Strangers::allowed);
    TestContact contact;
    contact.id = fields.text("id");
    contact.at = fields.place();
    if (const Node* consent = fields.node("consent")) {
      contact.consents = read_consents(*consent, report_);
    }
    const auto history = fields.choice("history");
    contact.history_unknown = history ? *history == 1u : unknown;
    for (const Member& member : node.members) {
      if (contact_table.find(member.key) != nullptr) continue;
      if (auto value = read_literal(member.value, report_)) {
        contact.attributes.push_back({member.key, std::move(*value)});
      }
    }
    if (!fields.has("count")) {
      test.contacts.push_back(std::move(contact));
      return;
    }
    constexpr std::size_t count_max = population_bytes_max / contact_bytes;
    const auto count = fields.count("count", 1, static_cast<std::uint32_t>(count_max));
    if (!count) return;
    const std::size_t each = contact_bytes + bytes_of(node);
    population_bytes_ += *count * each;
    if (population_bytes_ > population_bytes_max) {
      report_.error(ErrorCode::too_large, fields.key_at("count"),
                    "the contacts of this file come to more than 64 MiB", "take fewer");
      return;
    }
    add_population(contact, *count, test);
  }

  static void add_population(const TestContact& one, std::uint32_t count, TestCase& test) {
    for (std::uint32_t n = 1; n <= count; ++n) {
      TestContact& contact = test.contacts.emplace_back(one);
      const std::string number = fmt::format("{}", n);
      put_number(contact.id, number);
      for (Property& attribute : contact.attributes) {
        for_each_text(attribute.value, [&](std::string& text) { put_number(text, number); });
      }
    }
  }

  void read_rejects(const Fields& fields, TestCase& test) {
    const Node* const list = fields.node("rejects");
    if (list == nullptr) return;
    if (list->items.empty()) {
      report_.error(ErrorCode::bad_value, list->at, "`rejects` lists no error",
                    "write `[{code: unknown_key, line: 3}]`");
    }
    for (const Node& item : list->items) {
      const Fields entry(item, rejection_table, report_);
      Rejection rejection;
      rejection.location = entry.place();
      rejection.line = entry.count("line", 1, line_max);
      const std::string name = entry.text("code");
      if (const auto code = error_code_from(name)) {
        rejection.code = *code;
        test.rejects.push_back(std::move(rejection));
      } else if (!name.empty()) {
        report_.error(ErrorCode::bad_value, entry.node("code")->at,
                      fmt::format("there is no error `{}`", shown(name)),
                      "the names stand in docs/errors.md");
      }
    }
  }

  Report& report_;
  Names& names_;
  std::vector<TestCase>& out_;
  std::size_t population_bytes_ = 0;
};

void load_file(const SourceFile& file, const Limits& limits, Names& names, LoadedTests& result) {
  const std::size_t tests_before = result.tests.size();
  Report report(file.path, without_byte_order_mark(file.text), result.diagnostics);
  const std::vector<Node> documents = parse(limits, report);
  if (documents.empty() && report.complete()) {
    report.error(ErrorCode::missing_key, {1, 1, 0}, "this file says nothing",
                 "begin it with `test:` or `tests:`");
  }
  TestReader reader(report, names, result.tests);
  for (const Node& document : documents) {
    if (report.complete() || document.is(Node::Kind::mapping)) reader.read_document(document);
  }
  const bool told =
      std::any_of(result.tests.begin() + static_cast<std::ptrdiff_t>(tests_before),
                  result.tests.end(), [](const TestCase& test) { return !test.readable; });
  if (report.errors() == 0 || told) return;
  TestCase& file_itself = result.tests.emplace_back();
  file_itself.at = report.place({1, 1, 0});
  file_itself.readable = false;
}

}  // namespace

LoadedTests load_tests(std::span<const SourceFile> files, const Limits& limits) {
  std::vector<const SourceFile*> order;
  for (const SourceFile& file : files) order.push_back(&file);
  std::stable_sort(order.begin(), order.end(),
                   [](const SourceFile* a, const SourceFile* b) { return a->path < b->path; });
  LoadedTests result;
  Names names;
  for (const SourceFile* file : order) load_file(*file, limits, names, result);
  std::stable_sort(result.diagnostics.begin(), result.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.location.file, a.location.line, a.location.column) <
                            std::tie(b.location.file, b.location.line, b.location.column);
                   });
  return result;
}

}  // namespace itinera::yaml
