"""Passing calls and appointments on to connected CRM systems, each once and in order, with a log of every record.

`service.owing` reads the event log, `service.passing` calls the CRM, `service.reading` shows the log. Which systems are
connected, and the consent behind it, is for `integrations`.
"""
