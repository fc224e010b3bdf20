"""Zone text to answers, for the scripted DNS server: exact names, CNAMEs, NODATA, NXDOMAIN.

Pure. RFC 1034 4.3.2 without zone cuts and wildcards; RFC 2308 2 for the negative answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


def read_zone(text: str) -> list[dns.rrset.RRset]:
    """The RRsets of lines such as `a.test. 5 IN A 10.0.0.1`; TTL and class may be left out.

    Not a full master file: names are absolute and there is no `$ORIGIN`, so that a test may hold
    any names and classes side by side. Empty lines and lines beginning with `;` are skipped.
    """
    rrsets: dict[tuple[dns.name.Name, str, str], dns.rrset.RRset] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith(";"):
            continue
        name, rest = line.split(None, 1)
        ttl, rdclass = 0, "IN"
        while (word := rest.split(None, 1)[0]).isdigit() or word in ("IN", "CH", "HS"):
            ttl, rdclass = (int(word), rdclass) if word.isdigit() else (ttl, word)
            rest = rest.split(None, 1)[1]
        rdtype, rdata = rest.split(None, 1)
        new = dns.rrset.from_text(name, ttl, rdclass, rdtype, rdata.strip())
        old = rrsets.setdefault((new.name, rdclass, rdtype), new)
        old.add(new[0])
    return list(rrsets.values())


def answer_from_zone(message: dns.message.Message, zone: Sequence[dns.rrset.RRset]) -> None:
    """Fill the response to `message`'s question from a zone."""
    question = message.question[0]
    here = [r for r in zone if r.rdclass == question.rdclass]
    name = question.name
    for _ in range(8):  # a CNAME chain, bounded
        found = [
            r for r in here if r.name == name and question.rdtype in (r.rdtype, dns.rdatatype.ANY)
        ]
        message.answer.extend(found)
        aliases = [r for r in here if r.name == name and r.rdtype == dns.rdatatype.CNAME]
        if found or not aliases:
            break
        message.answer.append(aliases[0])
        name = aliases[0][0].target
    if message.answer:
        return
    message.authority.extend(
        r for r in here if r.rdtype == dns.rdatatype.SOA and name.is_subdomain(r.name)
    )
    # RFC 8020: a name with names below it exists, even without records of its own.
    if not any(r.name.is_subdomain(name) for r in here):
        message.set_rcode(dns.rcode.NXDOMAIN)
