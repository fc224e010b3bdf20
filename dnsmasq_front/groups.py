"""The server group of each route, kept through changes of the routing table. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dnscore.net.address import Address
from dnsmasq_front.routes import Route, Routes
from dnsmasq_front.servers import IsNear, Server, ServerGroup


@dataclass(frozen=True, slots=True)
class Policy:
    """How the servers of a group are asked."""

    group_max: int = 150
    """Questions that may wait for a group at a time."""
    all_servers: bool = False
    """All are asked at once."""
    strict_order: bool = False
    """They are preferred as they stand, not by their speed."""


class Groups:
    """What is known of the servers that are in use."""

    def __init__(self, *, is_near: IsNear, strict: bool) -> None:
        """`is_near` tells the servers on this machine; `strict` is for the groups."""
        self._is_near = is_near
        self._strict = strict
        self.by_route: dict[Route, ServerGroup] = {}

    def of(self, route: Route) -> ServerGroup:
        """The group of a route, made if it is in no table."""
        group = self.by_route.get(route)
        if group is None:
            group = self.by_route[route] = self._like(route, {})
        return group

    def use(self, routes: Routes) -> ServerGroup | None:
        """Take a new table; the default's group if it is a new one.

        What is known of the servers of a domain stays known.
        """
        before = self.by_route
        self.by_route = {route: self._like(route, before) for route in routes.all}
        default = self.by_route[routes.default] if routes.default else None
        return None if default in before.values() else default

    def _like(self, route: Route, before: dict[Route, ServerGroup]) -> ServerGroup:
        known: dict[Address, Server] = {}
        for old, group in before.items():
            if old.domain == route.domain:
                if old.servers == route.servers:
                    return group
                known.update((server.address, server) for server in group.servers)
        servers = [
            known.get(address) or Server(address, is_near=self._is_near(address))
            for address in route.servers
        ]
        return ServerGroup(servers, strict=self._strict)
