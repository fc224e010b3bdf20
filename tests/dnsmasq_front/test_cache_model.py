"""The cache against a naive model: a list of answers with times, bounded from the old end."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tests.dnsmasq_front.messages import addresses, soa
from tests.dnsmasq_front.pure import PureFront

RECORDS = 5
NAMES = st.sampled_from([f"{letter}.test." for letter in "abcdefgh"])
EVENTS = st.one_of(
    st.tuples(st.just("positive"), NAMES, st.integers(0, 6), st.integers(1, 3)),
    st.tuples(st.just("negative"), NAMES, st.integers(0, 6), st.just(1)),
    st.tuples(st.just("look"), NAMES, st.just(0), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.integers(1, 16), st.just(0)),
)


@dataclass
class Kept:
    name: str
    ttl: int
    stored: float
    records: int
    rcode: str


class Model:
    """Newest use last."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    def store(self, new: Kept) -> None:
        if not new.ttl:
            return
        self.kept = [k for k in self.kept if k.name != new.name]
        self.kept.append(new)
        while sum(k.records for k in self.kept) > RECORDS:
            del self.kept[0]

    def find(self, name: str, now: float) -> Kept | None:
        found = next((k for k in self.kept if k.name == name), None)
        if found is None:
            return None
        self.kept.remove(found)
        if found.stored + found.ttl <= now:
            return None
        self.kept.append(found)
        return found


@given(st.lists(EVENTS, max_size=60))
def test_same_as_the_model(events: list[tuple[str, str, int, int]]) -> None:
    front = PureFront("--server=8.8.8.8", f"--cache-size={RECORDS}")
    model = Model()
    for kind, name, number, count in events:
        if kind == "wait":
            front.now += number / 4
            continue
        expected = model.find(name, front.now)
        front.new_epoch()
        client = front.ask(f"{name} A")
        assert client.answered == (expected is not None)
        if expected is not None:
            age = int(front.now - expected.stored)
            assert client.reply.rcode == expected.rcode
            assert set(client.reply.ttls) <= {expected.ttl - age}
        elif kind == "positive":
            front.answer(addresses(name, count, ttl=number))
            model.store(Kept(name, number, front.now, count, "NOERROR"))
        elif kind == "negative":
            front.answer(authority=soa("test.", ttl=9, minimum=number), rcode=3)
            model.store(Kept(name, number, front.now, 1, "NXDOMAIN"))
        else:
            front.answer(rcode=2)
        assert front.cache.records <= RECORDS
