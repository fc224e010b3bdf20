"""A stand-in for a daemon: gets ready over HTTP after a while, keeps a journal, ends on SIGTERM.

    python -m tests.localrun.fake_daemon NAME PORT JOURNAL [BEHAVIOUR...]

Behaviours: `slow` (ready only after half a second), `stubborn` (ignores SIGTERM), `brood` (has a
child process of its own), `unready` (never listens), `die=N` (exits at once with status N).
Each journal line is `name event pid`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def main(name: str, port: str, journal: str, *behaviours: str) -> None:
    def write(event: str, pid: int) -> None:
        with open(journal, "a", encoding="utf-8") as file:
            file.write(f"{name} {event} {pid}\n")

    def stop(_signal: int, _frame: object) -> None:
        write("told-to-stop", os.getpid())
        if "stubborn" not in behaviours:
            sys.exit(0)

    for behaviour in behaviours:
        if behaviour.startswith("die="):
            print(f"{name} cannot go on: the reason is here")
            sys.exit(int(behaviour.removeprefix("die=")))
    # SIGINT keeps its default: a Ctrl-C that reached this process would end it at once.
    signal.signal(signal.SIGTERM, stop)
    write("started", os.getpid())
    if "brood" in behaviours:
        nap = [sys.executable, "-c", "import time; time.sleep(600)"]
        write("brood", subprocess.Popen(nap).pid)
    if "slow" in behaviours:
        threading.Event().wait(0.5)
    if "unready" in behaviours:
        threading.Event().wait(600)
    server = HTTPServer(("127.0.0.1", int(port)), Ready)
    write("ready", os.getpid())
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
