// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.hpp"
#include "cli/streams.hpp"
#include "itinera/yaml.hpp"

namespace itinera::cli {

int schema_command(const SchemaOptions& options) {
  Result<Output> out = Output::open(options.output, Output::Mode::replace);
  if (out) {
    out->buffer() = json_schema();
    const Result<void> flushed = out->flush();
    if (flushed || out->reader_is_gone()) return 0;
    print_error(flushed.error());
    return 1;
  }
  print_error(out.error());
  return 1;
}

}  // namespace itinera::cli
