"""The size gate finds what is too long, and only that."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gates.size import Function, function_lines, main, offences


def function_of(lines: int, *, docstring_lines: int = 0) -> str:
    """Source of a function with that many lines, `def` included, beside its docstring."""
    docstring = ["    '''Doc."] + ["    more"] * (docstring_lines - 2) + ["    '''"]
    body = ["    x = 1"] * (lines - 1)
    return "\n".join(["def f():", *(docstring if docstring_lines else []), *body]) + "\n"


@pytest.mark.parametrize("lines, found", [(400, 0), (401, 1)])
def test_a_module_may_have_400_lines(lines: int, found: int) -> None:
    assert len(offences("m.py", "x = 1\n" * lines, functions=True)) == found


@pytest.mark.parametrize("lines, found", [(40, 0), (41, 1)])
def test_a_function_may_have_40_lines(lines: int, found: int) -> None:
    assert len(offences("m.py", function_of(lines), functions=True)) == found


def test_a_docstring_does_not_count() -> None:
    assert offences("m.py", function_of(40, docstring_lines=30), functions=True) == []


def test_the_offender_is_named_with_its_line() -> None:
    source = "import os\n\n\nclass A:\n    async def long(self):\n" + "        x = 1\n" * 40
    assert offences("m.py", source, functions=True) == [
        "m.py:5: function long of 41 lines, at most 40"
    ]


def test_functions_of_tests_are_free_but_their_files_are_not(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text(function_of(100), encoding="utf-8")
    assert main([str(tests)]) == 0
    (tests / "test_b.py").write_text("x = 1\n" * 401, encoding="utf-8")
    assert main([str(tests)]) == 1


def test_nothing_to_check_is_a_failure(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


def test_lines_of_a_function_end_with_its_last_statement() -> None:
    node = ast.parse("@decorated\ndef f():\n    return (\n        1\n    )\n").body[0]
    assert isinstance(node, Function)
    assert function_lines(node) == 4
