"""Figures of the base over the wire."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from servicekit.values.rates import oldest_date
from servicekit.web.pages import ListQuery
from servicekit.web.schemas import DecimalString, Input, Line, Output
from services.customer.base.rules import Asked, Basis, Group, Grouping, Segmentation
from services.customer.customers.rules.values import CustomerKind, Origin, Tier
from services.customer.matching.rules.places import normalise_country
from services.customer.wire import ConversionAnswer, OpportunitiesAnswer

MOST_GROUPS = 500
Country = Annotated[str, Field(max_length=60, description="ISO 3166-1 alpha-2.")]
FILTERS = ("kind", "tier", "country", "industry", "account_manager_id")


class BaseFilters(Input):
    """Which customers are meant: those that are all of what is given."""

    kind: CustomerKind | None = None
    tier: Tier | None = None
    country: Country | None = None
    industry: Line | None = None
    account_manager_id: UUID | None = None

    def given(self) -> dict[str, Any]:
        """Return the filters that were given, with what they compare with."""
        found = {name: value for name in FILTERS if (value := getattr(self, name)) is not None}
        if "country" in found:
            found["country"] = normalise_country(found["country"], "query:country")
        return found


class FiguresQuery(BaseFilters):
    """Of which customers, and what was won in which period: the year up to today unless given."""

    segment_id: UUID | None = Field(default=None, description="A saved segment: its filters, but for those given.")
    won_from: date | None = None
    won_until: date | None = Field(default=None, description="Not part of the period.")


class SegmentationQuery(FiguresQuery):
    """By what the base is divided; beyond so many groups the smallest are put together."""

    by: Grouping
    limit: int = Field(default=50, ge=1, le=MOST_GROUPS)


class ConcentrationQuery(FiguresQuery):
    """Of how many of the largest customers the share is told."""

    top: int = Field(default=10, ge=1, le=MOST_GROUPS)


class FiguresAnswer(Output):
    """Amounts are in `currency` at the rates of `as_of`; what has no rate is in no sum, but in `unconverted`."""

    as_of: date
    won_from: date
    won_until: date
    currency: str
    rate_date: date | None = Field(description="Of the oldest rate in use; null where nothing was converted.")
    rates: list[ConversionAnswer]
    unconverted: dict[str, DecimalString]


class GroupAnswer(Output):
    """A part of the base; `key` is null for those of whom it is not known. `share` is of the customers."""

    key: str | None
    customers: int
    share: DecimalString | None
    open: OpportunitiesAnswer
    won: OpportunitiesAnswer


class SegmentationAnswer(FiguresAnswer):
    """The base in groups, the largest first; groups and others add up to the whole.

    Customers are those that you see; opportunities are those of them that you see.
    """

    by: Grouping
    groups: list[GroupAnswer]
    others: GroupAnswer
    others_groups: int
    whole: GroupAnswer


class LargestAnswer(Output):
    """A customer by what was won with it; `cumulated_share` is of it and all larger ones."""

    place: int
    customer_id: UUID
    legal_name: str
    tier: Tier | None
    amount: DecimalString
    share: DecimalString
    cumulated_share: DecimalString


class PointAnswer(Output):
    """So many of the largest customers have this share of all that was won."""

    customers: int
    share: DecimalString


class ConcentrationAnswer(FiguresAnswer):
    """On how few customers what was won rests; shares are in [0, 1], and null where nothing was won.

    `herfindahl` is the sum of the squared shares; `four_fifths` is how many of the largest customers have 80 %.
    """

    customers: int
    won_amount: DecimalString
    unknown_amount: int
    simulated_count: int
    top: int
    top_share: DecimalString | None
    herfindahl: DecimalString | None
    four_fifths: int | None
    curve: list[PointAnswer]
    largest: list[LargestAnswer]


class WhitespaceQuery(ListQuery, BaseFilters):
    """Customers without an open opportunity; with a product line, those that never bought of it or a line below."""

    product_line_id: UUID | None = None


class UnsoldAnswer(Output):
    """A customer that nobody sells to at present, or never sold a line to."""

    id: UUID
    legal_name: str
    tier: Tier | None
    country: str
    industry: str | None
    account_manager_id: UUID | None
    last_won_on: date | None


class SoldLineAnswer(Output):
    """Of how many customers a product line, or one below it, was bought, and of how many never."""

    product_line_id: UUID
    name: str
    parent_id: UUID | None
    bought: int
    never_bought: int


class SoldLinesAnswer(Output):
    """The product lines by name, and how many customers you look after (or, with a role, all of them)."""

    customers: int
    lines: list[SoldLineAnswer]


class FieldAnswer(Output):
    """Of how many customers something is known; `share` is of the group's customers."""

    field: str
    known: int
    share: DecimalString


class AgeAnswer(Output):
    """How long ago the customers' records were last written."""

    under_90_days: int
    under_365_days: int
    older: int


class KnownAnswer(Output):
    """How well the customers of a kind and source are known."""

    kind: CustomerKind
    origin: Origin
    customers: int
    completeness: DecimalString = Field(description="The mean of the fields' shares.")
    fields: list[FieldAnswer]
    age: AgeAnswer


class CompletenessAnswer(Output):
    """How well the base is known, by kind and source, as far as you see it."""

    as_of: date
    groups: list[KnownAnswer]


class SegmentRequest(Input):
    """A segment of the base, saved under a name of yours."""

    name: Line
    filters: BaseFilters


class FiltersAnswer(Output):
    """Which customers a segment is of; null where anything will do."""

    kind: CustomerKind | None
    tier: Tier | None
    country: str | None
    industry: str | None
    account_manager_id: UUID | None


class SegmentQuery(ListQuery):
    """Your saved segments; `sort` takes `name`."""


class SegmentAnswer(Output):
    """A saved segment."""

    id: UUID
    name: str
    filters: FiltersAnswer


def figures_of(asked: Asked, basis: Basis) -> dict[str, Any]:
    """Return what every report on amounts says of them."""
    return {
        "as_of": asked.as_of,
        "won_from": asked.period.start,
        "won_until": asked.period.end,
        "currency": asked.currency,
        "rate_date": oldest_date(basis.rates),
        "rates": basis.rates,
        "unconverted": basis.unconverted,
    }


def segmentation_answer(asked: Asked, by: Grouping, found: Segmentation, basis: Basis) -> SegmentationAnswer:
    """Return the answer that tells of a segmentation."""
    whole = found.whole.customers
    return SegmentationAnswer.model_validate(
        figures_of(asked, basis)
        | {
            "by": by,
            "groups": [_group(one, whole) for one in found.groups],
            "others": _group(found.others, whole),
            "others_groups": found.others_groups,
            "whole": _group(found.whole, whole),
        }
    )


def _group(group: Group, whole: int) -> dict[str, Any]:
    share = round(Decimal(group.customers) / whole, 6) if whole else None
    return {
        "key": group.key,
        "customers": group.customers,
        "share": share,
        "open": group.open,
        "won": group.won,
    }
