"""Markers for tests that need a command of a Debian package, and a loud account of those left out.

`needs_<command>` exists for each command in `packages.debian`. Where the command is missing the
test is left out and said so at the end; under STRICT_TOOLS=1 it fails instead.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import settings

from gates.tools import Tool, find_command, known_tools

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

_left_out = pytest.StashKey[Counter[Tool]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_left_out] = Counter()
    for tool in known_tools():
        text = f"needs_{tool.command}: needs {tool.command} (Debian package {tool.package})"
        config.addinivalue_line("markers", text)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for tool in known_tools():
        if item.get_closest_marker(f"needs_{tool.command}") is None or find_command(tool.command):
            continue
        reason = f"no {tool.command} here: install the Debian package {tool.package}"
        if os.environ.get("STRICT_TOOLS") == "1":
            pytest.fail(f"{reason} (STRICT_TOOLS=1)", pytrace=False)
        item.config.stash[_left_out][tool] += 1
        pytest.skip(reason)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for tool, count in config.stash[_left_out].items():
        terminalreporter.write_line(
            f"LEFT OUT: {count} tests that need {tool.command} "
            f"(not on this machine; Debian package {tool.package})",
            red=True,
            bold=True,
        )
