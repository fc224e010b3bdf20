"""The manifests as objects, and the parts that tests ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFESTS = ROOT / "manifests"

Document = dict[str, Any]


def files() -> list[Path]:
    """In the order in which kubectl reads them."""
    return sorted(MANIFESTS.glob("*.yaml"))


def documents() -> list[Document]:
    """Every object of every file."""
    return [d for path in files() for d in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def of_kind(kind: str) -> Document:
    """The only object of a kind."""
    (found,) = [document for document in documents() if document["kind"] == kind]
    return found


def pod() -> Document:
    """The pod's spec."""
    spec: Document = of_kind("Deployment")["spec"]["template"]["spec"]
    return spec


def container(name: str) -> Document:
    """One container of the pod."""
    (found,) = [c for c in pod()["containers"] if c["name"] == name]
    return dict(found)
