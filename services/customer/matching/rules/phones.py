"""Phone numbers as people write them: with or without country and area code, with extensions, several in one field."""

import re
from dataclasses import dataclass
from unicodedata import normalize

from services.customer.matching.rules.agreements import PhoneAgreement, PhoneLevel

_EXTENSION = re.compile(
    r"(?:ext(?:ension)?\.?|extn\.?|x|转|轉|分机|分機|內線|内线|#|durchwahl)\s*[:.]?\s*\d{1,6}\s*\)?\s*$", re.IGNORECASE
)
_BETWEEN_NUMBERS = re.compile(r"[;,|、；，\n]|/|\bor\b|\band\b|或")
_TRUNK_ZERO_IN_BRACKETS = re.compile(r"\(0\)")
_NOT_DIGITS = re.compile(r"\D+")
_FEWEST_DIGITS = 6
_LOCAL_DIGITS = 7
"""How many last digits two writings of one number share when one lacks its area code."""
_FULL_DIGITS = 9
_MOST_DIGITS = 15
_CODES = """
1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 54 55 56 57 60 61 62 63 64 65 66 81
82 84 86 90 91 92 93 94 95 98
"""
_TWO_DIGIT_CODES = frozenset(_CODES.split())
_CODE_OF = {
    "US": "1", "CA": "1", "CN": "86", "HK": "852", "MO": "853", "TW": "886", "JP": "81", "KR": "82", "SG": "65",
    "GB": "44", "DE": "49", "FR": "33", "IT": "39", "ES": "34", "NL": "31", "BE": "32", "CH": "41", "AT": "43",
    "IN": "91", "AU": "61", "BR": "55", "MX": "52", "RU": "7", "PL": "48", "SE": "46", "NO": "47", "DK": "45",
    "FI": "358", "IE": "353", "PT": "351", "CZ": "420", "MY": "60", "TH": "66", "VN": "84", "ID": "62", "TR": "90",
}  # fmt: skip
"""Calling codes of the countries whose numbers are met most; others compare by their last digits all the same."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number's national part, without trunk zero, and its calling code where it is known."""

    national: str
    code: str = ""

    @property
    def key(self) -> str:
        """The last seven digits, which every way to write it has."""
        return f"p:{self.national[-_LOCAL_DIGITS:]}"


def phones_of(text: str, country: str | None) -> tuple[Phone, ...]:
    """Return the numbers in a field; nothing where it holds too few digits to be one."""
    plain = normalize("NFKC", text).strip()
    pieces = [plain]
    split = [piece for piece in _BETWEEN_NUMBERS.split(plain) if piece.strip()]
    if len(split) > 1:
        pieces = _rejoined(split)
    found = [phone for piece in pieces if (phone := _phone(piece, country)) is not None]
    return tuple(dict.fromkeys(found))


def _rejoined(split: list[str]) -> list[str]:
    """Separators stand inside numbers too (404/351-9533): a piece with few digits belongs to its neighbour."""
    pieces: list[str] = []
    begun = ""
    for piece in split:
        begun = f"{begun} {piece}" if begun else piece
        if len(_NOT_DIGITS.sub("", _EXTENSION.sub("", begun))) > _FEWEST_DIGITS:
            pieces.append(begun)
            begun = ""
    if begun and not pieces:
        pieces.append(begun)
    return pieces


def _phone(piece: str, country: str | None) -> Phone | None:
    bare = _TRUNK_ZERO_IN_BRACKETS.sub("", _EXTENSION.sub("", piece.strip()))
    digits = _NOT_DIGITS.sub("", bare)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS + 2 or len(set(digits)) == 1:
        return None
    if bare.lstrip(" (").startswith("+") or digits.startswith("00"):
        code, national = _without_code(digits.removeprefix("00"))
        return Phone(national.lstrip("0") or national, code)
    own = _CODE_OF.get(country or "", "")
    if own and digits.startswith(own) and len(digits) - len(own) >= _FULL_DIGITS + (own != "1") and digits[0] != "0":
        return Phone(digits[len(own) :].lstrip("0"), own)
    return Phone(digits.lstrip("0") or digits, own)


def _without_code(digits: str) -> tuple[str, str]:
    for length in (1, 2):
        if digits[:length] in _TWO_DIGIT_CODES:
            return digits[:length], digits[length:]
    return digits[:3], digits[3:]


def _same(one: Phone, other: Phone) -> bool:
    if one.code and other.code and one.code != other.code:
        return False
    shorter, longer = sorted((one.national, other.national), key=len)
    return one.national == other.national or (len(shorter) >= _LOCAL_DIGITS and longer.endswith(shorter))


def _near(one: str, other: str) -> bool:
    """One digit differs, two neighbours are swapped, or only the last two digits differ."""
    width = min(len(one), len(other))
    if width < _LOCAL_DIGITS:
        return False
    one, other = one[-width:], other[-width:]
    if one[:-2] == other[:-2]:
        return True
    differing = [place for place in range(width) if one[place] != other[place]]
    if len(differing) == 1:
        return True
    if len(differing) != 2:  # noqa: PLR2004
        return False
    left, right = differing
    return right == left + 1 and one[left] == other[right] and one[right] == other[left]


UNKNOWN = PhoneAgreement(PhoneLevel.UNKNOWN, "phone not known on both sides")
DIFFERENT = PhoneAgreement(PhoneLevel.DIFFERENT, "phone differs")
NEAR = PhoneAgreement(PhoneLevel.NEAR, "phone nearly equal")


def compare_phones(probe: tuple[Phone, ...], candidate: tuple[Phone, ...]) -> PhoneAgreement:
    """Return how far the nearest two numbers agree."""
    if not probe or not candidate:
        return UNKNOWN
    for one in probe:
        for other in candidate:
            if _same(one, other):
                return PhoneAgreement(PhoneLevel.SAME, "phone equal", min(one.key, other.key))
    if any(_near(one.national, other.national) for one in probe for other in candidate):
        return NEAR
    return DIFFERENT
