"""What an explanation consists of. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANSWER, NODATA, NXDOMAIN = "ANSWER", "NODATA", "NXDOMAIN"
SERVFAIL, REFUSED = "SERVFAIL", "REFUSED"
FORWARDED = "FORWARDED"
"""Other servers have the answer, or what is behind an alias out of the zone."""

LISTED_MAX = 10
"""Names of one sort that an explanation lists."""

Detail = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A Kubernetes object."""

    kind: str
    """`Service`, `EndpointSlice`, `Endpoints`, `Namespace` or `Pod`."""
    namespace: str
    """Empty for a Namespace."""
    name: str

    def __str__(self) -> str:
        path = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {path}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Why there is, or is not, something at a name."""

    cause: str
    """A word for programs; those that there are stand in the tests' table."""
    sentence: str
    """The same for people."""
    object: ObjectRef | None = None
    """The one that decided; None where that was an option, or that there is none."""
    details: Mapping[str, Detail] = field(default_factory=dict)
    owner: bytes = b""
    """The folded name whose last change is this finding's, empty for what never changes."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """An outcome with its reason."""

    outcome: str
    """`ANSWER`, `NODATA`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` or `FORWARDED`."""
    finding: Finding
    aliases: tuple[str, ...] = ()
    """The targets of the aliases that were followed, in order."""


def listed(texts: list[str]) -> tuple[str, ...]:
    """At most LISTED_MAX of them, and how many more there are."""
    if len(texts) <= LISTED_MAX:
        return tuple(texts)
    return (*texts[:LISTED_MAX], f"and {len(texts) - LISTED_MAX} more")
