"""The `zone` of these tests: an empty cluster.local whose lists are complete."""

from __future__ import annotations

import pytest

from tests.kubedns_zone.served import ServedZone


@pytest.fixture
def zone() -> ServedZone:
    return ServedZone()
