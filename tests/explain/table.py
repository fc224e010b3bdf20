"""The table of causes: headings, and below each a question with what is said of it.

    ## zone, pods disabled
    10-0-0-1.shop.pod.cluster.local A
        NXDOMAIN pods-disabled
        Names of pods are turned off: --pods=disabled.

A front's lines have no outcome, as that is its servers'. `python -m tests.explain.table` prints the
table anew, to be read and then put into its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dnscore.wire import names
from dnscore.wire.types import type_number
from dnsmasq_front.explain import explain as explain_front
from kubedns.explain.zone import explain
from tests.explain.world import FRONTS, ZONES, parts, servers_for

PATH = Path(__file__).with_name("causes.txt")


class Row(NamedTuple):
    """One question and the two lines below it."""

    heading: str
    question: str
    verdict: str
    sentence: str


def read_table(text: str) -> Iterator[Row]:
    """The rows of a table."""
    heading, lines = "", [line for line in text.splitlines() if line.strip()]
    at = 0
    while at < len(lines):
        if lines[at].startswith("## "):
            heading, at = lines[at].removeprefix("## "), at + 1
            continue
        yield Row(heading, lines[at], *(line.strip() for line in lines[at + 1 : at + 3]))
        at += 3


def answered(heading: str, question: str) -> Row:
    """The row as the code gives it."""
    name, rdtype = question.split()
    wire, qtype = names.from_text(name), type_number(rdtype)
    if heading in ZONES:
        said = explain(
            ZONES[heading]().tree,
            wire,
            qtype,
            servers_for=servers_for,
            missing=lambda: ["services"],
        )
        verdict = f"{said.outcome} {said.finding.cause}"
        return Row(heading, question, verdict, said.finding.sentence)
    front = FRONTS[heading]()
    told = explain_front(parts(front), wire, qtype, now=front.now)
    return Row(heading, question, told["cause"], told["sentence"])


def main() -> None:
    """Print the table as the code has it now."""
    heading = ""
    for row in read_table(PATH.read_text()):
        if row.heading != heading:
            heading = row.heading
            print(f"## {heading}")
        now = answered(row.heading, row.question)
        print(f"{now.question}\n    {now.verdict}\n    {now.sentence}")


if __name__ == "__main__":
    main()
