"""Names between text and wire form."""

from __future__ import annotations

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.wire import names
from tests.dnscore.wire_strategies import any_label, names_mixed


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("", b"\0"),
        (".", b"\0"),
        ("a", b"\1a\0"),
        ("a.", b"\1a\0"),
        ("kube-dns.kube-system.svc", b"\x08kube-dns\x0bkube-system\x03svc\0"),
        ("A.b.", b"\1A\1b\0"),
        ("x" * 63, b"\x3f" + b"x" * 63 + b"\0"),
    ],
)
def test_text_to_wire(text: str, wire: bytes) -> None:
    assert names.from_text(text) == wire


@pytest.mark.parametrize(
    "text", ["..", "a..b", ".a", "a..", "x" * 64, "größe.de", "a." * 127 + "b", "\ud800"]
)
def test_no_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"label|name"):
        names.from_text(text)


def test_longest_name_has_255_octets() -> None:
    assert len(names.from_text("a." * 127)) == 255
    assert len(names.from_labels([b"x" * 63] * 3 + [b"y" * 61])) == 255
    with pytest.raises(ValueError, match="at most 255"):
        names.from_labels([b"x" * 63] * 3 + [b"y" * 62])


@given(names_mixed)
def test_presentation_form_is_dnspythons(wire: bytes) -> None:
    assert names.to_text(wire) == dns.name.from_wire(wire, 0)[0].to_text()


def test_dots_and_zeros_in_a_label_are_escaped() -> None:
    assert names.to_text(b"\x05a.b\0c\1d\0") == r"a\.b\000c.d."


@given(names_mixed)
def test_labels_make_the_name_again(wire: bytes) -> None:
    assert names.from_labels(names.labels(wire)) == wire


@given(st.text(alphabet="abcXYZ019-_.", max_size=40))
def test_plain_text_comes_back(text: str) -> None:
    try:
        wire = names.from_text(text)
    except ValueError:
        return
    assert names.to_text(wire) == text.removesuffix(".") + "."


@given(st.text())
def test_any_text_is_a_name_or_a_value_error(text: str) -> None:
    try:
        wire = names.from_text(text)
    except ValueError:
        return
    assert len(wire) <= 255
    assert dns.name.from_wire(wire, 0)[1] == len(wire)


@given(st.lists(any_label | st.just(b"") | st.binary(min_size=64, max_size=70), max_size=9))
def test_labels_are_taken_as_dnspython_takes_them(labels: list[bytes]) -> None:
    try:
        expected = dns.name.Name([*labels, b""]).to_wire()
    except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
        with pytest.raises(ValueError, match=r"octets"):
            names.from_labels(labels)
    else:
        assert names.from_labels(labels) == expected
