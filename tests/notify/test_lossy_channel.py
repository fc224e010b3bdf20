"""Whatever a network does to NOTIFY messages: in the end nothing untrue is known, nor ever long."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kubedns.notify import HEARTBEAT_S, RETRY_FIRST_S, RETRY_MAX_S
from tests.notify.lossy import DELAYS_S, NAMES, OLD_MAX_S, Network, content

NAME = st.sampled_from(NAMES)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), NAME),
        st.tuples(st.just("change"), NAME),
        st.tuples(st.just("wait"), st.sampled_from([0.001, 0.02, 0.3, 1.0, 4.0])),
        st.tuples(st.just("front"), st.none()),
        st.tuples(st.just("kubedns"), st.none() | NAME),
    ),
    max_size=40,
)
HEALED_S = RETRY_MAX_S + HEARTBEAT_S + 4 * max(DELAYS_S)
"""After so long without losses everybody is told again."""


def play(network: Network, steps: list[tuple[str, object]]) -> None:
    for what, argument in steps:
        if what == "wait":
            assert isinstance(argument, float)
            network.run(argument)
        elif what == "front":
            network.start_front()
        elif what == "kubedns":
            network.start_kubedns(*([argument] if isinstance(argument, str) else []))
        else:
            (network.ask if what == "ask" else network.change)(str(argument))


def settle(network: Network) -> None:
    network.loss = network.ack_loss = 0.0
    network.run(HEALED_S)
    assert network.notifier.targets[0].is_told
    assert network.front.notices.tellers == 1


def assert_true(network: Network) -> None:
    """Ask for everything: whatever comes is true."""
    before, network.oldest_s = network.oldest_s, 0.0
    for name in NAMES:
        network.ask(name)
    network.run(4 * max(DELAYS_S))
    assert network.oldest_s == 0.0
    network.oldest_s = before


def assert_kept(network: Network) -> None:
    """What was asked for a while ago is known, and true."""
    assert_true(network)
    for name in NAMES:
        reply = network.ask(name)
        assert reply is not None, f"{name} is not kept"
        assert content(reply) == network.truth(name)


def shown(network: Network, name: str) -> str:
    """What is answered at once."""
    reply = network.ask(name)
    assert reply is not None, f"{name} is not kept"
    return content(reply)


def test_lost_notify_comes_again() -> None:
    network = Network(random.Random(0))
    settle(network)
    assert_kept(network)
    retried = network.notifier.targets[0].counters.retried
    network.loss = 1.0
    network.change(NAMES[0])
    network.run(RETRY_FIRST_S / 2)
    assert shown(network, NAMES[0]) != network.truth(NAMES[0])
    network.loss = 0.0
    network.run(RETRY_FIRST_S + max(DELAYS_S))
    assert_kept(network)
    assert network.notifier.targets[0].counters.retried > retried


def test_lost_acknowledgement_is_asked_for_again() -> None:
    network = Network(random.Random(0))
    settle(network)
    assert_kept(network)
    (target,) = network.notifier.targets
    told, taken = target.counters.acknowledged, network.front.notices.counters.taken
    network.ack_loss = 1.0
    network.change(NAMES[0])
    network.run(RETRY_FIRST_S / 2)
    network.ack_loss = 0.0
    network.run(RETRY_FIRST_S + 2 * max(DELAYS_S))
    assert target.counters.acknowledged == told + 1
    assert network.front.notices.counters.taken > taken + 1
    assert_kept(network)


def test_cache_that_we_do_not_hear_does_not_go_on_relying_on_being_told() -> None:
    network = Network(random.Random(0))
    settle(network)
    network.ack_loss = 1.0
    network.change(NAMES[0])
    network.run(5.0)
    network.ask(NAMES[0])
    network.run(1.0)
    network.change(NAMES[0])
    for _ in range(100):
        network.ask(NAMES[0])
        network.run(0.1)
    assert network.oldest_s <= OLD_MAX_S


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    ack_loss=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_what_is_kept_is_true_in_the_end_and_never_old(
    steps: list[tuple[str, object]], seed: int, loss: float, ack_loss: float
) -> None:
    network = Network(random.Random(seed))
    settle(network)
    network.loss, network.ack_loss = loss, ack_loss
    play(network, steps)
    network.run(1.0)
    assert network.oldest_s <= OLD_MAX_S
    settle(network)
    assert network.oldest_s <= OLD_MAX_S
    assert_kept(network)
    network.change(*NAMES)
    network.run(max(DELAYS_S))
    assert_true(network)
    settle(network)
    assert_kept(network)
