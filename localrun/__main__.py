"""`python -m localrun`: check, start, say what is up, wait, stop."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dnscore.lifecycle import EXIT_OK, StartError, run_program
from localrun.announce import TOOLS, announcement
from localrun.options import Options, parse_options
from localrun.plan import build_plan, doubled_ports
from localrun.ports import unusable_ports
from localrun.screen import Screen
from localrun.supervisor import supervise


def run(argv: Sequence[str]) -> int:
    """One local run. Raises UsageError and StartError before anything is started."""
    options = parse_options(argv)
    if options.help_text:
        print(options.help_text, end="")
        return EXIT_OK
    if not sys.platform.startswith("linux"):
        raise StartError("the daemons need Linux (epoll); this is " + sys.platform)
    options = _with_real_kubeconfig(options)
    specs = build_plan(options)
    problems = doubled_ports(specs) or unusable_ports(specs)
    if problems:
        raise StartError("\nlocalrun: ".join(problems))
    run_dir = Path(options.run_dir)
    run_dir.mkdir(parents=True, exist_ok=True)
    installed = [tool for tool in TOOLS if shutil.which(tool)]
    return supervise(
        specs,
        screen=Screen(sys.stdout),
        log_dir=run_dir,
        when_ready=announcement(options, specs, installed=installed),
    )


def _with_real_kubeconfig(options: Options) -> Options:
    if not options.kubeconfig:
        return options
    # zsh and dash leave the tilde of `make run KUBECONFIG=~/x` to us.
    path = Path(options.kubeconfig).expanduser()
    if not path.is_file():
        raise StartError(f"KUBECONFIG={options.kubeconfig}: there is no such file")
    return replace(options, kubeconfig=str(path))


def main() -> int:
    """The entry point."""
    return run_program("localrun", run, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
