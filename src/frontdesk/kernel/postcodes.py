"""Time zones of postcodes of the United Kingdom, the United States and Canada. Pure; small tables of our own.

What they say comes from: the list of postcode areas in Royal Mail's Programmers' Guide and the postcodes of the Crown
dependencies and overseas territories; the USPS matrix of three-digit ZIP prefixes (Labeling List L002) with the zone
boundaries of 49 CFR part 71; Canada Post's forward sortation areas with the zones of the provinces' time acts. An area
that lies in two zones has both: whoever asks wants to be within the hours of all. Places that only by habit keep a
clock of their own have the habit beside the law.

Nothing is known of postcodes of other countries, of field post, and of what is no postcode.
"""

import re
from collections.abc import Collection
from functools import lru_cache

_LONDON, _NEW_YORK, _CHICAGO = ("Europe/London",), ("America/New_York",), ("America/Chicago",)
_DENVER, _PHOENIX, _LOS_ANGELES = ("America/Denver",), ("America/Phoenix",), ("America/Los_Angeles",)
_EAST_AND_CENTRAL, _CENTRAL_AND_MOUNTAIN = _NEW_YORK + _CHICAGO, _CHICAGO + _DENVER
_MOUNTAIN_AND_PACIFIC = _DENVER + _LOS_ANGELES


def zones_of_postcode(postcode: str, home: Collection[str] = ()) -> tuple[str, ...]:
    """The zones (IANA names) in which `postcode` lies; none where nothing is known.

    `home` is where it is taken to be (ISO 3166) when the spelling alone does not say: ZIP codes, which other countries
    have too, and the first halves of British and Canadian postcodes.
    """
    return _zones(postcode[:20], frozenset(home))


@lru_cache(1 << 15)
def _zones(postcode: str, home: frozenset[str]) -> tuple[str, ...]:
    text = re.sub(r"[\s\-–]+", "", postcode).upper()
    if _BRITISH.fullmatch(text):
        return _british(text)
    if _CANADIAN.fullmatch(text):
        return _longest(_CANADA, text)
    if _ZIP.fullmatch(text):
        return _longest(_US, text) if home & _WITH_ZIP else ()
    british, canadian = not home.isdisjoint(_WITH_BRITISH), "CA" in home
    if _OUTWARD.fullmatch(text) and british and not (canadian and _FIRST_HALF.fullmatch(text)):
        return _british(text)
    if _FIRST_HALF.fullmatch(text) and canadian and not british:
        return _longest(_CANADA, text)
    return ()


def _longest(table: dict[str, tuple[str, ...]], text: str) -> tuple[str, ...]:
    """What `table` has for the longest beginning of `text`."""
    return next((table[text[:size]] for size in range(len(text), 0, -1) if text[:size] in table), ())


# --- United Kingdom ---------------------------------------------------------------------------------------------------

_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9][0-9A-HJKMNPR-Y]?|GIR|[A-Z]{4}", re.ASCII)
_BRITISH = re.compile(r"(?:[A-Z]{1,2}[0-9][0-9A-HJKMNPR-Y]?|[A-Z]{4})[0-9][ABD-HJLNP-UW-Z]{2}", re.ASCII)
_WITH_BRITISH = frozenset({"GB", "GG", "IM", "JE"})

_AREA_NAMES = """
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G
    GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA
    PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR
    WS WV YO ZE"""
_AREAS = frozenset(_AREA_NAMES.split())
_ELSEWHERE = {
    "IM": ("Europe/Isle_of_Man",), "JE": ("Europe/Jersey",), "GY": ("Europe/Guernsey",), "GX": ("Europe/Gibraltar",),
    "ASCN": ("Atlantic/St_Helena",), "BBND": ("Indian/Chagos",), "FIQQ": ("Atlantic/Stanley",),
    "PCRN": ("Pacific/Pitcairn",), "SIQQ": ("Atlantic/South_Georgia",), "STHL": ("Atlantic/St_Helena",),
    "TDCU": ("Atlantic/St_Helena",), "TKCA": ("America/Grand_Turk",),
}  # fmt: skip


def _british(text: str) -> tuple[str, ...]:
    if text[:4].isalpha():
        return _ELSEWHERE.get(text[:4], ())
    area = text[: 2 if text[1].isalpha() else 1]
    return _LONDON if area in _AREAS else _ELSEWHERE.get(area, ())


# --- United States ----------------------------------------------------------------------------------------------------

_ZIP = re.compile(r"[0-9]{5}(?:[0-9]{4})?", re.ASCII)
_WITH_ZIP = frozenset({"US", "PR", "VI", "GU", "MP", "AS"})

_RANGES: list[tuple[int, int, tuple[str, ...]]] = [
    (5, 5, _NEW_YORK), (6, 9, ("America/Puerto_Rico",)), (10, 89, _NEW_YORK), (100, 339, _NEW_YORK),
    (341, 349, _NEW_YORK),  # 090–098 and 340 are field post
    (324, 324, _EAST_AND_CENTRAL), (325, 325, _CHICAGO),  # the Florida panhandle
    (350, 369, _CHICAGO), (368, 368, _EAST_AND_CENTRAL),  # Alabama; Phenix City keeps Georgia's time
    (370, 372, _CHICAGO), (373, 373, _EAST_AND_CENTRAL), (374, 374, _NEW_YORK), (375, 375, _CHICAGO),
    (376, 379, _NEW_YORK), (380, 385, _CHICAGO),  # Tennessee
    (386, 397, _CHICAGO), (398, 399, _NEW_YORK),
    (400, 418, _NEW_YORK), (401, 401, _EAST_AND_CENTRAL), (420, 424, _CHICAGO), (425, 425, _NEW_YORK),
    (426, 427, _EAST_AND_CENTRAL),  # Kentucky
    (430, 459, _NEW_YORK),
    (460, 479, _NEW_YORK), (463, 464, _CHICAGO), (465, 465, _EAST_AND_CENTRAL), (475, 475, _EAST_AND_CENTRAL),
    (476, 477, _CHICAGO), (479, 479, _EAST_AND_CENTRAL),  # Indiana
    (480, 497, _NEW_YORK), (498, 499, _EAST_AND_CENTRAL),  # Michigan; its Upper Peninsula
    (500, 567, _CHICAGO), (570, 574, _CHICAGO), (575, 576, _CENTRAL_AND_MOUNTAIN), (577, 577, _DENVER),
    (580, 588, _CHICAGO), (585, 586, _CENTRAL_AND_MOUNTAIN), (588, 588, _CENTRAL_AND_MOUNTAIN),  # the Dakotas
    (590, 599, _DENVER), (600, 676, _CHICAGO), (677, 678, _CENTRAL_AND_MOUNTAIN), (679, 679, _CHICAGO),
    (680, 689, _CHICAGO), (690, 692, _CENTRAL_AND_MOUNTAIN), (693, 693, _DENVER),  # Kansas, Nebraska
    (700, 797, _CHICAGO), (798, 798, _CENTRAL_AND_MOUNTAIN), (799, 799, _DENVER), (885, 885, _DENVER),  # El Paso
    (800, 834, _DENVER), (835, 835, _MOUNTAIN_AND_PACIFIC), (836, 837, _DENVER), (838, 838, _LOS_ANGELES),  # Idaho
    (840, 847, _DENVER), (850, 865, _PHOENIX), (860, 860, _PHOENIX + _DENVER), (865, 865, _PHOENIX + _DENVER),
    (870, 884, _DENVER),  # the Navajo Nation changes its clocks, Arizona does not
    (889, 897, _LOS_ANGELES), (898, 898, _MOUNTAIN_AND_PACIFIC), (900, 961, _LOS_ANGELES),  # 962–966 is field post
    (967, 968, ("Pacific/Honolulu",)), (970, 978, _LOS_ANGELES), (979, 979, _MOUNTAIN_AND_PACIFIC),
    (980, 994, _LOS_ANGELES), (995, 999, ("America/Anchorage",)),
]  # fmt: skip
_US = {f"{prefix:03}": zones for first, last, zones in _RANGES for prefix in range(first, last + 1)} | {
    "96799": ("Pacific/Pago_Pago",), "9691": ("Pacific/Guam",), "9692": ("Pacific/Guam",), "9693": ("Pacific/Guam",),
    "96939": ("Pacific/Palau",), "9694": ("Pacific/Palau", "Pacific/Chuuk", "Pacific/Pohnpei", "Pacific/Kosrae"),
    "9695": ("Pacific/Guam",), "9696": ("Pacific/Majuro",), "9697": ("Pacific/Majuro",),
    "99546": ("America/Adak",), "99547": ("America/Adak",),
}  # fmt: skip

# --- Canada -----------------------------------------------------------------------------------------------------------

_FIRST_HALF = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z]", re.ASCII)
_CANADIAN = re.compile(rf"{_FIRST_HALF.pattern}[0-9][ABCEGHJ-NPRSTV-Z][0-9]", re.ASCII)

_TORONTO, _HALIFAX, _EDMONTON, _VANCOUVER = (
    ("America/Toronto",), ("America/Halifax",), ("America/Edmonton",), ("America/Vancouver",),
)  # fmt: skip
_CANADA = {
    "A": ("America/St_Johns", "America/Goose_Bay"), "B": _HALIFAX, "C": _HALIFAX, "E": ("America/Moncton",),
    "G": _TORONTO, "G0G": ("America/Toronto", "America/Blanc-Sablon"), "G4T": _HALIFAX, "H": _TORONTO, "J": _TORONTO,
    "K": _TORONTO, "L": _TORONTO, "M": _TORONTO, "N": _TORONTO,
    "P": _TORONTO, "P0": ("America/Toronto", "America/Winnipeg"), "P8": ("America/Toronto", "America/Winnipeg"),
    "P9": ("America/Toronto", "America/Winnipeg"), "R": ("America/Winnipeg",),
    "S": ("America/Regina",), "S0P": ("America/Regina", "America/Winnipeg"), "S9V": ("America/Regina", *_EDMONTON),
    "T": _EDMONTON, "V": _VANCOUVER, "V0A": (*_EDMONTON, *_VANCOUVER),
    "V0B": (*_EDMONTON, "America/Creston", *_VANCOUVER),
    "V0C": ("America/Dawson_Creek", "America/Fort_Nelson", *_VANCOUVER), "V1A": _EDMONTON, "V1C": _EDMONTON,
    "V1G": ("America/Dawson_Creek",), "V1J": ("America/Dawson_Creek",),
    "X0A": ("America/Iqaluit",), "X0B": ("America/Cambridge_Bay",), "X0C": ("America/Rankin_Inlet",),
    "X0E": _EDMONTON, "X0G": _EDMONTON, "X1A": _EDMONTON, "Y": ("America/Whitehorse",),
}  # fmt: skip
