"""A movement as a picture: a waterfall from the opening to the closing, one row for each cause."""

from decimal import Decimal

from servicekit.values.waterfall import Kind, Step, waterfall
from services.forecast.history.rules.movement import Cause, Movement, Part

NAMES = {
    Cause.NEW: "New",
    Cause.WON: "Won",
    Cause.MOVED_IN: "Moved in",
    Cause.RAISED: "Raised",
    Cause.LOWERED: "Lowered",
    Cause.CATEGORY_CHANGED: "Category changed",
    Cause.MOVED_OUT: "Moved out",
    Cause.WITHDRAWN: "Withdrawn",
    Cause.ADJUSTMENT: "Adjustments",
}


def steps_of(found: Movement) -> list[Step]:
    """Return the steps from the opening to the closing, each beginning where the one before ends."""
    total = found.opening
    steps = [Step("Opening", _said(total, found.currency), Decimal(0), total, Kind.END)]
    for part in found.parts:
        kind = Kind.DOWN if part.amount < 0 else Kind.UP
        steps.append(Step(NAMES[part.cause], _moved(part, found.currency), total, total + part.amount, kind))
        total += part.amount
    return [*steps, Step("Closing", _said(total, found.currency), Decimal(0), total, Kind.END)]


def draw(found: Movement, whose: str, cycle: str) -> str:
    """Return the picture of a movement, the same for the same movement."""
    title = f"Movement of {whose}: {cycle}"
    beside = f"from {_instant(found.from_at)} to {_instant(found.to_at)}, as handed in by then"
    return waterfall(steps_of(found), name="forecast-movement", title=title, beside=beside)


def _instant(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _said(amount: Decimal, currency: str) -> str:
    return f"{amount:,f} {currency}"


def _moved(part: Part, currency: str) -> str:
    sign = "−" if part.amount < 0 else "+" if part.amount else ""
    return f"{sign}{abs(part.amount):,f} {currency} ({part.count})"
