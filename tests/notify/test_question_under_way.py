"""An answer whose question was sent before the change is delivered, and not kept."""

from __future__ import annotations

from tests.notify.front import ZONE, ToldFront

WEB = "web.shop.svc.cluster.local."
DB = "db.shop.svc.cluster.local."
OLD, NEW = f"{WEB} 30 IN A 10.0.0.1", f"{WEB} 30 IN A 10.0.0.2"


def test_old_answer_is_delivered_and_not_kept() -> None:
    front = ToldFront().told()
    client = front.ask(f"{WEB} A")
    front.notify(WEB)
    front.answer(OLD)
    assert client.reply.data == ["10.0.0.1"]
    assert front.known(f"{WEB} A") is None


def test_who_asks_after_the_change_does_not_join_who_asked_before() -> None:
    front = ToldFront().told()
    early = front.ask(f"{WEB} A")
    front.notify(WEB)
    late = front.ask(f"{WEB} A")
    assert len(front.sent) == 2
    front.answer(OLD, at=0)
    assert (early.answered, late.answered) == (True, False)
    front.answer(NEW, at=1)
    assert late.reply.data == ["10.0.0.2"]
    assert front.known(f"{WEB} A").data == ["10.0.0.2"]  # type: ignore[union-attr]


def test_old_answer_that_comes_last_does_not_replace_the_new_one() -> None:
    front = ToldFront().told()
    front.ask(f"{WEB} A")
    front.notify(WEB)
    front.ask(f"{WEB} A")
    front.answer(NEW, at=1)
    front.answer(OLD, at=0)
    assert front.known(f"{WEB} A").data == ["10.0.0.2"]  # type: ignore[union-attr]


def test_whole_zone_overtakes_all_that_is_under_way() -> None:
    front = ToldFront().told()
    front.ask(f"{WEB} A")
    front.ask(f"{DB} A")
    front.notify(ZONE)
    front.answer(OLD, at=0)
    front.answer(f"{DB} 30 IN A 10.0.0.9", at=1)
    assert len(front.cache) == 0


def test_other_questions_under_way_are_kept() -> None:
    front = ToldFront().told()
    front.ask(f"{DB} A")
    front.notify(WEB)
    front.answer(f"{DB} 30 IN A 10.0.0.9")
    assert front.known(f"{DB} A")


def test_overtaken_question_ends_like_any_other() -> None:
    front = ToldFront().told()
    client = front.ask(f"{WEB} A")
    front.notify(WEB)
    assert front.forwarder.outstanding == 1
    front.advance(10)
    assert front.forwarder.outstanding == 0
    assert client.answered
