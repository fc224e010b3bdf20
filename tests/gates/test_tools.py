"""The file of Debian packages, and what is done about a missing command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.install_tools import apt_commands, left_out
from gates.tools import Tool, find_command, known_tools, missing, parse_packages

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_line_is_a_package_and_its_command() -> None:
    text = "# comment\n\ndnsmasq-base dnsmasq\nbind9-dnsutils   dig # why\n"
    assert parse_packages(text) == (Tool("dnsmasq-base", "dnsmasq"), Tool("bind9-dnsutils", "dig"))


def test_a_line_without_a_command_is_named() -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_packages("a b\nlonely\n")


@given(st.text())
def test_any_text_gives_tools_or_a_value_error(text: str) -> None:
    try:
        tools = parse_packages(text)
    except ValueError:
        return
    assert all(tool.package and tool.command for tool in tools)


def test_the_projects_own_file_names_what_tests_use() -> None:
    assert {tool.command for tool in known_tools()} >= {"dnsmasq", "dig", "kubectl"}


def test_a_package_whose_command_is_here_is_not_missing() -> None:
    tools = (Tool("anything", "sh"), Tool("ghost-package", "no-such-command"))
    assert missing(tools) == (tools[1],)


def test_each_package_is_installed_by_itself() -> None:
    tools = [Tool("dnsmasq-base", "dnsmasq"), Tool("curl", "curl")]
    update, *installs = apt_commands(tools)
    assert update[:2] == ["apt-get", "update"]
    assert [(words[1], words[-1]) for words in installs] == [
        ("install", "dnsmasq-base"),
        ("install", "curl"),
    ]


def test_what_is_left_out_is_said_with_marker_and_package() -> None:
    said = left_out([Tool("bind9-dnsutils", "dig")])
    assert "NO dig: tests marked needs_dig are left out (Debian package bind9-dnsutils)" in said


def test_a_command_outside_the_path_of_a_user_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert find_command("no-such-command") is None
    if Path("/usr/sbin/dnsmasq").exists():
        assert find_command("dnsmasq") == "/usr/sbin/dnsmasq"


def run_marked_test(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A session with the project's conftest and one test that needs a command nobody has."""
    shutil.copytree(ROOT / "gates", tmp_path / "gates")
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "packages.debian").write_text("ghost-package ghost\n", encoding="utf-8")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n@pytest.mark.needs_ghost\ndef test_it():\n    pass\n", encoding="utf-8"
    )
    inherited = {k: v for k, v in os.environ.items() if k != "STRICT_TOOLS"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**inherited, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_test_whose_command_is_missing_is_left_out_loudly(tmp_path: Path) -> None:
    done = run_marked_test(tmp_path)
    assert done.returncode == 0
    assert "LEFT OUT: 1 tests that need ghost" in done.stdout
    assert "1 skipped" in done.stdout.splitlines()[-1]


def test_it_fails_where_tools_are_required(tmp_path: Path) -> None:
    done = run_marked_test(tmp_path, STRICT_TOOLS="1")
    assert done.returncode == 1
    assert "install the Debian package ghost-package (STRICT_TOOLS=1)" in done.stdout
