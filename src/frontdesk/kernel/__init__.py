"""The words everything else is written in: ids, time, phone numbers, pages, errors, actors. No I/O, no framework."""
