"""A loop for each test that wants one, closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dnscore.loop import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()
