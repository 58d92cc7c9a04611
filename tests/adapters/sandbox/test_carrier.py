"""The sandbox behaves as a carrier."""

import pytest
from tests.adapters.carrier_suite import Bench, CarrierSuite
from tests.adapters.sandbox.conftest import AUTH_TOKEN, HANDSET, OTHER_HANDSET
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox import SandboxCarrier
from frontdesk.kernel.clock import Clock


class SandboxBench:
    """The sandbox, made to fail by its own faults."""

    handset, other_handset, signing_token = HANDSET, OTHER_HANDSET, AUTH_TOKEN

    def __init__(self, carrier: SandboxCarrier, sender: str) -> None:
        self.carrier, self.sender = carrier, sender
        self.clock: Clock = carrier.clock

    async def be_busy(self) -> None:
        await self.carrier.set_fault("busy", 1, 60)

    async def break_off(self, *, accept: bool) -> None:
        await self.carrier.set_fault("uncertain_accepted" if accept else "uncertain_lost", 1, 60)

    async def recover(self) -> None:
        for kind in ("busy", "uncertain_accepted", "uncertain_lost"):
            await self.carrier.set_fault(kind, 0, 60)

    async def block(self, handset: str) -> None:
        await self.carrier.handset_blocks(handset, self.sender)


class TestSandbox(CarrierSuite):
    @pytest.fixture
    def bench(self, carrier: SandboxCarrier, org: Organization) -> Bench:
        return SandboxBench(carrier, org.number)


async def test_a_handset_that_no_longer_blocks_us_takes_texts_again(carrier: SandboxCarrier, org: Organization):
    bench = SandboxBench(carrier, org.number)
    await bench.block(HANDSET)
    await carrier.handset_blocks(HANDSET, org.number, blocked=False)
    assert (await CarrierSuite._send(bench)).provider_id
