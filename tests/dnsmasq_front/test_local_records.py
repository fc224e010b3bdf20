"""`--host-record`, `--cname`, `--txt-record`, `--srv-host`, `--ptr-record` and `--mx-host`."""

from __future__ import annotations

import os

import pytest

from tests.dnsmasq_front.pure import PureFront

FLAGS = [
    "--server=8.8.8.8",
    "--host-record=h.test,h2.test,10.0.0.1,fd00::1,99",
    "--host-record=six.test,,fd00::6",
    "--cname=c1.test,C2.test,h.test,77",
    "--cname=chain.test,c1.test",
    "--cname=out.test,elsewhere.test",
    "--txt-record=t.test,one,two",
    "--txt-record=t.test,three",
    "--txt-record=empty.test",
    f"--txt-record=long.test,{'x' * 300}",
    "--srv-host=_s._tcp.test,h.test,80,1,2",
    "--srv-host=_none._tcp.test",
    "--ptr-record=_p._tcp.test,t.test",
    "--mx-host=m.test,h.test,5",
    "--mx-host=own.test",
]


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("h.test. A", ["h.test. 99 IN A 10.0.0.1"]),
        ("H2.test. AAAA", ["H2.test. 99 IN AAAA fd00::1"]),
        ("six.test. AAAA", ["six.test. 0 IN AAAA fd00::6"]),
        ("1.0.0.10.in-addr.arpa. PTR", ["1.0.0.10.in-addr.arpa. 99 IN PTR h.test."]),
        ("c1.test. A", ["c1.test. 77 IN CNAME h.test.", "h.test. 99 IN A 10.0.0.1"]),
        ("c2.test. CNAME", ["c2.test. 77 IN CNAME h.test."]),
        ("c1.test. TXT", ["c1.test. 77 IN CNAME h.test."]),
        (
            "CHAIN.test. A",
            [
                "CHAIN.test. 0 IN CNAME c1.test.",
                "c1.test. 77 IN CNAME h.test.",
                "h.test. 99 IN A 10.0.0.1",
            ],
        ),
        ("out.test. A", ["out.test. 0 IN CNAME elsewhere.test."]),
        ("t.test. TXT", ['t.test. 0 IN TXT "one" "two"', 't.test. 0 IN TXT "three"']),
        ("empty.test. TXT", ['empty.test. 0 IN TXT ""']),
        ("long.test. TXT", [f'long.test. 0 IN TXT "{"x" * 255}" "{"x" * 45}"']),
        ("_s._tcp.test. SRV", ["_s._tcp.test. 0 IN SRV 1 2 80 h.test."]),
        ("_none._tcp.test. SRV", ["_none._tcp.test. 0 IN SRV 0 0 1 ."]),
        ("_p._tcp.test. PTR", ["_p._tcp.test. 0 IN PTR t.test."]),
        ("m.test. MX", ["m.test. 0 IN MX 5 h.test."]),
        ("own.test. MX", [f"own.test. 0 IN MX 1 {os.uname().nodename}."]),
    ],
)
def test_answers(question: str, answers: list[str]) -> None:
    front = PureFront(*FLAGS)
    reply = front.ask(question).reply
    assert sorted(reply.answers) == sorted(answers)
    assert "AA" in reply.flags
    assert not front.sent


@pytest.mark.parametrize("question", ["_s._tcp.test. SRV", "m.test. MX"])
def test_addresses_of_the_host_come_along(question: str) -> None:
    extra = PureFront(*FLAGS).ask(question).reply.message.additional
    assert sorted(str(rrset) for rrset in extra) == [
        "h.test. 99 IN A 10.0.0.1",
        "h.test. 99 IN AAAA fd00::1",
    ]


@pytest.mark.parametrize("question", ["t.test. A", "m.test. A", "_s._tcp.test. A", "h.test. MX"])
def test_other_types_are_asked_of_others(question: str) -> None:
    front = PureFront(*FLAGS)
    assert not front.ask(question).answered


def test_records_of_a_set_have_one_ttl() -> None:  # RFC 2181 5.2
    front = PureFront("--host-record=h.test,10.0.0.1,99", "--host-record=h.test,10.0.0.2")
    reply = front.ask("h.test. A").reply
    assert sorted(reply.answers) == ["h.test. 0 IN A 10.0.0.1", "h.test. 0 IN A 10.0.0.2"]


def test_mx_target_is_the_host_of_those_without_one() -> None:
    front = PureFront("--mx-host=own.test", "--mx-target=mail.test")
    assert front.ask("own.test. MX").reply.data == ["1 mail.test."]


def test_alias_of_a_name_in_a_hosts_file(tmp_path: object) -> None:
    path = f"{tmp_path}/hosts"
    with open(path, "w", encoding="utf-8") as file:
        file.write("10.0.0.5 h.test\n")
    front = PureFront("--cname=a.test,H.test", f"--addn-hosts={path}")
    assert front.ask("a.test. A").reply.data == ["H.test.", "10.0.0.5"]
    assert front.ask("a.test. AAAA").reply.data == ["H.test."]


def test_longest_names_and_texts_fit() -> None:
    name = ".".join(["x" * 63, "y" * 63, "z" * 63, "w" * 61])
    front = PureFront(f"--txt-record={name},{'t' * 255}", f"--cname=a.test,{name}")
    assert len(front.ask(f"{name}. TXT", stream=True).reply.data) == 1
    assert front.ask("a.test. A").reply.data == [f"{name}."]
