"""Names of hosts files and of `--host-record` are answered here and never asked of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dnsmasq_front.messages import soa
from tests.dnsmasq_front.pure import PureFront

HOSTS = """\
10.0.0.1 host.test Second.test short
10.0.0.2 host.test
10.0.0.1 third.test
fd00::6 six.test
10.0.0.7 a.deep.test
"""


@pytest.fixture
def front(tmp_path: Path) -> PureFront:
    path = tmp_path / "hosts"
    path.write_text(HOSTS)
    return PureFront(f"--addn-hosts={path}", "--server=8.8.8.8", "--local=/local.test/")


def test_every_address_of_a_name(front: PureFront) -> None:
    reply = front.ask("HOST.test. A").reply
    assert sorted(reply.answers) == ["HOST.test. 0 IN A 10.0.0.1", "HOST.test. 0 IN A 10.0.0.2"]
    assert reply.flags == {"QR", "AA", "RD", "RA"}
    assert not front.sent


def test_addresses_take_turns(front: PureFront) -> None:
    firsts = {front.ask("host.test. A").reply.data[0] for _ in range(4)}
    assert firsts == {"10.0.0.1", "10.0.0.2"}


def test_no_round_robin_keeps_their_order(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(HOSTS)
    front = PureFront(f"--addn-hosts={tmp_path}/hosts", "--no-round-robin")
    for _ in range(3):
        assert front.ask("host.test. A").reply.data == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("1.0.0.10.in-addr.arpa. PTR", ["host.test."]),  # the first name of the address owns it
        ("2.0.0.10.in-addr.arpa. PTR", ["host.test."]),
        (f"6{'.0' * 27}.0.0.d.f.ip6.arpa. PTR", ["six.test."]),
    ],
)
def test_reverse_names(front: PureFront, question: str, names: list[str]) -> None:
    assert front.ask(question).reply.data == names


@pytest.mark.parametrize("question", ["host.test. AAAA", "six.test. A", "host.test. HTTPS"])
def test_address_of_the_other_family_is_nodata_and_does_not_leak(
    front: PureFront, question: str
) -> None:
    reply = front.ask(question).reply
    assert (reply.rcode, reply.answers) == ("NOERROR", [])
    assert "AA" in reply.flags
    assert not front.sent


@pytest.mark.parametrize("question", ["host.test. TXT", "x.host.test. A", "deep.test. A"])
def test_other_types_and_names_are_asked_of_others(front: PureFront, question: str) -> None:
    assert not front.ask(question).answered
    assert len(front.sent) == 1


@pytest.mark.parametrize("question", ["host.test. TXT", "deep.test. A"])
def test_nxdomain_for_a_name_that_exists_here_becomes_nodata(
    front: PureFront, question: str
) -> None:
    authority = soa("test.", ttl=60, minimum=60)
    reply = front.resolve(question, rcode=3, authority=authority)
    assert (reply.rcode, reply.answers) == ("NOERROR", [])
    assert "AA" in reply.flags
    assert len(reply.message.authority) == 1
    cached = front.cached(question)
    assert cached is not None
    assert cached.rcode == "NOERROR"


def test_nxdomain_for_a_name_below_stays(front: PureFront) -> None:
    assert front.resolve("x.host.test. A", rcode=3).rcode == "NXDOMAIN"


def test_any_is_all_there_is(front: PureFront) -> None:
    assert len(front.ask("host.test. ANY").reply.answers) == 2


def test_whatever_rd_and_do_are(front: PureFront) -> None:
    reply = front.ask("host.test. A", flags=0, edns=1232, do=True).reply
    assert len(reply.data) == 2
    assert "RD" not in reply.flags
    assert reply.message.edns == 0


def test_hosts_go_before_literal_addresses(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(HOSTS)
    front = PureFront(f"-H{tmp_path}/hosts", "--address=/test/9.9.9.9", "--local-ttl=7")
    assert front.ask("third.test. A").reply.answers == ["third.test. 7 IN A 10.0.0.1"]
    assert front.ask("x.third.test. A").reply.answers == ["x.third.test. 7 IN A 9.9.9.9"]


def test_names_of_a_local_domain_that_exist_are_nodata() -> None:
    front = PureFront("--local=/local.test/", "--host-record=a.b.local.test,10.0.0.1")
    assert front.ask("a.b.local.test. A").reply.data == ["10.0.0.1"]
    for question in ("b.local.test. A", "a.b.local.test. TXT"):
        assert front.ask(question).reply.rcode == "NOERROR"
    assert front.ask("c.local.test. A").reply.rcode == "NXDOMAIN"
    assert front.ask("x.a.b.local.test. A").reply.rcode == "NXDOMAIN"


def test_expand_hosts(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("10.0.0.9 short other.test\n")
    front = PureFront("-E", "--domain=dom.test", f"-H{tmp_path}/hosts", "--server=8.8.8.8")
    for name in ("short.", "short.dom.test.", "other.test."):
        assert front.ask(f"{name} A").reply.data == ["10.0.0.9"]
    assert front.ask("9.0.0.10.in-addr.arpa. PTR").reply.data == ["short.dom.test."]
    assert not front.ask("other.test.dom.test. A").answered


def test_directory_of_hosts_files(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("10.0.0.1 one.test\n")
    (tmp_path / "two").write_text("10.0.0.2 two.test\n")
    (tmp_path / "two~").write_text("10.0.0.3 three.test\n")
    for flag in (f"--addn-hosts={tmp_path}", f"--hostsdir={tmp_path}"):
        front = PureFront(flag, "--server=8.8.8.8")
        assert front.ask("one.test. A").reply.data == ["10.0.0.1"]
        assert front.ask("two.test. A").reply.data == ["10.0.0.2"]
        assert not front.ask("three.test. A").answered


def test_missing_file_does_no_harm(tmp_path: Path) -> None:
    front = PureFront(f"--addn-hosts={tmp_path}/nosuch", f"--hostsdir={tmp_path}/nosuch")
    assert front.ask("a.test. A").reply.rcode == "REFUSED"


def test_a_name_with_thousands_of_addresses_is_truncated_over_udp(tmp_path: Path) -> None:
    lines = (f"10.0.{i >> 8}.{i & 255} big.test\n" for i in range(5000))
    (tmp_path / "hosts").write_text("".join(lines))
    front = PureFront(f"--addn-hosts={tmp_path}/hosts")
    assert "TC" in front.ask("big.test. A").reply.flags
    assert len(front.ask("big.test. A", stream=True).reply.data) == 1024
