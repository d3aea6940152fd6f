"""A movement as a picture: a waterfall, from the opening down to the closing, one row for each part."""

from dataclasses import dataclass
from decimal import Decimal

from servicekit.values.waterfall import Kind, Step, waterfall
from services.opportunity.movement.rules.figures import Column
from services.opportunity.movement.rules.parts import TAKEN_AWAY, Part
from services.opportunity.movement.rules.report import Line, Movement, Shown

NAMES = {
    Part.OPENING: "Opening",
    Part.NEW: "New",
    Part.ENTERED: "Entered the scope",
    Part.MOVED_IN: "Moved in",
    Part.RAISED: "Raised",
    Part.LOWERED: "Lowered",
    Part.WON: "Won",
    Part.LOST: "Lost",
    Part.LEFT: "Left the scope",
    Part.MOVED_OUT: "Moved out",
    Part.CLOSING: "Closing",
}
ENDS = (Part.OPENING, Part.CLOSING)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the waterfall: from one running total to the next."""

    part: Part
    shown: Shown
    before: Decimal
    after: Decimal


def bars_of(line: Line) -> list[Bar]:
    """Return the steps from the opening to the closing, each beginning where the one before ends."""
    bars, total = [], Decimal(0)
    for part in Part:
        amount = line[part].amount
        if part in ENDS:
            before, after = Decimal(0), amount
        else:
            before, after = total, total - amount if part in TAKEN_AWAY else total + amount
        bars.append(Bar(part, line[part], before, after))
        total = after
    return bars


def draw(found: Movement, whose: str) -> str:
    """Return the picture of a movement, the same for the same movement; `whose` it is stands in the heading."""
    steps = [
        Step(NAMES[bar.part], _said(bar, found.currency), bar.before, bar.after, _kind(bar.part))
        for bar in bars_of(found.whole)
    ]
    title = f"Movement of {whose} from {found.from_date.isoformat()} to {found.to_date.isoformat()}"
    return waterfall(steps, name="movement", title=title, beside=_beside(found))


def _kind(part: Part) -> Kind:
    if part in ENDS:
        return Kind.END
    return Kind.DOWN if part in TAKEN_AWAY else Kind.UP


def _said(bar: Bar, currency: str) -> str:
    sign = "" if bar.part in ENDS or not bar.shown.amount else "−" if bar.part in TAKEN_AWAY else "+"
    unknown = f", {bar.shown.unknown_amount} unknown" if bar.shown.unknown_amount else ""
    return f"{sign}{bar.shown.amount:,f} {currency} ({bar.shown.count}{unknown})"


def _beside(found: Movement) -> str:
    """Return what stands beside the sum: the steps between stages, and what no rate could convert."""
    steps = (("advanced", found.advanced), ("slipped back", found.slipped))
    said = [f"{shown.count} {word} ({shown.amount:,f} {found.currency})" for word, shown in steps]
    ends: tuple[Column, ...] = ENDS
    apart = sorted({currency for part in ends for currency in found.whole[part].unconverted})
    return " · ".join([*said, *([f"without a rate: {', '.join(apart[:8])}"] if apart else [])])
