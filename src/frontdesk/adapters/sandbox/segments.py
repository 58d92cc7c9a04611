"""How many segments a text is billed as."""

_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_ESCAPED = frozenset("\f^{}\\[~]|€")


def segments_of(body: str) -> int:
    """The number of segments of `body`: of 160 septets, or 153 where there are several, if GSM-7 can say it; else of 70
    or 67 UTF-16 units. No character is split between two."""
    if all(char in _GSM_7 or char in _GSM_7_ESCAPED for char in body):
        return _packed([2 if char in _GSM_7_ESCAPED else 1 for char in body], alone=160, joined=153)
    return _packed([2 if ord(char) > 0xFFFF else 1 for char in body], alone=70, joined=67)


def _packed(sizes: list[int], *, alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > joined:
            count, used = count + 1, 0
        used += size
    return count
