"""Every cause that can be given, in a table: question, cause, sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dnsmasq_front.explain
import kubedns.explain
from tests.explain.table import PATH, Row, answered, read_table
from tests.explain.world import ZONES

ROWS = list(read_table(PATH.read_text()))
CAUSES_MIN = 30
UNREACHABLE = {"no-cluster-address"}
"""Only an API object that the watch layer refuses could have it."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.heading}: {row.question}")
def test_the_table_of_causes(row: Row) -> None:
    assert answered(row.heading, row.question) == row


def test_the_table_has_every_cause_that_the_code_names() -> None:
    shown = {row.verdict.split()[-1] for row in ROWS}
    directory = Path(kubedns.explain.__file__).parent
    sources = [*directory.glob("*.py"), Path(dnsmasq_front.explain.__file__)]
    named = {cause for path in sources for cause in causes_in(path.read_text())}
    assert len(named) >= CAUSES_MIN
    assert named - UNREACHABLE == shown


def causes_in(source: str) -> Iterator[str]:
    """The literals that are made a cause."""
    for node in ast.walk(ast.parse(source)):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Finding", "_said"):
            values = node.args[:1]
        if isinstance(node, ast.Call):
            values += [word.value for word in node.keywords if word.arg == "cause"]
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "cause":
            values = [node.value]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            first = node.targets[0].elts[0]
            if getattr(first, "id", "") == "cause" and isinstance(node.value, ast.Tuple):
                values = node.value.elts[:1]
        for value in values:
            for one in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                if isinstance(one, ast.Constant):
                    yield str(one.value)


@pytest.mark.parametrize("row", [row for row in ROWS if row.heading in ZONES], ids=str)
def test_the_outcome_is_that_of_the_answer(row: Row) -> None:
    if row.question.endswith("AXFR"):
        return  # dnspython makes no datagram of it.
    outcome = row.verdict.split()[0]
    zone = ZONES[row.heading]()
    reply = zone.ask(row.question)
    if outcome == "FORWARDED":
        assert zone.upstream.forwarded or zone.upstream.resolved
    elif outcome == "ANSWER":
        assert reply.rcode == "NOERROR"
        assert reply.answers
    elif outcome == "NODATA":
        assert reply.rcode == "NOERROR"
        assert reply.authority
    elif row.verdict != "SERVFAIL no-upstream":  # Here the servers do not depend on the name.
        assert reply.rcode == outcome
