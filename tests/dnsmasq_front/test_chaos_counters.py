"""`*.bind` of class CHAOS, as the sidecar and dnsmasq exporters poll it."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.pure import PureFront


@pytest.fixture
def front() -> PureFront:
    return PureFront("--server=8.8.8.8")


@pytest.mark.parametrize("flags", [0, 0x0100], ids=["rd=0", "rd=1"])
@pytest.mark.parametrize("name", ["cachesize.bind.", "CacheSize.BIND."])
@pytest.mark.parametrize("rdtype", ["TXT", "ANY"])
def test_one_txt_record_with_one_number(
    front: PureFront, flags: int, name: str, rdtype: str
) -> None:
    reply = front.ask(f"{name} {rdtype} CH", flags=flags).reply
    assert reply.answers == [f'{name} 0 CH TXT "150"']
    assert {"AA", "RA"} <= reply.flags
    assert not front.sent


def test_with_opt_in_opt_out(front: PureFront) -> None:
    reply = front.ask("hits.bind. TXT CH", edns=1232).reply
    assert reply.message.edns == 0
    assert reply.data == ['"0"']


@pytest.mark.parametrize(
    "question",
    ["hostname.bind. TXT CH", "hits.bind. A CH", "a.test. TXT CH", "id.server. TXT CH", ". TXT CH"],
)
def test_others_are_not_implemented(front: PureFront, question: str) -> None:
    reply = front.ask(question).reply
    assert (reply.rcode, reply.answers) == ("NOTIMP", [])
    assert "AA" not in reply.flags


def test_version_names_the_program(front: PureFront) -> None:
    (text,) = front.ask("version.bind. TXT CH").reply.data
    assert text.startswith('"dnsmasq')


def test_class_internet_is_an_ordinary_name(front: PureFront) -> None:
    assert not front.ask("hits.bind. TXT").answered
    assert len(front.sent) == 1


def test_polls_are_never_prebuilt_and_no_hits(front: PureFront) -> None:
    front.resolve("a.test. A", "a.test. 30 IN A 10.0.0.1")
    seen = []
    for _ in range(3):
        front.ask("a.test. A", stream=True)
        seen += front.ask("hits.bind. TXT CH").reply.data
    assert seen == ['"1"', '"2"', '"3"']


def test_servers_are_strings_of_one_record(front: PureFront) -> None:
    reply = front.ask("servers.bind. TXT CH").reply
    assert reply.data == ['"127.0.0.1#10053 83 4" "fd00::1#53 1 0"']


@pytest.mark.parametrize("name", ["hits.bind.", "version.bind.", "cachesize.bind."])
def test_no_ident_tells_nothing(name: str) -> None:
    front = PureFront("--server=8.8.8.8", "--no-ident")
    reply = front.ask(f"{name} TXT CH").reply
    assert (reply.rcode, reply.answers) == ("NOTIMP", [])
