"""The report: tables of medians, targets with verdicts, and what could not be measured."""

from __future__ import annotations

from bench import report
from bench.report import Findings
from tests.bench.figures import result, round_of


def findings() -> Findings:
    return Findings(
        processors=2,
        memory_mb={"front": 20.0, "kubedns": 71.0},
        rounds=[
            round_of(
                result("warm", "front", cpu, qps=1000 * cpu, p99_us=100, lost=1),
                result("warm", "dnsmasq", 10.0),
            )
            for cpu in (6.0, 8.0, 7.0)
        ],
    )


def row(text: str, start: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_has_medians_and_all_losses() -> None:
    assert row(report.table(findings().rounds), "warm | front") == [
        *("warm", "front", "7,000", "7.00", "50%", "50", "100", "200", "3", "20.0"),
        "NOERROR 100 %",
    ]


def test_a_case_that_failed_in_the_first_round_is_in_the_table() -> None:
    rounds = [round_of(), round_of(result("warm", "front", 6.0))]
    assert row(report.table(rounds), "warm | front")[3] == "6.00"


def test_targets_show_bound_median_spread_and_verdict() -> None:
    text = report.targets(findings())
    assert row(text, "front, warm hit / dnsmasq")[1:] == ["<= 0.95", "0.70 (0.60 to 0.80)", "met"]
    assert row(text, "front, miss to kubedns / dnsmasq")[2:] == ["-", "not measured"]


def test_memory_is_among_the_targets() -> None:
    text = report.targets(findings())
    assert row(text, "front, resident, idle")[1:] == ["<= 32 MB", "20.0 MB", "met"]
    assert row(text, "kubedns, resident, idle")[2:] == ["71.0 MB", "**missed**"]
    assert row(text, "sidecar, resident, idle")[2:] == ["-", "not measured"]


def test_what_failed_is_in_the_report() -> None:
    found = findings()
    found.failures.append("round 1: zipf unbound: no answer")
    text = report.markdown(found, about={"command": "`python -m bench`"})
    assert "- command: `python -m bench`" in text
    assert "- round 1: zipf unbound: no answer" in text
    assert "## Not measured" not in report.markdown(findings(), about={})
