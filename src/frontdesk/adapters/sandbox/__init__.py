"""Providers that need no account: the text carrier and its handsets. Real over the wire, fictional beyond it."""

from frontdesk.adapters.sandbox.carrier import SandboxCarrier
from frontdesk.adapters.sandbox.deliveries import DeliveryLoop
from frontdesk.adapters.sandbox.faults import Timing
from frontdesk.adapters.sandbox.handsets import SandboxSimulator

__all__ = ["DeliveryLoop", "SandboxCarrier", "SandboxSimulator", "Timing"]
