"""Ways for mail to leave, or to be kept: `smtp` when a server is set, else `captured`."""
