# SPDX-License-Identifier: Apache-2.0
"""The author's tools of the command line: tools_test.py <itinera> <project root>"""

import sys

import command_test
from command_test import RETAIL, expect, itinera, shop


def test_graph_draws_mermaid(_):
    outcome = itinera("graph", RETAIL, "--campaign", "win-back", "--format", "mermaid")
    expect(outcome, 0, "flowchart TD", "entry0 --> n0", "classDef send")
    expect(itinera("graph", RETAIL, "--format", "mermaid"), 1, "a Mermaid flowchart holds one")


def test_graph_knows_its_formats(folder):
    path = shop(folder) / "campaigns/welcome.yaml"
    expect(itinera("graph", path, "--format", "dot"), 0, "digraph")
    expect(itinera("graph", path, "-f", "gif"), 1, "--format")
    expect(itinera("graph", path, "--svg", "-f", "dot"), 1, "excludes")


if __name__ == "__main__":
    sys.exit(command_test.main(globals()))
