// SPDX-License-Identifier: Apache-2.0
// Completion of the command line in shells, made from the commands themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace itinera::cli {

struct CompletedOption {
  std::vector<std::string> names;  // "--svg", "-o"
  std::string description;
  bool takes_value = false;
  std::vector<std::string> values;  // all there are; empty: files
};

struct CompletedCommand {
  std::string name;
  std::string description;
  std::vector<CompletedOption> options;
};

// The script for "bash", "zsh" or "fish"; empty for any other shell.
std::string completion_script(std::string_view shell,
                              const std::vector<CompletedCommand>& commands);

// Prints it. The exit code.
int completion_command(std::string_view shell, const std::vector<CompletedCommand>& commands);

}  // namespace itinera::cli
