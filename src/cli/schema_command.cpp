// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"
#include "cli/streams.hpp"
#include "itinera/yaml.hpp"

namespace itinera::cli {

int schema_command(const SchemaOptions& options) {
  const Result<void> written = replace_file(options.output, json_schema());
  if (written) return 0;
  print_error(written.error());
  return 1;
}

}  // namespace itinera::cli
