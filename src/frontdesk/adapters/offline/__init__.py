"""The offline brain: answers leads by rules, with no model, no network and no key (DESIGN 11)."""

from frontdesk.adapters.offline.brain import OfflineBrain

__all__ = ["OfflineBrain"]
