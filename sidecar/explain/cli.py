"""`kube-dns-explain NAME [TYPE]`: why a name resolves in a pod as it does, or does not."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from dnscore import VERSION
from sidecar.address import parse_server
from sidecar.explain.asked import Sources
from sidecar.explain.question import (
    default_type,
    parse_name,
    parse_ndots,
    parse_pod,
    parse_type,
    parse_zone,
)
from sidecar.explain.render import text_of
from sidecar.explain.search_list import NDOTS
from sidecar.explain.walk import Walker
from sidecar.page_url import parse_page

PROGRAM = "kube-dns-explain"
FRONT = "127.0.0.1:53"
FRONT_PAGE = "http://127.0.0.1:10056/explain"
KUBEDNS_PAGE = "http://127.0.0.1:8081/explain"
FOUND, NOT_FOUND = 0, 1

T = TypeVar("T")


def main(argv: Sequence[str] | None = None) -> int:
    """Explain one name; 0 when it has an answer, 1 when it has none, 2 for bad usage."""
    args = _parser().parse_args(argv)
    rdtype = args.type or default_type(args.name)
    walker = Walker(
        Sources(args.front, args.front_page, args.kubedns_page),
        zone=args.zone,
        search=tuple(args.search),
        ndots=args.ndots,
    )
    view = walker.view(args.name, rdtype, args.pod)
    sys.stdout.write(json.dumps(view, indent=2) + "\n" if args.json else text_of(view))
    return FOUND if view["found"] else NOT_FOUND


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Why a name resolves in a pod as it does, or does not.",
        epilog="exit status: 0 the name has an answer, 1 it has none, 2 bad usage",
        allow_abbrev=False,
    )
    add, page = parser.add_argument, _checked(parse_page)
    add("name", metavar="NAME", type=_checked(parse_name), help="as a program writes it, or an IP")
    add("type", metavar="TYPE", nargs="?", type=_checked(parse_type), help="record type (A; PTR)")
    add("--pod", default="", metavar="NS[/NAME]", type=_checked(parse_pod), help="who asks")
    add("--json", action="store_true", help="print everything as JSON")
    add("--front", default=FRONT, type=_checked(parse_server), help=f"its DNS ({FRONT})")
    add("--front-page", default=FRONT_PAGE, type=page, help=_shown(FRONT_PAGE))
    add("--kubedns-page", default=KUBEDNS_PAGE, type=page, help=_shown(KUBEDNS_PAGE))
    add("--zone", default="", type=_checked(parse_zone), help="the cluster's (asks kubedns)")
    add(
        "--search",
        action="append",
        default=[],
        type=_checked(parse_zone),
        metavar="DOMAIN",
        help="a search domain of the node; repeatable",
    )
    add("--ndots", default=NDOTS, type=_checked(parse_ndots), help=f"resolv.conf(5) ({NDOTS})")
    add("--version", action="version", version=f"{PROGRAM} {VERSION}")
    return parser


def _shown(default: str) -> str:
    return f"its explanations; empty for none ({default})"


def _checked(parse: Callable[[str], T]) -> Callable[[str], T]:
    """A parser whose ValueErrors reach the person with their reasons."""

    def checked(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return checked
