"""A question in a page's query string."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnscore.page_question import PageQuestion, page_question
from dnscore.wire import names
from dnscore.wire.types import type_number, type_text


@pytest.mark.parametrize(
    ("query", "name", "qtype"),
    [
        ("name=web.shop", "web.shop.", 1),
        ("name=Web.Shop.&type=srv", "web.shop.", 33),
        ("type=TYPE65280&name=a", "a.", 65280),
        ("name=.&type=NS", ".", 2),
        ("name=%2A.shop", "*.shop.", 1),
    ],
)
def test_questions(query: str, name: str, qtype: int) -> None:
    found = page_question(query)
    assert (names.to_text(found.name), found.qtype) == (name, qtype)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "no name"),
        ("type=A", "no name"),
        ("name=a..b", "1 to 63 octets"),
        ("name=web&type=FOO", "not a record type"),
        ("name=web&type=TYPE65536", "not a record type"),
        ("name=web&type=TYPE", "not a record type"),
        ("name=web&type=AXFR", "not transferred"),
        ("name=web&type=TYPE251", "not transferred"),
        ("name=b%C3%BCro", "not an ASCII domain name"),
        ("&".join(f"a{n}=1" for n in range(20)), "fields"),
    ],
)
def test_what_is_no_question(query: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        page_question(query)


@given(st.text())
def test_any_text_is_a_question_or_a_value_error(query: str) -> None:
    try:
        found = page_question(query)
    except ValueError:
        return
    assert isinstance(found, PageQuestion)
    assert found.name.endswith(names.ROOT)


@given(st.integers(1, 0xFFFF))
def test_types_there_and_back(number: int) -> None:
    assert type_number(type_text(number)) == number
