"""The sample cluster, from `sample.yaml`: some of everything that cluster DNS answers about."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml

from devcluster.backend import Backend
from devcluster.resources import BY_KIND, Json


def sample_objects() -> list[Json]:
    """The objects, in an order in which they can be created."""
    text = resources.files("devcluster").joinpath("sample.yaml").read_text(encoding="utf-8")
    documents: list[Any] = list(yaml.safe_load_all(text))
    return [document for document in documents if document]


def load_sample(backend: Backend) -> None:
    """Create the sample objects in an empty cluster that has its base namespaces."""
    for obj in sample_objects():
        resource = BY_KIND[obj["apiVersion"], obj["kind"]]
        backend.create(resource, obj, namespace=obj["metadata"].get("namespace", ""))
