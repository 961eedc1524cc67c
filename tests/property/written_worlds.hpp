// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "itinera/yaml.hpp"

namespace itinera::property {

struct Written {
  std::string name;
  LoadedWorkspace loaded;
};

// The workspaces of this repository that stand in files, by name: examples/retail, and each file
// of tests/scenarios.
std::vector<Written> written_workspaces();

// The bytes of a file; empty if there is none.
std::string file_text(const std::string& path);

}  // namespace itinera::property
