"""Service admission: validation, defaulting and ClusterIP allocation.

The result has the fields, and the order of fields, that Kubernetes 1.36 answers with. Node ports
are not allocated. Pure but for the address pools, which remember what was given out.
Reference: https://kubernetes.io/docs/concepts/services-networking/service/ and
https://kubernetes.io/docs/concepts/services-networking/dual-stack/
"""

from __future__ import annotations

from devcluster import shapes, status
from devcluster.metadata import is_label, is_subdomain
from devcluster.resources import SERVICES, Json
from devcluster.service_ips import AddressError, Family, ServiceAddresses, family_of
from devcluster.status import Cause

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_ORDER = (
    "ports",
    "selector",
    "clusterIP",
    "clusterIPs",
    "type",
    "sessionAffinity",
    "externalName",
    "externalTrafficPolicy",
    "publishNotReadyAddresses",
    "ipFamilies",
    "ipFamilyPolicy",
    "internalTrafficPolicy",
)
_NOT_OF_EXTERNAL_NAME = (
    "clusterIP",
    "clusterIPs",
    "ipFamilies",
    "ipFamilyPolicy",
    "internalTrafficPolicy",
)


def cluster_ips(obj: Json | None) -> list[str]:
    """The addresses a stored Service holds; none for headless, ExternalName or no Service."""
    spec = (obj or {}).get("spec") or {}
    return [address for address in spec.get("clusterIPs") or () if address != "None"]


def admit_service(obj: Json, old: Json | None, addresses: ServiceAddresses) -> None:
    """Validate and complete `obj` in place; new addresses are taken from the pools.

    The caller releases what `old` held and `obj` does not. Raises ApiError 422, and then no
    address has been taken.
    """
    spec = {k: v for k, v in (obj.get("spec") or {}).items() if v not in (None, "", [], {})}
    spec.setdefault("type", "ClusterIP")
    causes = _check(shapes.service({**obj, "spec": spec}))
    if causes:
        raise status.invalid(SERVICES, obj["metadata"]["name"], causes)
    if "ports" in spec:
        spec["ports"] = [_port_defaults(port) for port in spec["ports"]]
    spec.setdefault("sessionAffinity", "None")
    if not spec.get("publishNotReadyAddresses"):
        spec.pop("publishNotReadyAddresses", None)
    if spec["type"] == "ExternalName":
        for field in _NOT_OF_EXTERNAL_NAME:
            spec.pop(field, None)
    else:
        spec.pop("externalName", None)
        spec.setdefault("internalTrafficPolicy", "Cluster")
        if spec["type"] != "ClusterIP":
            spec.setdefault("externalTrafficPolicy", "Cluster")
        _assign_addresses(obj["metadata"]["name"], spec, (old or {}).get("spec") or {}, addresses)
    ordered = {field: spec.pop(field) for field in _ORDER if field in spec}
    obj["spec"] = {**ordered, **spec}
    obj["status"] = obj.get("status") or {"loadBalancer": {}}


def _port_defaults(port: Json) -> Json:
    done = {"name": port["name"]} if port.get("name") else {}
    done["protocol"] = port.get("protocol") or "TCP"
    done["port"] = port["port"]
    done["targetPort"] = port.get("targetPort") or port["port"]
    rest = {k: v for k, v in port.items() if k not in done and v not in (None, "")}
    return {**done, **rest}


# -- validation ----------------------------------------------------------------------------


def _check(service: shapes.Service) -> list[Cause]:
    spec = service.spec
    assert spec is not None  # The caller put it there.
    causes = _check_ports(spec)
    if spec.type not in _TYPES:
        causes.append(_unsupported("spec.type", spec.type, _TYPES))
    if spec.ipFamilyPolicy is not None and spec.ipFamilyPolicy not in _POLICIES:
        causes.append(_unsupported("spec.ipFamilyPolicy", spec.ipFamilyPolicy, _POLICIES))
    for at, family in enumerate(spec.ipFamilies or ()):
        if family not in ("IPv4", "IPv6"):
            causes.append(_unsupported(f"spec.ipFamilies[{at}]", family, ("IPv4", "IPv6")))
    if spec.type == "ExternalName":
        name = spec.externalName or ""
        if not name:
            causes.append(Cause("FieldValueRequired", "Required value", "spec.externalName"))
        elif not is_subdomain(name.removesuffix(".")):
            causes.append(_invalid("spec.externalName", name, "must be a lowercase RFC 1123 name"))
    for at, address in enumerate(_given(spec)):
        if address != "None":
            try:
                family_of(address)
            except AddressError as error:
                causes.append(_invalid(f"spec.clusterIPs[{at}]", address, str(error)))
    return causes


def _check_ports(spec: shapes.ServiceSpec) -> list[Cause]:
    ports = spec.ports or []
    causes: list[Cause] = []
    if not ports and spec.type != "ExternalName" and _given(spec)[:1] != ["None"]:
        causes.append(Cause("FieldValueRequired", "Required value", "spec.ports"))
    names: set[str] = set()
    numbers: set[tuple[str, int]] = set()
    for at, port in enumerate(ports):
        path, number, protocol = f"spec.ports[{at}]", port.port or 0, port.protocol or "TCP"
        if not 1 <= number <= 65535:
            causes.append(
                _invalid(f"{path}.port", number, "must be between 1 and 65535, inclusive")
            )
        if protocol not in _PROTOCOLS:
            causes.append(_unsupported(f"{path}.protocol", protocol, _PROTOCOLS))
        if not port.name:
            if len(ports) > 1:
                causes.append(Cause("FieldValueRequired", "Required value", f"{path}.name"))
        elif not is_label(port.name):
            causes.append(_invalid(f"{path}.name", port.name, "must be a lowercase RFC 1123 label"))
        elif port.name in names:
            causes.append(_duplicate(f"{path}.name", f'"{port.name}"'))
        if (protocol, number) in numbers:
            causes.append(_duplicate(path, f'{{"port":{number},"protocol":"{protocol}"}}'))
        names.add(port.name or "")
        numbers.add((protocol, number))
    return causes


def _invalid(field: str, value: object, why: str) -> Cause:
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return Cause("FieldValueInvalid", f"Invalid value: {shown}: {why}", field)


def _duplicate(field: str, value: str) -> Cause:
    return Cause("FieldValueDuplicate", f"Duplicate value: {value}", field)


def _unsupported(field: str, value: str | None, known: tuple[str, ...]) -> Cause:
    listed = ", ".join(f'"{item}"' for item in known)
    return Cause(
        "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {listed}', field
    )


# -- addresses -----------------------------------------------------------------------------


def _given(spec: shapes.ServiceSpec) -> list[str]:
    return spec.clusterIPs or ([spec.clusterIP] if spec.clusterIP else [])


def _assign_addresses(name: str, spec: Json, before: Json, addresses: ServiceAddresses) -> None:
    """Families, policy and ClusterIPs, in that order, as the real allocator decides them."""
    held = before.get("clusterIPs") or []
    wanted = _wanted(name, spec, held)
    policy, families = _families(spec, before, wanted)
    if wanted[:1] == ["None"]:
        result = ["None"]
    else:
        wanted = wanted[: len(families)]
        for address, family in zip(wanted, families, strict=False):
            if family_of(address) != family:
                raise _refused(name, "spec.clusterIPs", wanted, f"expected an {family} address")
        result = _take(name, wanted, families, held, addresses)
    spec.update(clusterIP=result[0], clusterIPs=result, ipFamilies=families, ipFamilyPolicy=policy)


def _wanted(name: str, spec: Json, held: list[str]) -> list[str]:
    """The addresses asked for; those of the old object where the client left them out."""
    first, every = spec.get("clusterIP"), list(spec.get("clusterIPs") or ())
    if first and every and every[0] != first:
        if every != held:
            raise _refused(name, "spec.clusterIPs[0]", every, "must match `clusterIP`")
        every = [first]  # Only clusterIP was edited.
    wanted = every or ([first] if first else list(held))
    if held and wanted[0] != held[0]:
        raise _refused(name, "spec.clusterIPs[0]", wanted, "may not change once set")
    if len(wanted) == 1 and wanted == held[:1]:
        wanted = list(held)
    return wanted


def _families(spec: Json, before: Json, wanted: list[str]) -> tuple[str, list[Family]]:
    families = list(spec.get("ipFamilies") or before.get("ipFamilies") or ())
    if not families:
        families = [family_of(address) for address in wanted if address != "None"] or ["IPv4"]
    policy = spec.get("ipFamilyPolicy") or before.get("ipFamilyPolicy")
    if policy is None:
        # A headless Service without selector says nothing about its endpoints: both families.
        anything = wanted[:1] == ["None"] and not spec.get("selector")
        policy = "RequireDualStack" if anything or len(families) > 1 else "SingleStack"
    if policy == "SingleStack":
        return policy, families[:1]
    if len(families) == 1:
        families.append("IPv6" if families[0] == "IPv4" else "IPv4")
    return policy, families


def _take(
    name: str,
    wanted: list[str],
    families: list[Family],
    held: list[str],
    addresses: ServiceAddresses,
) -> list[str]:
    taken: list[str] = []
    result = list(wanted)
    try:
        for address in wanted:
            if address not in held:
                addresses.claim(address)
                taken.append(address)
        for family in families[len(wanted) :]:
            taken.append(addresses.allocate(family))
            result.append(taken[-1])
    except AddressError as error:
        addresses.release(taken)
        raise _refused(name, "spec.clusterIPs", wanted, str(error)) from None
    return result


def _refused(name: str, field: str, value: list[str], why: str) -> status.ApiError:
    shown = "[" + ",".join(f'"{address}"' for address in value) + "]"
    return status.invalid(
        SERVICES, name, [Cause("FieldValueInvalid", f"Invalid value: {shown}: {why}", field)]
    )
