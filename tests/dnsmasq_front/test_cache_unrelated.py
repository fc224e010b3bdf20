"""What is not about the question is not kept, whoever says it (RFC 5452 6)."""

from __future__ import annotations

import pytest

from tests.dnsmasq_front.pure import PureFront

SERVER = "--server=8.8.8.8"


@pytest.mark.parametrize(
    "answers",
    [
        "b.test. 30 IN A 10.6.6.6",
        "a.test. 30 IN A 10.0.0.1\nbank.example. 30 IN A 10.6.6.6",
        "a.test. 30 IN CNAME b.test.\nc.test. 30 IN A 10.6.6.6",
        "a.test. 30 IN A 10.0.0.1\na.test. 30 IN TXT x",
    ],
)
def test_answer_with_records_of_other_names_or_types_is_passed_on_and_not_kept(
    answers: str,
) -> None:
    front = PureFront(SERVER, "--min-cache-ttl=60")
    front.resolve("a.test. A", answers)
    assert front.cached("a.test. A") is None


def test_chain_of_aliases_is_kept_whole_and_under_its_question_alone() -> None:
    front = PureFront(SERVER)
    front.resolve("a.test. A", "a.test. 30 IN CNAME b.example.\nb.example. 30 IN A 10.0.0.1")
    reply = front.cached("a.test. A")
    assert reply is not None
    assert reply.data == ["b.example.", "10.0.0.1"]
    assert front.cached("b.example. A") is None
