"""What `--help` says of dnsmasq's flags. Pure."""

from __future__ import annotations

from dnsmasq_front.flag_table import FLAGS, Flag, Verdict
from dnsmasq_front.flag_values import TTL_MAX


def flag_help() -> str:
    """The flags that work, those without effect, and those that are refused, with reasons."""
    lines = ["", "dnsmasq's flags, behind -- or without it:", ""]
    for flag in _of(Verdict.WORKS):
        lines += [f"  {_spelled(flag)}", f"        {flag.help}{_default(flag)}"]
    lines += ["", "accepted, without effect:", ""]
    lines += [f"  {_spelled(flag)}: {flag.help}" for flag in _of(Verdict.IGNORED)]
    reasons: dict[str, list[str]] = {}
    for flag in _of(Verdict.REFUSED):
        reasons.setdefault(flag.help, []).append(f"--{flag.name}")
    lines += ["", "refused:", ""]
    lines += [f"  {', '.join(flags)}: {reason}" for reason, flags in reasons.items()]
    return "\n".join(lines) + "\n"


def _of(verdict: Verdict) -> list[Flag]:
    return sorted(
        (flag for flag in FLAGS.values() if flag.verdict is verdict), key=lambda flag: flag.name
    )


def _spelled(flag: Flag) -> str:
    return f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"


def _default(flag: Flag) -> str:
    if flag.parse is None or flag.many or flag.default in (None, TTL_MAX):
        return ""
    return f" (default {flag.default})"
