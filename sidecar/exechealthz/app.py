"""Wires commands to pages, and runs them until the process ends."""

from __future__ import annotations

import time
from functools import partial

from dnscore import VERSION, log
from dnscore.httpd import HttpServer, Reply, Route, bind_http, text_reply
from dnscore.lifecycle import EXIT_FAILURE, EXIT_OK, Parts
from sidecar.exechealthz.cli import Check, Options
from sidecar.exechealthz.command import Child, kill, run_command
from sidecar.exechealthz.verdict import Run, judge
from sidecar.signals import EndingWatch
from sidecar.ticker import Ticker

LOGGED_MAX = 500
"""Characters of a failed command's output that each line of the log repeats."""


class Checked:
    """The last run of each command; each is written by one thread and read by others."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._last: dict[str, Run | None] = {check.path: None for check in options.checks}
        self._children: dict[str, Child] = {}

    def run(self, check: Check, *, logger: log.Logger) -> None:
        """Run a command once."""
        last = run_command(
            check.command,
            timeout_s=self._options.latency_s,
            started=lambda child: self._children.update({check.path: child}),
        )
        self._last[check.path] = last
        if last.error:
            logger.error(
                "check failed", path=check.path, error=last.error, output=last.output[:LOGGED_MAX]
            )
        elif not self._options.quiet:
            logger.info("checked", path=check.path)

    def stop(self) -> None:
        """Kill what still runs: it must not outlive this process."""
        for child in tuple(self._children.values()):
            if child.returncode is None:
                kill(child)

    def page(self, path: str, _query: str = "") -> Reply:
        """What the command's page says now."""
        verdict = judge(
            path,
            self._last[path],
            time.monotonic(),
            latency_s=self._options.latency_s,
            show=self._options.output,
        )
        return text_reply(200 if verdict.good else 503, verdict.text)


def serve(options: Options) -> int:
    """Run until a signal; the exit code. Raises StartError."""
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    logger = log.get_logger("exechealthz")
    ending_watch = EndingWatch()
    ending_watch.install()
    checked = Checked(options)
    paths = [check.path for check in options.checks]
    routes: dict[str, Route] = {path: partial(checked.page, path) for path in paths}
    routes["/"] = lambda query: text_reply(200, "\n".join(["exechealthz", *paths, ""]))
    parts = Parts()
    http = HttpServer(bind_http(options.port, flag="--port"), routes)
    parts.started("commands", checked.stop)
    for check in options.checks:
        ticker = Ticker(
            f"check-{check.path}",
            partial(checked.run, check, logger=logger),
            interval_s=options.period_s,
        )
        ticker.start()
        parts.started("check", ticker.stop)
    http.start()
    parts.started("http", http.close)
    logger.info("serving", version=VERSION, port=http.port)
    ending = ending_watch.wait()
    logger.info("stopping", cause=ending.cause)
    parts.stop_all()
    ending_watch.close()
    return EXIT_FAILURE if ending.failed else EXIT_OK
