// SPDX-License-Identifier: Apache-2.0
// Files of unit tests, as they are written (format.md, Tests). What they mean, room lab says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "itinera/campaign.hpp"
#include "itinera/diagnostic.hpp"
#include "itinera/input.hpp"
#include "itinera/limits.hpp"
#include "itinera/migration.hpp"
#include "itinera/policy.hpp"
#include "itinera/step.hpp"
#include "itinera/time.hpp"
#include "itinera/value.hpp"
#include "itinera/yaml.hpp"

namespace itinera::yaml {

// `email: granted`, or below a channel `news: denied`.
struct TestConsent {
  std::string channel;
  std::string topic;
  bool granted = true;
};

// `contact`, or one of `contacts`; a population (`count`) is as many of them, `{n}` in its texts
// replaced by 1, 2, ...
struct TestContact {
  std::string id;
  Properties attributes;  // everything but id, history and count
  std::vector<TestConsent> consents;
  bool history_unknown = false;  // `history: unknown`
  SourceLocation at;
};

// What a line feeds. Contacts and keys are empty, or nothing, where the line does not name them.
struct TestEvent {
  std::string name;
  Properties properties;
  std::optional<Instant> occurred;
  std::string message_id;
  std::string source;
  std::string anonymous;  // an unknown person; the line's contact may be empty, then
};
struct TestIdentify {
  Properties attributes;
  std::vector<TestConsent> consents;
  Properties verified;  // handles: texts
  std::optional<Instant> occurred;
  std::string message_id;
  std::string source;
  std::string anonymous;  // linked to the contact
};
struct TestAlias {
  std::string previous;  // the anonymous id that the line's contact had
};
struct TestMerge {
  std::string from;
  std::string into;
  SourceLocation from_at;
  SourceLocation into_at;
};
struct TestForget {
  std::string contact;
  SourceLocation contact_at;
};
struct TestGroup {
  std::string account;
};
struct TestReport {
  Receipt receipt = Receipt::opened;
  std::string declared = {};  // the name of one that a channel declares
  std::string step;
  std::optional<std::string> key;
  std::optional<std::uint32_t> iteration;
  bool hard = true;
  bool retry = true;
  Properties data;
};
struct TestPublish {
  std::string file;
  std::optional<WaitChange> migrate = {};  // empty, without steps: journeys keep their version
  std::vector<StepAnswer> steps = {};
  std::optional<Entry::Existing> existing = {};  // in place of what its entries say
};
struct TestStart {
  std::string campaign;
  std::optional<std::string> key;
  Properties properties;
};
struct TestStop {
  std::string campaign;
  std::optional<std::string> key;
};
struct TestMove {
  std::string campaign;
  std::string step;
  std::optional<std::string> key;
};
struct TestSuppress {
  std::string channel;
  std::string address;
  bool listed = true;
};
struct TestPause {
  std::string campaign;
  PauseMode mode = PauseMode::queue;
  bool entries = false;
};
struct TestResume {
  std::string campaign;
};
struct TestReassign {
  std::string step;
  std::optional<std::string> key;
  std::string to;
  std::string by;
  std::string note;
  std::optional<std::int64_t> within_ms;
};
struct TestTakeOver {
  std::string step;  // of the task that has the token
  std::optional<std::string> key;
  bool damaged = false;  // something in the token is changed on its way
};
struct TestCrash {
  bool after_taking = false;
};
using TestInput =
    std::variant<std::monostate, TestEvent, TestIdentify, TestAlias, TestReport, TestPublish,
                 TestStart, TestStop, TestCrash, TestSuppress, TestMerge, TestForget, TestGroup,
                 TestPause, TestResume, TestReassign, TestTakeOver, TestMove>;

// One item of `expect`. A field that is not named is not compared.
struct Expectation {
  enum class Kind : std::uint8_t {
    action,    // {send: email, ...}: `name` is "send"
    decision,  // {decision: NAME, ...}, or a bare name
    absent,    // {no: NAME, ...}
    not_sent,  // {not_sent: CHANNEL, reason: ...}
  };
  Kind kind = Kind::action;
  std::string name;  // of the action's kind, or of the decision
  std::optional<std::string> channel;
  std::optional<std::string> template_name;
  std::optional<std::string> audience;  // "add vip", "remove vip"
  std::optional<std::string> asked;     // the name of a call; what a task asks
  std::optional<std::string> team;
  std::optional<std::string> topic;   // of a consent
  std::optional<std::string> state;   // "granted", "denied"
  std::optional<std::string> source;  // of a consent
  std::optional<std::string> address;
  std::optional<std::string> step;
  std::optional<std::string> contact;
  std::optional<std::string> campaign;
  std::optional<std::string> key;
  std::optional<std::string> goal;
  std::optional<std::string> reason;
  std::optional<Instant> at;
  std::optional<std::uint32_t> iteration;
  std::optional<bool> maybe_executed;  // of an action
  std::uint32_t count = 1;
  Properties data;
  SourceLocation location;
};

struct TestLine {
  Instant at;           // the instant at which it stands, resolved
  std::string contact;  // empty: the test's only contact
  SourceLocation contact_at;
  TestInput input;
  std::optional<std::vector<Expectation>> expect;
  std::optional<ErrorCode> error;  // the input must be refused with this
  SourceLocation location;
  SourceLocation input_at;  // of the key that says what the input is; of the
                            // line if it has none
};

// An error that loading must report.
struct Rejection {
  ErrorCode code = ErrorCode::bad_value;
  std::optional<std::uint32_t> line;
  SourceLocation location;
};

struct TestCase {
  std::string name;
  std::string campaign;
  std::vector<std::pair<std::string, std::string>> variants;  // split id, variant
  std::optional<Policy> policy;                               // in place of the workspace's
  std::vector<TestContact> contacts;
  std::vector<TestLine> timeline;
  std::vector<Rejection> rejects;  // in place of a timeline
  SourceLocation at;
  bool readable = true;  // false: it has errors, and what else stands here is what could be read
};

struct LoadedTests {
  std::vector<TestCase> tests;  // in the order of files and lines
  Diagnostics diagnostics;
};

// Reads test files. What cannot be read is a test too, so that nobody believes that it passed: a
// test with an error is there as not `readable`, and where an error belongs to none, one stands for
// the file. Never throws, whatever the text.
LoadedTests load_tests(std::span<const SourceFile> files, const Limits& limits = {});

}  // namespace itinera::yaml
