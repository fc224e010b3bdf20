"""Size gate: a module has at most 400 lines, a function at most 40 lines outside its docstring.

Test files have the limit per file only: a table of cases is one long thing by nature.
Prints each offender as `path:line: what`, and exits 1 if there is one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


def offences(path: str, source: str, *, functions: bool) -> list[str]:
    """What is too long in one file; `functions` says whether their length counts."""
    lines = len(source.splitlines())
    found = []
    if lines > MODULE_LINES:
        found.append(f"{path}:1: module of {lines} lines, at most {MODULE_LINES}")
    if functions:
        for node in ast.walk(ast.parse(source, filename=path)):
            if isinstance(node, Function) and function_lines(node) > FUNCTION_LINES:
                found.append(
                    f"{path}:{node.lineno}: function {node.name} of {function_lines(node)} lines, "
                    f"at most {FUNCTION_LINES}"
                )
    return found


def function_lines(node: Function) -> int:
    """Lines from `def` to the last one, without the docstring's."""
    total = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


def python_files(place: Path) -> Iterator[Path]:
    """The Python files at or below a place, in order."""
    yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


def main(argv: Sequence[str]) -> int:
    """Check the places given; `tests` is the directory whose functions are free."""
    found: list[str] = []
    count = 0
    for place in argv:
        for path in python_files(Path(place)):
            count += 1
            source = path.read_text(encoding="utf-8")
            found += offences(str(path), source, functions="tests" not in path.parts)
    if not count:
        found.append(f"no Python file below {' '.join(argv) or 'nothing'}")
    print("\n".join(found) if found else f"size: {count} files within the limits")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
