"""From the text of a cell to the value that the API takes: dates by their declared format, exact numbers."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from keyaccount.importing.problems import RowRefused
from servicekit.values.sheets import SheetDate

_LEAP_DAY = (2, 29)


def slug(text: str) -> str:
    """Return `text` as a name for sign-ins and addresses: lower case ASCII words joined by points."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return ".".join(re.findall(r"[a-z0-9]+", plain.lower()))


def loosely(text: str) -> str:
    """Return `text` without spaces and case, for matching names that are the same but for these."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def parse_date(text: str, declared: str) -> datetime:
    """Read `text` by exactly the declared format."""
    if isinstance(text, SheetDate):
        return datetime.fromisoformat(text).replace(tzinfo=None)
    try:
        return datetime.strptime(text, declared)  # noqa: DTZ007 - the mapping's time zone is added by `instant`
    except ValueError:
        shape = datetime(2017, 12, 31, tzinfo=UTC).strftime(declared)
        raise RowRefused(f"'{text}' is not a date like {shape} (declared in the mapping as {declared})") from None


def shifted(moment: datetime, years: int) -> datetime:
    """Return the same day `years` later; 29 February becomes the 28th where there is none."""
    if not years:
        return moment
    if (moment.month, moment.day) == _LEAP_DAY:
        try:
            return moment.replace(year=moment.year + years)
        except ValueError:
            return moment.replace(year=moment.year + years, day=28)
    return moment.replace(year=moment.year + years)


def date_text(moment: datetime) -> str:
    """Return the day as the API writes it."""
    return date(moment.year, moment.month, moment.day).isoformat()


def instant_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return the moment in UTC; a day without a time of day stays a day, and the API knows where it begins."""
    if moment.time() == time():
        return date_text(moment)
    return moment.replace(tzinfo=zone).astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_number(text: str) -> Decimal:
    """Read a plain decimal number: no thousands separators, no currency signs, nothing guessed."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RowRefused(f"'{text}' is not a plain number like 1234.50") from None
    if not number.is_finite():
        raise RowRefused(f"'{text}' is not a number")
    return number


def decimal_text(number: Decimal) -> str:
    """Return the number without exponent."""
    return format(number, "f")


def whole_number(number: Decimal) -> int:
    """Return the number as an integer; one with a fraction is refused."""
    if number != number.to_integral_value():
        raise RowRefused(f"{decimal_text(number)} is not a whole number")
    return int(number)


def rounded(number: Decimal, places: int) -> Decimal:
    """Round half away from zero, as all our money."""
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def truth(text: str) -> bool:
    """Read true or false, written as such."""
    match text.lower():
        case "true":
            return True
        case "false":
            return False
    raise RowRefused(f"'{text}' is neither true nor false: translate it with a table of the mapping")


TextFilter = Callable[[str], str]
TEXT_FILTERS: dict[str, TextFilter] = {"slug": slug, "lower": str.lower, "title": str.title}
