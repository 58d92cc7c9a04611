"""Handlers of background work, one file each: they call services and ports."""
