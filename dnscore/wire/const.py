"""Numbers of the DNS protocol, each with its source.

IANA "Domain Name System (DNS) Parameters" unless another source is named.
"""

from __future__ import annotations

# Record types.
A = 1
NS = 2
CNAME = 5
SOA = 6
PTR = 12
HINFO = 13
MX = 15
TXT = 16
AAAA = 28
SRV = 33
DNAME = 39
OPT = 41
RRSIG = 46
HTTPS = 65
IXFR = 251
AXFR = 252
ANY = 255

TYPE_NAMES = {
    A: "A",
    NS: "NS",
    CNAME: "CNAME",
    SOA: "SOA",
    PTR: "PTR",
    HINFO: "HINFO",
    MX: "MX",
    TXT: "TXT",
    AAAA: "AAAA",
    SRV: "SRV",
    35: "NAPTR",
    DNAME: "DNAME",
    OPT: "OPT",
    43: "DS",
    RRSIG: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    64: "SVCB",
    HTTPS: "HTTPS",
    IXFR: "IXFR",
    AXFR: "AXFR",
    ANY: "ANY",
    257: "CAA",
}

# Classes.
IN = 1
CH = 3
CLASS_ANY = 255

# Response codes (RFC 1035 4.1.1, RFC 6891 9 for BADVERS).
NOERROR = 0
FORMERR = 1
SERVFAIL = 2
NXDOMAIN = 3
NOTIMP = 4
REFUSED = 5
BADVERS = 16

# Opcodes, as they stand in the flags word.
OPCODE_MASK = 0x7800
OPCODE_QUERY = 0x0000
OPCODE_NOTIFY = 0x2000  # RFC 1996 3

# Header flags (RFC 1035 4.1.1; AD and CD: RFC 4035 3.2, 4.1.1).
QR = 0x8000
AA = 0x0400
TC = 0x0200
RD = 0x0100
RA = 0x0080
AD = 0x0020
CD = 0x0010
RCODE_MASK = 0x000F

HEADER_SIZE = 12
LABEL_MAX = 63
"""Octets in a label (RFC 1035 2.3.4)."""
NAME_MAX = 255
"""Octets in a name with its length octets and the root (RFC 1035 2.3.4)."""

UDP_PLAIN = 512
"""UDP payload of a client that sends no OPT record (RFC 1035 2.3.4)."""
UDP_EDNS = 1232
"""UDP payload that passes unfragmented nearly everywhere (DNS flag day 2020)."""
UDP_RECEIVE = 4096
"""What is read of a datagram; a longer query is cut and answered FORMERR."""
TCP_MAX = 65535
"""RFC 1035 4.2.2: the length prefix has two octets."""

# Extended DNS errors (RFC 8914 section 4).
EDE_OTHER = 0
EDE_STALE = 3
EDE_NOT_READY = 14
EDE_BLOCKED = 15
EDE_FILTERED = 17
EDE_NOT_AUTHORITATIVE = 20
EDE_NO_REACHABLE_AUTHORITY = 22
EDE_NETWORK_ERROR = 23
