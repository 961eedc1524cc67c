// SPDX-License-Identifier: Apache-2.0
// The commands. Each returns the exit code: 0, or 1 after it said what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/input_reader.hpp"
#include "itinera/runtime.hpp"

namespace itinera::cli {

inline constexpr int exit_interrupted = 130;

struct CheckOptions {
  std::vector<std::string> paths{"."};
  bool json = false;
  bool strict = false;  // warnings fail
};
int check_command(const CheckOptions& options);

struct TestOptions {
  std::string folder = ".";
  std::string filter;  // a part of a test's name
  bool json = false;
  bool coverage = false;          // tell which ways the tests took
  bool require_coverage = false;  // and fail where they left one out
};
int test_command(const TestOptions& options);

struct FmtOptions {
  std::vector<std::string> paths{"."};
  bool check = false;  // write nothing, and fail where something would be written
};
int fmt_command(const FmtOptions& options);

struct SchemaOptions {
  std::string output = "-";
};
int schema_command(const SchemaOptions& options);

struct NeedsOptions {
  std::string folder = ".";
  bool json = false;
};
int needs_command(const NeedsOptions& options);

struct NewOptions {
  std::string folder;
};
int new_command(const NewOptions& options);

struct SimulateOptions {
  std::string folder = ".";
  std::string plan;  // empty: simulation.yaml of the folder, or a guess
  std::optional<std::uint32_t> contacts;
  std::optional<std::uint32_t> days;
  std::optional<std::uint64_t> seed;
  std::string opened;  // "40%"
  std::string clicked;
};
int simulate_command(const SimulateOptions& options);

struct PlanOptions {
  std::string folder = ".";
  std::string campaign;
  std::string step;   // empty: the first send that names its senders
  std::string from;   // empty: as the world says
  std::string world;  // empty: simulation.yaml of the folder, or a guess
  std::optional<std::uint32_t> contacts;
  std::optional<std::uint64_t> seed;
};
int plan_command(const PlanOptions& options);

struct RunOptions {
  std::string folder = ".";
  std::string input = "-";
  std::string store;  // a file; empty: in memory
  std::uint64_t snapshot_after_bytes = Upkeep{}.snapshot_after_bytes;
  std::uint64_t journal_bytes_max = 0;  // 0: no bound
  std::string journal_age;              // "90d"; empty: no bound
  std::uint32_t shards = 0;             // 0: as the store has, of a new one 1
  std::uint32_t threads = 1;
  std::string actions = "-";
  std::string funnel;  // empty: none
  ReceivedFrom received_from = ReceivedFrom::received_at;
  bool strict = false;
  bool resume = false;
  bool reoffer = false;
};
int run_command(const RunOptions& options);

struct LookOptions {
  std::string store;    // a file
  std::string contact;  // empty: none
  std::string stuck;    // "7d": who has been stuck for so long; empty: nobody is asked for
  bool steps = false;   // how many stand at each; so it is where nothing else is asked for
  bool json = false;
  std::uint32_t limit = 20;  // of those that are stuck
};
int look_command(const LookOptions& options);

struct PublishOptions {
  std::string folder = ".";
  std::string store;
  std::string at;                    // empty: where the store ends
  std::vector<std::string> migrate;  // CAMPAIGN[=keep|recompute|release]
  std::vector<std::string> steps;    // CAMPAIGN/STEP=STEP|exit|pin
  bool dry_run = false;
  bool json = false;
};
int publish_command(const PublishOptions& options);

struct DiffOptions {
  std::vector<std::string> paths;  // OLD and NEW, or NEW alone where there is a store
  std::string store;               // empty: journeys are not asked for
  std::string at;                  // as of publish
  std::vector<std::string> migrate;
  std::vector<std::string> steps;
  std::string campaign;    // that is told of and drawn; empty: all, the one that differs
  std::string svg;         // a file; empty: none
  bool dot = false;        // the picture, in place of words
  bool journeys = false;   // one by one
  bool json = false;       // one object
  bool exit_code = false;  // 1 where there is a difference
};
int diff_command(const DiffOptions& options);

enum class PictureFormat : std::uint8_t { dot, svg, mermaid };
struct GraphOptions {
  std::string path = ".";
  std::string campaign;
  std::string output = "-";
  PictureFormat format = PictureFormat::dot;
};
int graph_command(const GraphOptions& options);

}  // namespace itinera::cli
