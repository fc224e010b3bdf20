"""Command lines and files that dnsmasq takes are taken, and those that it refuses are refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dnscore.flags import UsageError
from dnscore.lifecycle import StartError
from dnsmasq_front.cli import parse_options
from gates.tools import find_command

pytestmark = pytest.mark.needs_dnsmasq

COMMAND_LINES = [
    "-k -c 500 -N -R -S 8.8.8.8 -q -p 5353 -0 300 -A /x/10.0.0.1 -n -o -a 127.0.0.1 -P 1232",
    "-c1000 -kNR", "-kc 10", "-kc", "--no-neg", "--cache", "--cache-s=10", "--cache-size",
    "--no-resolv=1", "junk", "-k junk", "--nosuch", "--max-ttl=-1", "--max-ttl=1h",
    "--max-ttl=+1", "--listen-address=127.0.0.1,::1", "--listen-address=localhost",
    "--log-queries=extra", "--log-queries", "--use-stale-cache", "--use-stale-cache=0",
    "--use-stale-cache=x", "--fast-dns-retry=10", "--fast-dns-retry=50,100", "--fast-dns-retry",
    "--filter-rr=TXT,MX", "--filter-rr=NOSUCH", "--interface=nosuch", "--hostsdir=/nosuch",
    "--addn-hosts=/nosuch", "--edns-packet-max=1", "--max-tcp-connections=0",
    "--max-tcp-connections=5", "--port-limit=0", "--port-limit=2", "--min-port=1024",
    "--log-facility=nosuch", "--log-facility=local0", "--log-facility=-", "--log-facility=/x",
    "--log-async", "--log-async=5", "--domain=x.test", "--local-service", "--local-service=net",
    "--rebind-domain-ok=a.test", "--rebind-domain-ok=/a.test/b.test/",
    "--cname=a.test,b.test", "--cname=a.test,b.test,c.test,5", "--cname=a.test",
    "--cname=a.test,a.test", "--cname=a.test,b.test --cname=b.test,a.test",
    "--cname=a.test,b.test --cname=a.test,c.test", "--host-record=",
    "--host-record=a.test,10.0.0.1,fd00::1,60", "--host-record=a.test,b.test,10.0.0.1",
    "--txt-record=a.test", "--txt-record=a.test,b,c", "--srv-host=a.test,b.test,99999",
    "--srv-host=a.test,b.test,1,2,3", "--srv-host=a.test,b.test,1,2,3,4", "--srv-host=a.test",
    "--mx-host=a.test,b.test,c", "--mx-host=a.test,b.test,5", "--mx-host=a.test,5",
    "--mx-host=a.test", "--ptr-record=a.test", "--ptr-record=a.test,b.test",
    "--server=10.0.0.1:53", "--server=10.0.0.1#53", "--server=/a.test/#", "--server=/a.test/",
    "--rev-server=10.0.0.0/8,10.0.0.1", "--rev-server=10.0.0.0/33,10.0.0.1",
    "--address=/a.test/10.0.0.1", "--address=/a.test/#", "--address=/a.test/",
    "--stop-dns-rebind --rebind-localhost-ok", "--servers-file=/nosuch", "--conf-dir=/nosuch",
    "--clear-on-reload --all-servers --strict-order --dns-loop-detect --no-ident -D -b -E -h",
]  # fmt: skip
FILES = [
    "cache-size=5", "cache-size=5 # x", "cache-size = 5", "cache-size=5#x", "no-resolv=1",
    "cache-size=5\ncache-size=6", "no-hosts\nno-hosts", "--no-hosts", "c=5", "no-neg", "nosuch=1",
    'server=/a.test/"10.0.0.1"', 'txt-record=a.test,"x#y', 'txt-record=a.test,"x,y # z"',
    "resolv-file=/x#y", "local-ttl", "local-ttl=5", "server=10.0.0.1#53", "server=10.0.0.1 #53",
    "  # c\n\n\tno-hosts", "no-hosts junk", "port=5 3", "log-queries=extra", "addn-hosts=/a b",
    "cname=a.test,b.test,x", "keep-in-foreground", "user=root", "conf-file=", "min-port=1024",
]  # fmt: skip


def dnsmasq_takes(*words: str) -> bool:
    command = find_command("dnsmasq")
    assert command is not None
    done = subprocess.run([command, "--test", *words], capture_output=True, timeout=30, check=False)
    return done.returncode == 0


def is_taken(*words: str) -> bool:
    try:
        parse_options(["--", *words])
    except (UsageError, StartError):
        return False
    return True


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_command_line(line: str) -> None:
    words = ["--conf-file=/dev/null", *line.split()]
    assert is_taken(*words) == dnsmasq_takes(*words)


@pytest.mark.parametrize("content", FILES)
def test_file(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    path.write_text(content + "\n")
    assert is_taken(f"--conf-file={path}") == dnsmasq_takes(f"--conf-file={path}")
