"""The sandbox as a seller of phone numbers: fictional ones, for nothing. It keeps no books: who has which is the
product's to know."""

import re

import phonenumbers

from frontdesk.kernel.phone import E164, is_fictional
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import NumberGone, OfferedNumber, Wish

# Well-known area codes of the countries that have fictional numbers by area, and their states and provinces.
_AREAS = {
    "US": {"212": "NY", "213": "CA", "303": "CO", "305": "FL", "312": "IL", "404": "GA", "415": "CA", "617": "MA"},
    "CA": {"416": "ON", "514": "QC", "604": "BC"},
}
_AREA = re.compile(r"[2-9](?!11)[0-8][0-9]")
_NOT_DIGITS = re.compile(r"[^0-9]")


class SandboxNumbers:
    """Implements `ports.carrier.NumberSeller`."""

    name = "sandbox"

    def __init__(self, works: Works) -> None:
        self._works = works

    async def search(self, wish: Wish) -> list[OfferedNumber]:
        """As the port says."""
        digits = _NOT_DIGITS.sub("", wish.contains)
        candidates = {phone: region for phone, region in _all(wish) if digits in phone}
        taken = await self._taken(list(candidates))
        return [_offered(phone, region) for phone, region in candidates.items() if phone not in taken][: wish.most]

    async def buy(self, phone: str, label: str) -> None:
        """As the port says. Which organisation has it is written by whoever asked."""
        if not is_fictional(E164(phone)) or await self._taken([phone]):
            raise NumberGone("The sandbox does not have this number, or not any more.")

    async def owns(self, phone: str) -> bool:
        """As the port says: buying one again costs nothing."""
        return False

    async def give_back(self, phone: str) -> None:
        """As the port says. It is for sale again when whoever had it has it no longer."""

    async def release(self, phone: str) -> None:
        """As the port says. Its texts and calls follow whoever has the number."""

    async def _taken(self, phones: list[str]) -> set[str]:
        async with self._works.across_tenants("sandbox carrier") as work:
            rows = await work.fetch("select phone from numbers where phone = any($1)", phones)
        return {row["phone"] for row in rows}


def _all(wish: Wish) -> list[tuple[str, str | None]]:
    """The fictional numbers of a country, of one area if it is named."""
    if wish.country == "GB" and not wish.area_code:
        return [(f"+447700900{n:03}", None) for n in range(500, 1000)]  # people's handsets mostly have lower ones
    areas = _AREAS.get(wish.country, {})
    if wish.area_code:
        if wish.country not in _AREAS or not _AREA.fullmatch(wish.area_code):
            return []
        areas = {wish.area_code: areas.get(wish.area_code)}
    return [(f"+1{area}55501{n:02}", region) for n in range(100) for area, region in areas.items()]


def _offered(phone: str, region: str | None) -> OfferedNumber:
    label = phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.NATIONAL)
    return OfferedNumber(phone, label, region, can_call=True, can_text=True, can_send_pictures=False)
