"""Plans, and what each allows. Who pays for one, and what happens at its end, is billing's."""

from enum import StrEnum

from msgspec import Struct


class Plan(StrEnum):
    """What an organisation has bought. Every new one is on trial."""

    TRIAL = "trial"
    STARTER = "starter"
    GROWTH = "growth"
    SCALE = "scale"
    BUSINESS_PRO = "business_pro"


class Allowance(Struct, frozen=True, kw_only=True):
    """What a plan allows. Minutes are of a billing period."""

    seats: int
    """Members and open invitations together."""
    numbers: int
    """Real phone numbers, beside the sandbox one that everybody has."""
    call_minutes: int
    ai_minutes: int
    """Of the call minutes, those with the assistant."""


ALLOWANCES = {
    Plan.TRIAL: Allowance(seats=3, numbers=1, call_minutes=30, ai_minutes=30),
    Plan.STARTER: Allowance(seats=3, numbers=1, call_minutes=500, ai_minutes=150),
    Plan.GROWTH: Allowance(seats=10, numbers=5, call_minutes=5000, ai_minutes=1500),
    Plan.SCALE: Allowance(seats=25, numbers=15, call_minutes=20_000, ai_minutes=6000),
    Plan.BUSINESS_PRO: Allowance(seats=5, numbers=3, call_minutes=2000, ai_minutes=500),
}
