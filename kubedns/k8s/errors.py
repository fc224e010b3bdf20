"""What goes wrong between us and the API server, split by who must act.

No exception of the HTTP library or of the official client leaves `kubedns.k8s.client`: it is
turned into one of these. Status codes and the Status object: Kubernetes API conventions,
"Response Status Kind", and the reference of `meta/v1 Status`.
"""

from __future__ import annotations

from kubedns.rows import Key

_TEXT_LIMIT = 300
"""Characters of a server's text that we keep: it goes into logs and status pages."""


class ApiError(Exception):
    """A request that gave no usable answer. What was known before stays valid."""

    def __init__(self, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text[:_TEXT_LIMIT])
        self.retry_after_s = retry_after_s
        """How long the server asked us to stay away, if it did."""


class NotConfigured(ApiError):
    """The person who set the flags must act: there is no way to reach an API server."""


class Unreachable(ApiError):
    """The network, or whoever runs the server, must act: refused, cut, silent, TLS failed."""


class TooManyRequests(ApiError):
    """We must wait (429)."""


class ServerBusy(ApiError):
    """The server must recover (5xx); this includes 504 for a version it has not reached yet."""


class Malformed(ApiError):
    """The server, or something that answers in its place, sent what is not its protocol."""


class Gone(ApiError):
    """We must list again (410): the version or the continue token has expired."""


class Unsupported(ApiError):
    """We must ask in another way: the server does not take this request (400, 405, 406, 422)."""


class Refused(ApiError):
    """The cluster's administrator must act: 401, 403, 404, or another answer that stays."""

    def __init__(self, text: str, *, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(text, retry_after_s=retry_after_s)
        self.status = status


class BadObject(Exception):
    """The owner of one API object must act; every other object is unharmed."""

    def __init__(self, key: Key, reason: str, *, resource_version: str = "") -> None:
        namespace, name = key
        super().__init__(f"{namespace or '?'}/{name or '?'}: {reason[:_TEXT_LIMIT]}")
        self.key = key
        """Namespace and name, as far as they could be read."""
        self.reason = reason[:_TEXT_LIMIT]
        self.resource_version = resource_version


def error_of_status(code: int, text: str, *, retry_after_s: float | None = None) -> ApiError:
    """The error for an HTTP status, or for the `code` of a Status object.

    The same codes come as the status of a response and inside an ERROR event of a watch.
    """
    message = f"{code}: {text}" if text else f"status {code}"
    if code == 410:
        return Gone(message, retry_after_s=retry_after_s)
    if code == 429:
        return TooManyRequests(message, retry_after_s=retry_after_s)
    if code in (400, 405, 406, 422):
        return Unsupported(message, retry_after_s=retry_after_s)
    if code >= 500:
        return ServerBusy(message, retry_after_s=retry_after_s)
    if code >= 400:
        return Refused(message, status=code, retry_after_s=retry_after_s)
    return Malformed(f"unexpected {message}", retry_after_s=retry_after_s)
