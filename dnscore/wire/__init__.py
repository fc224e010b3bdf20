"""DNS messages as bytes (RFC 1035 section 4): no sockets, no clocks, no randomness."""
