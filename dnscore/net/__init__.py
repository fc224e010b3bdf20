"""Sockets that carry DNS messages: UDP drain loop, TCP framing, exchanges with other servers."""
