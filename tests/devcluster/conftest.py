"""Fixtures of the devcluster tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devcluster.cluster import DevCluster, Settings


@pytest.fixture
def cluster() -> Iterator[DevCluster]:
    """A server with nothing but what every cluster has."""
    with DevCluster(Settings(start_version=1000)) as running:
        yield running
