"""How objects are written into answers: plainly, or as the Table that `kubectl get` prints.

A client that prefers `application/json;as=Table;v=v1;g=meta.k8s.io` gets rows of cells made here,
in the columns of the real API server. Pure; the time comes in as `now_s`.
Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from devcluster.columns import columns_of
from devcluster.resources import Json, Resource
from devcluster.store import Key, Stored

Row = tuple[Key, Stored]


class View(Protocol):
    """The form in which one request wants its objects."""

    def one(self, resource: Resource, stored: Stored) -> bytes:
        """A single object: a GET, or an event's."""

    def many(self, resource: Resource, meta: Json, rows: Sequence[Row]) -> bytes:
        """A list with that list metadata."""


class PlainView:
    """Objects as they are."""

    def one(self, resource: Resource, stored: Stored) -> bytes:
        """With kind and apiVersion in front."""
        head = msgspec.json.encode({"kind": resource.kind, "apiVersion": resource.api_version})
        return head[:-1] + b"," + stored.raw[1:]

    def many(self, resource: Resource, meta: Json, rows: Sequence[Row]) -> bytes:
        """The items come without kind and apiVersion, as from the real server."""
        head = msgspec.json.encode(
            {"kind": resource.kind + "List", "apiVersion": resource.api_version, "metadata": meta}
        )
        items = b",".join(stored.raw for _, stored in rows)
        return head[:-1] + b',"items":[' + items + b"]}"


PLAIN = PlainView()


class TableView:
    """Objects as rows; made for one request."""

    def __init__(self, *, include: str, now_s: Callable[[], float]) -> None:
        """`include`: Metadata (default), Object or None: what each row has beside its cells."""
        self._include = include
        self._now_s = now_s
        self._has_shown_columns = False

    def one(self, resource: Resource, stored: Stored) -> bytes:
        """A table of one row. Later ones of a watch come without the column definitions."""
        version = stored.obj["metadata"].get("resourceVersion", "")
        return self._table(resource, {"resourceVersion": version}, [stored])

    def many(self, resource: Resource, meta: Json, rows: Sequence[Row]) -> bytes:
        """A table of all rows."""
        return self._table(resource, meta, [stored for _, stored in rows])

    def _table(self, resource: Resource, meta: Json, objects: Sequence[Stored]) -> bytes:
        columns = columns_of(resource)
        definitions = [
            {
                "name": column.name,
                "type": column.type,
                "format": "name" if column.name == "Name" else "",
                "description": column.name,
                "priority": column.priority,
            }
            for column in columns
        ]
        now_s = self._now_s()
        rows = [
            {
                "cells": [column.cell(stored.obj, now_s) for column in columns],
                **self._object(resource, stored),
            }
            for stored in objects
        ]
        table = {
            "kind": "Table",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": meta,
            "columnDefinitions": None if self._has_shown_columns else definitions,
            "rows": rows,
        }
        self._has_shown_columns = True
        return msgspec.json.encode(table)

    def _object(self, resource: Resource, stored: Stored) -> Json:
        if self._include == "None":
            return {}
        if self._include == "Object":
            return {"object": msgspec.Raw(PLAIN.one(resource, stored))}
        kind = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
        return {"object": {**kind, "metadata": stored.obj["metadata"]}}


def wants_table(accept: str) -> bool:
    """Whether an Accept header prefers a Table to plain JSON."""
    first = accept.partition(",")[0].replace(" ", "").lower()
    parameters = first.split(";")
    return parameters[0] == "application/json" and {"as=table", "v=v1"} <= set(parameters[1:])


def view_for(accept: str, include: str, now_s: Callable[[], float]) -> View:
    """The view that a request asks for."""
    return TableView(include=include, now_s=now_s) if wants_table(accept) else PLAIN
