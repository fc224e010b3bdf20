"""Status objects: every way in which this API server says no, worded as the real one words it.

`ApiError` carries the HTTP code and the `metav1.Status` fields. Core modules raise it; the HTTP rim
turns it into a response, the watch stream into an ERROR event.
Reference: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devcluster.resources import Json, Resource


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that is wrong, in an Invalid (422) answer."""

    reason: str
    message: str
    field: str


class ApiError(Exception):
    """A request that is answered with a failure Status; the client must act."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        details: Json | None = None,
        metadata: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.details = details
        self.metadata = metadata or {}

    @property
    def retry_after_s(self) -> int | None:
        """Seconds for the Retry-After header, if the Status has them."""
        value = (self.details or {}).get("retryAfterSeconds")
        return value if isinstance(value, int) else None

    def status(self) -> Json:
        """The Status object, fields in the order of recorded answers."""
        body: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": str(self),
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details:
            body["details"] = self.details
        body["code"] = self.code
        return body


def success(resource: Resource, name: str, uid: str | None) -> Json:
    """The Status that answers a completed deletion."""
    details = {"name": name, **_details(resource)}
    if uid:
        details["uid"] = uid
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }


def _details(resource: Resource) -> Json:
    return (
        {"group": resource.group, "kind": resource.plural}
        if resource.group
        else {"kind": resource.plural}
    )


def not_found(resource: Resource, name: str) -> ApiError:
    """404 for an object that does not exist."""
    return ApiError(
        404,
        "NotFound",
        f'{resource.qualified} "{name}" not found',
        details={"name": name, **_details(resource)},
    )


def no_such_path() -> ApiError:
    """404 for a URL that names nothing."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def already_exists(resource: Resource, name: str) -> ApiError:
    """409 for a create of a name that is taken."""
    return ApiError(
        409,
        "AlreadyExists",
        f'{resource.qualified} "{name}" already exists',
        details={"name": name, **_details(resource)},
    )


def conflict(resource: Resource, name: str, why: str | None = None) -> ApiError:
    """409 for a write based on an outdated object."""
    reason = why or (
        "the object has been modified; please apply your changes to the latest version and "
        "try again"
    )
    return ApiError(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": {reason}',
        details={"name": name, **_details(resource)},
    )


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """422 for an object with wrong fields; each cause names one."""
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    joined = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details: Json = {"name": name}
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.kind
    details["causes"] = [
        {"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes
    ]
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    return ApiError(422, "Invalid", f'{kind} "{name}" is invalid: {joined}', details=details)


def bad_request(message: str) -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    """401 for a missing or wrong bearer token."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(resource: Resource, verb: str, *, user: str, namespace: str) -> ApiError:
    """403 for a verb on a resource that `user` may not use."""
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{resource.qualified} is forbidden: User "{user}" cannot {verb} resource '
        f'"{resource.plural}" in API group "{resource.group}" {scope}'
    )
    return ApiError(403, "Forbidden", message, details=_details(resource))


def undeletable(resource: Resource, name: str) -> ApiError:
    """403 for the namespaces that a cluster cannot be without."""
    return ApiError(
        403,
        "Forbidden",
        f'{resource.qualified} "{name}" is forbidden: this namespace may not be deleted',
        details={"name": name, **_details(resource)},
    )


def unsupported_media_type(content_type: str, accepted: Sequence[str]) -> ApiError:
    """415 for a body in an encoding that is not read here, protobuf above all."""
    return ApiError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format ({content_type or 'no Content-Type'}) "
        f"- accepted media types include: {', '.join(accepted)}",
    )


def not_acceptable() -> ApiError:
    """406 for a client that wants anything but JSON."""
    return ApiError(
        406,
        "NotAcceptable",
        "only the following media types are accepted: application/json",
    )


def method_not_allowed() -> ApiError:
    """405 for a verb that the resource does not have."""
    return ApiError(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource"
    )


def too_old(resource_version: int, oldest: int) -> ApiError:
    """410 for a watch or an exact list from a resourceVersion that is forgotten."""
    return ApiError(410, "Expired", f"too old resource version: {resource_version} ({oldest})")


def continue_expired(token: str) -> ApiError:
    """410 for a `continue` whose snapshot is forgotten; `token` goes on without consistency."""
    return ApiError(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can "
        "start a new list without the continue parameter, or use the continue token in this "
        "response to retrieve the remainder of the results. Continuing with the provided token "
        "results in an inconsistent list - objects that were created, modified, or deleted between "
        "the time the first chunk was returned and now may show up in the list.",
        metadata={"continue": token},
    )


def too_large(resource_version: int, current: int) -> ApiError:
    """504 for a list at a resourceVersion that is not reached yet."""
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {resource_version}, current: {current}",
        details={
            "causes": [
                {
                    "reason": "ResourceVersionTooLarge",
                    "message": "Too large resource version",
                }
            ],
            "retryAfterSeconds": 1,
        },
    )


def injected(code: int, *, retry_after_s: int | None) -> ApiError:
    """A failure asked for by a test (`faults.py`)."""
    reason = {
        401: "Unauthorized",
        403: "Forbidden",
        410: "Expired",
        429: "TooManyRequests",
        500: "InternalError",
        503: "ServiceUnavailable",
        504: "Timeout",
    }.get(code, "")
    details = {"retryAfterSeconds": retry_after_s} if retry_after_s is not None else None
    return ApiError(code, reason, f"injected failure {code}", details=details)
