"""A roll-up as a picture (SVG 1.1): the tree of seats, a row for each, below those above them.

It reads in black and white: how a seat stands is said in words, what is its own is solid, what it gathered is white,
and what it adjusted is hatched, upwards where it adds and downwards where it takes away. Large trees are cut: at most
so many reports of a seat and so many rows are drawn, and a row says how many more there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from servicekit.values.drawing import HAIRLINE, fitted, hatchings, label, opened, seen, written
from services.forecast.rollup.rules.states import ShownState

MOST_ROWS, MOST_REPORTS, DEEPEST = 150, 15, 12
"""How many seats are drawn in all and below one seat, and how many steps the tree is indented at most."""
MARGIN, TOP, ROW, BAR, STEP = 16, 84, 26, 16, 14
NAMES, STATES, BARS, FIGURES = 300, 170, 280, 530
"""Widths of the columns of names, states, bars and figures, in pixels."""
WIDTH = MARGIN + NAMES + STATES + BARS + FIGURES + MARGIN
LETTERS = 84
"""So many of the figures fit."""
_STYLE = (
    "text{font-family:sans-serif;font-size:12px;fill:#000}.head{font-size:16px;font-weight:bold}"
    ".figures{font-variant-numeric:tabular-nums}rect{stroke:#000;stroke-width:1}.own{fill:#444}.gathered{fill:#fff}"
    ".up{fill:url(#roll-up-rising)}.down{fill:url(#roll-up-falling)}.more{font-style:italic}"
    "path{stroke:#000;stroke-width:1;fill:none}"
)
KEY = "solid: own · white: gathered · hatched upwards: adjustment that adds · hatched downwards: that takes away"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A seat as it is drawn; the figures are None where there are none that may be seen."""

    id: UUID
    superior_id: UUID | None
    name: str
    level: int
    state: ShownState
    is_late: bool
    missing: int
    own: Decimal | None
    gathered: Decimal | None
    adjustment: Decimal | None

    @property
    def result(self) -> Decimal:
        """What it says in all, nothing where nothing may be seen."""
        parts = (self.own, self.gathered, self.adjustment)
        return sum((each for each in parts if each is not None), Decimal(0))

    @property
    def widest(self) -> Decimal:
        """How far its bar reaches."""
        return max(self.result, (self.own or Decimal(0)) + (self.gathered or Decimal(0)))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the picture: a seat, or how many more there are below the one above."""

    depth: int
    seat: Drawn | None
    more: int = 0


def rows_of(seats: Sequence[Drawn]) -> list[Row]:
    """Return the rows of a tree from the top down, cut where it is too wide or too large.

    Seats come with superiors before those below them. Nearer to the top goes before deeper down, and of every seat
    that is not drawn the row of its nearest superior that is says that it is there.
    """
    below: dict[UUID | None, list[Drawn]] = {}
    known = {seat.id for seat in seats}
    for seat in seats:
        below.setdefault(seat.superior_id if seat.superior_id in known else None, []).append(seat)
    drawn = _chosen(below)
    sizes = _sizes(seats, below)
    rows: list[Row] = []
    waiting: list[Row] = list(reversed(_under(None, 0, below, drawn, sizes)))
    while waiting:
        row = waiting.pop()
        rows.append(row)
        if row.seat is not None:
            waiting.extend(reversed(_under(row.seat.id, row.depth + 1, below, drawn, sizes)))
    return rows


def _chosen(below: Mapping[UUID | None, Sequence[Drawn]]) -> set[UUID]:
    """Return the seats that are drawn, found level by level."""
    chosen: list[UUID] = []
    heads: list[UUID | None] = [None]
    while heads and len(chosen) < MOST_ROWS:
        found = [seat.id for head in heads for seat in below.get(head, ())[:MOST_REPORTS]]
        found = found[: MOST_ROWS - len(chosen)]
        chosen += found
        heads = list(found)
    return set(chosen)


def _sizes(seats: Sequence[Drawn], below: Mapping[UUID | None, Sequence[Drawn]]) -> dict[UUID, int]:
    """Return how many seats there are in each part, with the one at its head."""
    sizes: dict[UUID, int] = {}
    for seat in reversed(seats):
        sizes[seat.id] = 1 + sum(sizes[each.id] for each in below.get(seat.id, ()))
    return sizes


def _under(
    head: UUID | None,
    depth: int,
    below: Mapping[UUID | None, Sequence[Drawn]],
    drawn: Iterable[UUID],
    sizes: Mapping[UUID, int],
) -> list[Row]:
    reports = below.get(head, ())
    rows = [Row(depth, seat) for seat in reports if seat.id in drawn]
    more = sum(sizes[seat.id] for seat in reports if seat.id not in drawn)
    return [*rows, Row(depth, None, more)] if more else rows


def draw(seats: Sequence[Drawn], *, title: str, currency: str) -> str:
    """Return the picture of a roll-up, the same for the same seats."""
    rows = rows_of(seats)
    widest = max((seat.widest for seat in seats), default=Decimal(0)) or Decimal(1)
    shown = sum(row.seat is not None for row in rows)
    beside = f"{len(seats)} seats" + (f", of which {shown} are drawn" if shown < len(seats) else "")
    said = " ".join(
        f"{row.seat.name}: {state_of(row.seat)}, {_figures(row.seat, currency)}." for row in rows if row.seat
    )
    parts = [
        opened(WIDTH, TOP + ROW * len(rows) + MARGIN, name="roll-up", title=title, description=said, style=_STYLE),
        hatchings("roll-up"),
        f'<text class="head" x="{MARGIN}" y="28">{written(fitted(title, 120))}</text>',
        f'<text x="{MARGIN}" y="46">{written(beside)}</text>',
        f'<text x="{MARGIN}" y="64">{written(KEY)}</text>',
    ]
    for place, row in enumerate(rows):
        top = TOP + ROW * place
        parts.append(_lines(rows, place))
        parts.append(_seat(row.seat, row.depth, top, widest, currency) if row.seat else _more(row, top))
    return "".join([*parts, "</svg>"])


def state_of(seat: Drawn) -> str:
    """Say how a seat stands, in words."""
    late = " · late" if seat.is_late else ""
    missing = f" · {seat.missing} missing" if seat.missing else ""
    return f"{seat.state.value}{late}{missing}"


def _indent(depth: int) -> int:
    return MARGIN + STEP * min(depth, DEEPEST)


def _lines(rows: Sequence[Row], place: int) -> str:
    """Return the line from a row up to the row that it stands below."""
    depth = rows[place].depth
    if depth == 0 or depth > DEEPEST:
        return ""
    above = next(at for at in range(place - 1, -1, -1) if rows[at].depth < depth)
    left, middle = _indent(depth - 1) + 4, TOP + ROW * place + BAR // 2
    return f'<path d="M{left},{TOP + ROW * above + BAR + 2} V{middle} H{_indent(depth) - 2}"/>'


def _more(row: Row, top: int) -> str:
    word = "seat" if row.more == 1 else "seats"
    return label(_indent(row.depth), top + 12, f"… {row.more} more {word}", letters=40, kind="more")


def _seat(seat: Drawn, depth: int, top: int, widest: Decimal, currency: str) -> str:
    left = _indent(depth)
    letters = (MARGIN + NAMES - left) // 7
    says = _figures(seat, currency)
    return (
        f"<g><title>{written(f'{seat.name}, level {seat.level}: {state_of(seat)}; {says}')}</title>"
        + label(left, top + 12, seat.name, letters=letters)
        + label(MARGIN + NAMES, top + 12, state_of(seat), letters=24)
        + _bars(seat, top, widest)
        + label(WIDTH - MARGIN, top + 12, says, letters=LETTERS, anchor="end", kind="figures")
        + "</g>"
    )


def _bars(seat: Drawn, top: int, widest: Decimal) -> str:
    if seat.own is None or seat.gathered is None or seat.adjustment is None:
        return ""
    start = MARGIN + NAMES + STATES

    def across(amount: Decimal) -> float:
        return round(start + float(amount / widest) * (BARS - 20), 2)

    steps = [("own", Decimal(0), seat.own), ("gathered", seat.own, seat.own + seat.gathered)]
    judged = seat.own + seat.gathered
    if seat.adjustment:
        kind = "down" if seat.adjustment < 0 else "up"
        steps.append((kind, min(judged, seat.result), max(judged, seat.result)))
    drawn = [
        f'<rect class="{kind}" x="{across(before)}" y="{top}" width="{round(seen(across(after) - across(before)), 2)}" '
        f'height="{BAR}"/>'
        for kind, before, after in steps
        if after > before
    ]
    return "".join(drawn) or f'<rect class="own" x="{start}" y="{top}" width="{HAIRLINE}" height="{BAR}"/>'


def _figures(seat: Drawn, currency: str) -> str:
    if seat.own is None or seat.gathered is None or seat.adjustment is None:
        return "no figures"
    sign = "−" if seat.adjustment < 0 else "+"
    parts = f"own {seat.own:,f} + gathered {seat.gathered:,f} {sign} adjustment {abs(seat.adjustment):,f}"
    return f"{seat.result:,f} {currency} = {parts}"
