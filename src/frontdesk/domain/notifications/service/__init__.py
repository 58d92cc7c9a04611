"""Use cases of notifications: `telling` makes them of events, `reading` is for those told, `mailing` sends them."""
