"""Reports on the base, as far as the viewer sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from orgchart.viewer import Viewer
from servicekit.data.transactions import Reading
from servicekit.values.money import round_money
from servicekit.values.rates import Rate, factors
from services.customer.base.rules import (
    Asked,
    Basis,
    Concentration,
    Counted,
    Grouping,
    Ranked,
    Segmentation,
    Total,
    concentration,
    segmentation,
)
from services.customer.base.store import figures
from services.customer.opportunity_facts.store import rates_into


async def segments(tx: Reading, viewer: Viewer, asked: Asked, by: Grouping, most: int) -> tuple[Segmentation, Basis]:
    """Return the base divided into groups."""
    counted = await figures.count_segments(tx, viewer, asked, by)
    rates = await rates_into(tx, asked.currency, asked.as_of)
    found = segmentation(counted, factors(rates), asked.currency, most)
    return found, basis_of(rates, counted, found.unconverted, asked.currency)


@dataclass(frozen=True, slots=True)
class Dependence:
    """On whom what was won rests: the figures, the largest customers, and what is in no figure."""

    figures: Concentration
    largest: list[Ranked]
    won: Total
    basis: Basis


async def dependence(tx: Reading, viewer: Viewer, asked: Asked, top: int) -> Dependence:
    """Return how concentrated what was won in the period is."""
    counted = await figures.count_segments(tx, viewer, asked, Grouping.KIND)
    rates = await rates_into(tx, asked.currency, asked.as_of)
    by = factors(rates)
    ranked = await figures.rank_customers(tx, viewer, asked, by, top)
    whole = segmentation(counted, by, asked.currency, len(counted))
    largest = [one for one in ranked if one.place <= top]
    basis = basis_of(rates, counted, whole.unconverted, asked.currency)
    return Dependence(concentration(ranked, top), largest, whole.whole.won, basis)


def basis_of(
    rates: Mapping[str, Rate], counted: Sequence[Counted], unconverted: Mapping[str, Decimal], currency: str
) -> Basis:
    """Return by which rates what was counted was converted, and what has none."""
    used = {one.currency for one in counted if one.currency and one.currency != currency}
    shown = {code: round_money(amount, code) for code, amount in sorted(unconverted.items())}
    return Basis([rate for code, rate in sorted(rates.items()) if code in used], shown)
