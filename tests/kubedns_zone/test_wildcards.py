"""Questions with a `*`, as kube-dns answers them: the `*` of a question is in its answers too."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone, make_query


@pytest.fixture
def filled(zone: ServedZone) -> ServedZone:
    zone.service("s", ns="n", ips="10.0.0.1", ports="http/tcp:80")
    zone.service("db", ns="n", headless=True)
    zone.slice("db-1", "db", "db-0@10.1.0.1 10.1.0.2", ns="n", ports="http/tcp:8080")
    zone.service("s", ns="m", ips="10.0.0.9 fd00::9", ports="http/tcp:81")
    zone.service("ext", ns="m", external="one.example.com")
    zone.service("fxt", ns="m", external="two.example.com")
    zone.service("empty", ns="k", headless=True)
    return zone


ADDRESSES = {
    "s.n.*": "10.0.0.1",
    "*.s.n.svc": "10.0.0.1",
    "*.s.n.*": "10.0.0.1",
    "s.*.svc": "10.0.0.1 10.0.0.9",
    "s.*.*": "10.0.0.1 10.0.0.9",
    "*.s.*.svc": "10.0.0.1 10.0.0.9",
    "*.db.n.svc": "10.1.0.1 10.1.0.2",
    "db-0.db.*.svc": "10.1.0.1",
    "db-0.*.n.svc": "10.1.0.1",
    "db-0.*.*.*": "10.1.0.1",
    "10-1-0-2.*.*.svc": "10.1.0.2",
    "3234633364383235.s.*.svc": "10.0.0.1",
    "*.*.n.svc": "10.0.0.1 10.1.0.1 10.1.0.2",
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_addresses(filled: ServedZone, name: str) -> None:
    reply = filled.ask(f"{name}.cluster.local. A")
    assert reply.answers == [
        f"{name}.cluster.local. 30 IN A {address}" for address in ADDRESSES[name].split()
    ]


SRV = {
    "_http._tcp.s.n.*": ["80 s.n"],
    "_http._tcp.*.n.svc": ["80 s.n", "8080 3136356331663837.db.n", "8080 db-0.db.n"],
    "_http._tcp.s.*.svc": ["80 s.n", "81 s.m"],
    "*._http._tcp.s.n.svc": ["80 s.n"],
    "_http._tcp.*.*.svc": ["80 s.n", "8080 3136356331663837.db.n", "8080 db-0.db.n", "81 s.m"],
    "db-0._http._tcp.*.n.svc": ["8080 db-0.db.n"],
    "db-0.*.n.svc": ["0 db-0.db.n"],
    "*.s.n.svc": ["0 3234633364383235.s.n"],
}


@pytest.mark.parametrize("name", SRV)
def test_services(filled: ServedZone, name: str) -> None:
    reply = filled.ask(f"{name}.cluster.local. SRV", edns=1232)
    found = sorted(f"{rdata.port} {rdata.target}" for rdata in reply.message.answer[0])
    assert found == sorted(f"{text}.svc.cluster.local." for text in SRV[name])
    assert reply.message.answer[0].name.to_text() == f"{name}.cluster.local."


@pytest.mark.parametrize("rdtype", ["A", "SRV", "TXT", "CNAME", "ANY", "TYPE65280"])
@pytest.mark.parametrize(
    "name",
    [
        "*", "*.svc", "*.*", "*.n.svc", "*.k.svc", "s.k.*", "*.missing.n.svc", "missing.*.svc",
        "*.missing.svc", "*._tcp.s.n.svc", "_http.*.s.n.svc", "*.*.s.n.svc", "_x._tcp.*.*.svc",
        "*.1-2-3-4.n.pod", "1-2-3-4.*.pod", "1-2-3-4.n.*", "*.n.pod", "*.pod", "*.ns.dns", "ns.*",
        "*.dns-version", "db-9.*.n.svc", "*.ext.m.svc", "x.ext.*.svc", "any.s.n.svc", "s.any.svc",
        "*.*.*.*.*.*", "*._http._tcp.s.n.k.svc", "s*.n.svc", "empty.*.svc",
    ],
)  # fmt: skip
def test_nothing_else_is_there(filled: ServedZone, name: str, rdtype: str) -> None:
    assert filled.ask(f"{name}.cluster.local. {rdtype}").is_nxdomain


@pytest.mark.parametrize("name", ["n.*", "_tcp.*.n.svc", "_tcp.s.*.*"])
def test_empty_names_are_nodata(filled: ServedZone, name: str) -> None:
    assert filled.ask(f"{name}.cluster.local. A").is_nodata


@pytest.mark.parametrize("name", ["*.m.svc", "*.*.svc", "ext.*.svc"])
def test_a_namespace_itself_holds_its_external_names(filled: ServedZone, name: str) -> None:
    reply = filled.ask(f"{name}.cluster.local. A")
    assert reply.answers == [f"{name}.cluster.local. 30 IN CNAME one.example.com."]
    assert filled.upstream.resolved == ["one.example.com."]


def test_addresses_go_before_an_alias(filled: ServedZone) -> None:
    filled.service("s", ns="a", external="one.example.com")
    reply = filled.ask("s.*.svc.cluster.local. AAAA")
    assert reply.answers == ["s.*.svc.cluster.local. 30 IN AAAA fd00::9"]


def test_letter_case_is_that_of_the_question(filled: ServedZone) -> None:
    reply = filled.ask("S.*.Svc.Cluster.Local. AAAA")
    assert reply.answers == ["S.*.Svc.Cluster.Local. 30 IN AAAA fd00::9"]


QUESTIONS = [
    "s.*.svc.cluster.local. A", "*.s.n.svc.cluster.local. A", "s.n.*.cluster.local. A",
    "_http._tcp.*.n.svc.cluster.local. SRV", "*.n.svc.cluster.local. A",
    "x.*.*.cluster.local. A", "*.new.svc.cluster.local. A", "new.*.cluster.local. A",
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_change_of_any_service_meant_is_never_hidden(question: str) -> None:
    steps = [
        lambda z: z.service("s", ns="m", ips="10.0.0.8", ports="http/tcp:82"),
        lambda z: z.service("t", ns="n", headless=True),
        lambda z: z.slice("t-1", "t", "x@10.1.0.7", ns="n", ports="http/tcp:83"),
        lambda z: z.service("s", ns="n", ips="10.0.0.2", ports="http/tcp:84"),
        lambda z: z.service("out", ns="n", external="s.m.svc.cluster.local"),
        lambda z: z.service("s", ns="m", ips="10.0.0.3"),
        lambda z: z.service("out", ns="new", external="s.n.svc.cluster.local"),
        lambda z: z.no_service("s", ns="n"),
        lambda z: z.no_service("out", ns="new"),
    ]
    zone = ServedZone()
    for step in range(len(steps)):
        steps[step](zone)
        fresh = ServedZone()
        for before in range(step + 1):
            steps[before](fresh)
        expected = fresh.ask(question)
        for _ in range(2):  # built, and kept
            got = zone.ask(question)
            assert (got.rcode, got.answers) == (expected.rcode, expected.answers), step


def test_an_answer_is_kept_until_a_service_it_is_about_changes(filled: ServedZone) -> None:
    query = make_query("s.n.*.cluster.local.", "A")
    filled.exchange(query)
    assert query[2:] in filled.handler.prebuilt
    assert "*.cluster.local." in filled.service("other", ns="k", ips="10.0.0.4")
    assert query[2:] not in filled.handler.prebuilt


def test_changes_name_only_what_was_asked(filled: ServedZone) -> None:
    assert filled.service("other", ns="n", ips="10.0.0.4") == {
        "other.n.svc.cluster.local.", "4.0.0.10.in-addr.arpa."
    }  # fmt: skip
    filled.ask("_http._tcp.*.n.svc.cluster.local. SRV")
    assert "*.n.svc.cluster.local." not in filled.service("other", ns="m", ips="10.0.0.5")
    assert "*.n.svc.cluster.local." in filled.service("third", ns="n", ips="10.0.0.6")
    # Told once: nobody holds an answer any more.
    assert "*.n.svc.cluster.local." not in filled.service("third", ns="n", ips="10.0.0.7")


def test_questions_about_nothing_leave_nothing_behind(filled: ServedZone) -> None:
    for n in range(100):
        filled.ask(f"*.nobody{n}.svc.cluster.local. A")
        filled.ask(f"x{n}.*.nobody{n}.svc.cluster.local. A")
        filled.ask(f"x{n}.*.svc.cluster.local. A")
    assert len(filled.tree.wildcards._asked) == 1


def test_an_external_name_with_a_star_leads_nowhere(filled: ServedZone) -> None:
    filled.service("odd", ns="n", external="s.*.svc.cluster.local")
    reply = filled.ask("odd.n.svc.cluster.local. A")
    assert reply.rcode == "NXDOMAIN"
    assert len(reply.answers) == 1


def test_an_answer_is_bounded(zone: ServedZone) -> None:
    for n in range(30):
        octets = [f"10.{n}.{at // 250}.{at % 250}" for at in range(200)]
        zone.service(f"h{n}", headless=True)
        zone.slice(f"h{n}-1", f"h{n}", " ".join(octets))
    reply = zone.ask("*.*.default.svc.cluster.local. A", stream=True)
    assert "TC" in reply.flags
    assert 1000 < len(reply.answers) <= 4096
    assert "TC" in zone.ask("*.*.default.svc.cluster.local. SRV", stream=True).flags
