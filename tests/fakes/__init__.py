"""Outside services on real sockets, held to their vendors' own documents."""
