"""Results as a table (Markdown), as JSON and as a plot."""

from __future__ import annotations

import dataclasses
import json
import statistics
from pathlib import Path

from bench.measure import Result
from bench.targets import TARGETS, Round, median_ratio


def table(rounds: list[Round]) -> str:
    """Medians over the rounds, a line per workload and server."""
    lines = [
        "| workload | server | q/s | CPU us/query | p50 us | p99 us | p99.9 us | lost | peak MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for key in rounds[0]:
        found = [r[key] for r in rounds if key in r]
        cells = [
            f"{_median(found, 'qps'):,.0f}",
            f"{_median(found, 'cpu_us'):.2f}",
            *(_latency(found, field) for field in ("p50_us", "p99_us", "p999_us")),
            f"{sum(result.lost for result in found)}",
            f"{_median(found, 'peak_mb'):.1f}",
        ]
        lines.append(f"| {key[0]} | {key[1]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def ratios(rounds: list[Round]) -> str:
    """The targets and what was reached."""
    lines = ["| path | target | reached (median; least to most) | |", "|---|---:|---:|---|"]
    for target in TARGETS:
        ratio = median_ratio(target, rounds)
        if ratio is None:
            lines.append(f"| {target.path} | <= {target.bound} | not measured | |")
            continue
        found = target.over(rounds)
        verdict = "met" if ratio <= target.bound else "**missed**"
        spread = f"{ratio:.2f} ({min(found):.2f} to {max(found):.2f})"
        lines.append(f"| {target.path} | <= {target.bound} | {spread} | {verdict} |")
    return "\n".join(lines)


def write(
    rounds: list[Round], folder: Path, *, about: dict[str, str], memory: dict[str, float]
) -> None:
    """Write `results.md`, `results.json` and, where matplotlib is there, `results.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = "\n".join(f"- {name}: {value}" for name, value in about.items())
    idle = "\n".join(f"- {name}: {mb:.1f} MB resident" for name, mb in memory.items())
    text = (
        f"# Benchmark\n\n{facts}\n\n## Targets\n\n{ratios(rounds)}\n\n"
        f"## Memory, idle\n\n{idle}\n\n## Figures\n\n{table(rounds)}\n"
    )
    (folder / "results.md").write_text(text)
    data = {
        "about": about,
        "memory_mb": memory,
        "rounds": [[dataclasses.asdict(result) for result in r.values()] for r in rounds],
    }
    (folder / "results.json").write_text(json.dumps(data, indent=1) + "\n")
    _plot(rounds, folder / "results.png")


def _plot(rounds: list[Round], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    workloads = list(dict.fromkeys(workload for workload, _ in rounds[0]))
    servers = list(dict.fromkeys(peer for _, peer in rounds[0]))
    figure, axes = pyplot.subplots(figsize=(11, 0.55 * len(workloads) + 2))
    height = 0.8 / len(servers)
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
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _median(found: list[Result], field: str) -> float:
    return float(statistics.median(getattr(result, field) for result in found))


def _latency(found: list[Result], field: str) -> str:
    value = _median(found, field)
    return f"{value:,.0f}" if value else "-"
