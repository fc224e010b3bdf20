"""Lists: one page of a consistent snapshot.

Pages of one list come from the state at its resourceVersion, which the `continue` token carries;
nothing is kept between requests. At resourceVersion=0 `limit` is ignored, as by a real API server
that answers from its watch cache.
Reference: https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
"""

from __future__ import annotations

import msgspec

from devcluster.params import Continue, ListOptions
from devcluster.resources import Json, Resource
from devcluster.status import ApiError, bad_request, continue_expired, too_large
from devcluster.store import Key, Store
from devcluster.views import PLAIN, View


def list_page(
    store: Store,
    resource: Resource,
    options: ListOptions,
    *,
    namespace: str = "",
    view: View = PLAIN,
) -> bytes:
    """The `*List` object for one GET. Raises ApiError 400, 410 or 504."""
    version = _version(store, options)
    after = _after(options.page, namespace) if options.page else None
    try:
        rows = store.snapshot(resource, version, namespace=namespace, after=after)
    except ApiError as error:
        if error.code == 410 and options.page:
            raise continue_expired(Continue(-1, options.page.start).encode()) from None
        raise
    selected = [row for row in rows if options.select is None or options.select(row[1].obj)]
    limit = 0 if options.version == 0 else options.limit
    page = selected[:limit] if limit else selected
    meta: Json = {"resourceVersion": str(version)}
    if len(page) < len(selected):
        meta["continue"] = Continue(version, _start_key(page[-1][0], namespace)).encode()
        if options.select is None:  # With a selector the real server does not know the rest.
            meta["remainingItemCount"] = len(selected) - len(page)
    return view.many(resource, meta, page)


def encode_fields(obj: Json) -> bytes:
    """An object's own fields; what `Stored.raw` is for an object that is not stored."""
    return msgspec.json.encode(obj)


def _version(store: Store, options: ListOptions) -> int:
    if options.page:
        return store.version if options.page.version < 0 else options.page.version
    wanted = options.version or 0
    if wanted > store.version:
        raise too_large(wanted, store.version)
    return wanted if options.exact and wanted else store.version


def _start_key(key: Key, namespace: str) -> str:
    return f"/{key[1]}" if namespace or not key[0] else f"/{key[0]}/{key[1]}"


def _after(page: Continue, namespace: str) -> Key:
    parts = page.start.split("/")[1:]
    if len(parts) == 1:
        return (namespace, parts[0])
    if len(parts) == 2 and not namespace:
        return (parts[0], parts[1])
    raise bad_request("continue key is not valid: it belongs to another list")
