"""`python -m devcluster`: start, say so, wait for a signal, stop."""

from __future__ import annotations

import errno
import signal
from collections.abc import Sequence
from pathlib import Path

from devcluster.cluster import DevCluster, Settings
from devcluster.options import flag_set, read_options
from devcluster.state import StateError
from dnscore import VERSION, log
from dnscore.lifecycle import EXIT_OK, StartError

ENDING = frozenset((signal.SIGTERM, signal.SIGINT))

_log = log.get_logger("devcluster")


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT. Raises UsageError and StartError."""
    options = read_options(argv)
    if options is None:
        print(flag_set().usage(), end="")
        return EXIT_OK
    if options.version != "false":
        print(f'"{VERSION}"' if options.version == "raw" else f"devcluster {VERSION}")
        return EXIT_OK
    log.configure(verbosity=options.verbosity, fmt=options.log_format)
    # Blocked before a thread starts, and waited for: a handler that set an Event could come while
    # the main thread holds that Event's lock, and hang for ever.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    cluster = _start(options.settings)
    try:
        if options.kubeconfig_out:
            _write_kubeconfig(options.kubeconfig_out, cluster.kubeconfig())
        _log.info("listening", url=cluster.url, resource_version=cluster.resource_version)
        print(f"devcluster ready on {cluster.url}", flush=True)
        signal.sigwait(ENDING)
    finally:
        cluster.stop()
    _log.info("stopped", resource_version=cluster.resource_version)
    return EXIT_OK


def _start(settings: Settings) -> DevCluster:
    try:
        return DevCluster(settings).start()
    except StateError as error:
        raise StartError(f"{error}; change --state") from None
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"port {settings.port} is in use on {settings.host}; "
                "choose another with --listen=ADDRESS:PORT"
            ) from None
        raise StartError(f"cannot listen on {where}: {error.strerror}; change --listen") from None


def _write_kubeconfig(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # It may hold a token.
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StartError(
            f"cannot write {path}: {error.strerror}; change --kubeconfig-out"
        ) from None
