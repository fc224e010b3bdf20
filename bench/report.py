"""Results as a table (Markdown), as JSON and as a plot."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Result
from bench.targets import MEMORY_MB, TARGETS, Round, memory_verdict

NOTES = """\
Changes: kubedns is loaded quiet, then while services and endpoints that nobody asks for change.
Applying a change takes CPU of the same process; so the same changes are made without load as well,
and what they cost then is taken off (`changes-hit`). The target is on that, the hit path; the ratio
with everything in it (`changes-total`) is told beside it."""


@dataclass(slots=True)
class Findings:
    """What a whole run has found."""

    processors: int
    memory_mb: dict[str, float] = field(default_factory=dict)
    rounds: list[dict[tuple[str, str], Result]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """A line for each measurement that could not be made."""


def table(rounds: Sequence[Round]) -> str:
    """Medians over the rounds, a line per workload and server."""
    lines = [
        "| workload | server | q/s | CPU us/query | busy | p50 us | p99 us | p99.9 us | lost "
        "| peak MB | answers |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for key in dict.fromkeys(key for results in rounds for key in results):
        found = [results[key] for results in rounds if key in results]
        cells = [
            f"{_median(found, 'qps'):,.0f}",
            f"{_median(found, 'cpu_us'):.2f}",
            f"{_median(found, 'busy'):.0%}",
            *(_latency(found, name) for name in ("p50_us", "p99_us", "p999_us")),
            f"{sum(result.lost for result in found)}",
            f"{_median(found, 'peak_mb'):.1f}",
            found[-1].rcodes,
        ]
        lines.append(f"| {key[0]} | {key[1]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def targets(findings: Findings) -> str:
    """The targets and what was reached."""
    lines = ["| path | target | reached (median; least to most) | |", "|---|---:|---:|---|"]
    for target in TARGETS:
        found = target.over(findings.rounds)
        verdict = target.verdict(found, processors=findings.processors)
        lines.append(f"| {target.path} | {target.wanted} | {_spread(found)} | {verdict} |")
    for daemon, bound in MEMORY_MB.items():
        mb = findings.memory_mb.get(daemon)
        reached = "-" if mb is None else f"{mb:.1f} MB"
        verdict = memory_verdict(daemon, mb)
        lines.append(f"| {daemon}, resident, idle | <= {bound:.0f} MB | {reached} | {verdict} |")
    return "\n".join(lines)


def markdown(findings: Findings, *, about: Mapping[str, str]) -> str:
    """The whole of `results.md`."""
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    text = f"# Benchmark\n\n{facts}\n\n## Targets\n\n{targets(findings)}\n\n{NOTES}\n"
    if findings.failures:
        text += (
            "\n## Not measured\n\n" + "\n".join(f"- {line}" for line in findings.failures) + "\n"
        )
    return text + f"\n## Figures\n\n{table(findings.rounds)}\n"


def write(findings: Findings, folder: Path, *, about: Mapping[str, str]) -> None:
    """Write `results.md`, `results.json` and `results.png`. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(markdown(findings, about=about))
    data = {
        "about": dict(about),
        "memory_mb": findings.memory_mb,
        "failures": findings.failures,
        "rounds": [[dataclasses.asdict(result) for result in r.values()] for r in findings.rounds],
    }
    (folder / "results.json").write_text(json.dumps(data, indent=1) + "\n")
    _plot(findings.rounds, folder / "results.png")


def _plot(rounds: Sequence[Round], path: Path) -> None:
    # Here and not above: the quick run does without it, and so does its environment.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    keys = [key for results in rounds for key in results]
    workloads = list(dict.fromkeys(workload for workload, _ in keys))
    servers = list(dict.fromkeys(peer for _, peer in keys))
    figure, axes = pyplot.subplots(figsize=(11, 0.55 * len(workloads) + 2))
    height = 0.8 / max(1, len(servers))
    for place, peer in enumerate(servers):
        at, values = [], []
        for row, workload in enumerate(workloads):
            found = [r[workload, peer].cpu_us for r in rounds if (workload, peer) in r]
            if found:
                at.append(row + place * height)
                values.append(statistics.median(found))
        axes.barh(at, values, height=height, label=peer)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(workloads))], workloads)
    axes.invert_yaxis()
    axes.set_xlabel("CPU microseconds of the server per query (median; less is better)")
    if servers:
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _median(found: list[Result], name: str) -> float:
    return float(statistics.median(getattr(result, name) for result in found))


def _latency(found: list[Result], name: str) -> str:
    value = _median(found, name)
    return f"{value:,.0f}" if value else "-"


def _spread(found: list[float]) -> str:
    if not found:
        return "-"
    return f"{statistics.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
