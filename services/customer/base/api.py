"""Routes: the whole base."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from orgchart.viewer import CurrentViewer
from servicekit.values.dates import start_of_day
from servicekit.values.errors import NotVisible
from servicekit.values.money import round_money
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.service import Today
from services.customer.base import actions
from services.customer.base.asking import CurrentAsking
from services.customer.base.rules import Asked, PeriodEmpty, SegmentNameTaken, ratio
from services.customer.base.schemas import (
    MOST_GROUPS,
    CompletenessAnswer,
    ConcentrationAnswer,
    ConcentrationQuery,
    SegmentAnswer,
    SegmentationAnswer,
    SegmentationQuery,
    SegmentQuery,
    SegmentRequest,
    SoldLinesAnswer,
    UnsoldAnswer,
    WhitespaceQuery,
    figures_of,
    segmentation_answer,
)
from services.customer.base.store import gaps, segments
from services.customer.base.store.gaps import FIELDS, Known
from services.customer.customers.actions.people import PersonNeeded, decider_of
from services.customer.reach import CurrentZone, ViewersPeople

router = Router(prefix="/v1/customer-base", tags=["Customer base"])


@router.get("/segmentation", responses=problems(NotVisible, PeriodEmpty))
async def get_segmentation(
    query: Annotated[SegmentationQuery, Query()], viewer: CurrentViewer, asking: CurrentAsking, tx: CurrentReading
) -> SegmentationAnswer:
    """Divide the base by tier, country, industry, account manager or kind: customers, what is open, what was won."""
    asked = await asking.about(tx, viewer, query)
    found, basis = await actions.segments(tx, viewer, asked, query.by, query.limit)
    return segmentation_answer(asked, query.by, found, basis)


@router.get("/concentration", responses=problems(NotVisible, PeriodEmpty))
async def get_concentration(
    query: Annotated[ConcentrationQuery, Query()], viewer: CurrentViewer, asking: CurrentAsking, tx: CurrentReading
) -> ConcentrationAnswer:
    """Say on how few customers what was won in a period rests: the share of the largest, and the Pareto curve."""
    asked = await asking.about(tx, viewer, query)
    found = await actions.dependence(tx, viewer, asked, query.top)
    return ConcentrationAnswer.model_validate(_concentration(asked, query.top, found))


def _concentration(asked: Asked, top: int, found: actions.Dependence) -> dict[str, Any]:
    figures, total = found.figures, found.figures.total
    largest = [
        {
            "place": one.place,
            "customer_id": one.customer_id,
            "legal_name": one.legal_name,
            "tier": one.tier,
            "amount": round_money(one.amount, asked.currency),
            "share": ratio(one.amount, total) if total else Decimal(0),
            "cumulated_share": ratio(one.cumulated, total) if total else Decimal(0),
        }
        for one in found.largest
    ]
    return figures_of(asked, found.basis) | {
        "customers": figures.customers,
        "won_amount": round_money(total, asked.currency),
        "unknown_amount": found.won.unknown_amount,
        "simulated_count": found.won.simulated_count,
        "top": top,
        "top_share": figures.top_share,
        "herfindahl": figures.herfindahl,
        "four_fifths": figures.four_fifths,
        "curve": figures.curve,
        "largest": largest,
    }


@router.get("/whitespace", responses=problems(NotVisible))
async def list_whitespace(
    query: Annotated[WhitespaceQuery, Query()],
    viewer: CurrentViewer,
    people: ViewersPeople,
    tx: CurrentReading,
    pages: CurrentPages,
) -> Page[UnsoldAnswer]:
    """List the customers that you look after without an open opportunity, or that never bought of a product line."""
    given, binds = query.given(), {"viewer_people": people}
    given.pop("kind", None)
    listing = gaps.WITHOUT_OPPORTUNITY
    if query.product_line_id is not None:
        listing, binds = gaps.NEVER_BOUGHT, binds | {"lines": await gaps.lines_below(tx, query.product_line_id)}
    window = pages.window(query, *listing.sorting)
    return pages.page(query, await listing.page(tx, window, given, viewer=viewer, **binds), UnsoldAnswer)


@router.get("/product-lines")
async def get_product_lines_sold(viewer: CurrentViewer, people: ViewersPeople, tx: CurrentReading) -> SoldLinesAnswer:
    """Say of each product line, those below it included, how many customers bought of it and how many never did."""
    customers, lines = await gaps.sold_lines(tx, viewer, people, MOST_GROUPS)
    return SoldLinesAnswer.model_validate(
        {
            "customers": customers,
            "lines": [
                {
                    "product_line_id": one.product_line_id,
                    "name": one.name,
                    "parent_id": one.parent_id,
                    "bought": one.bought,
                    "never_bought": customers - one.bought,
                }
                for one in lines
            ],
        }
    )


@router.get("/completeness")
async def get_completeness(
    viewer: CurrentViewer, people: ViewersPeople, tx: CurrentReading, today: Today, zone: CurrentZone
) -> CompletenessAnswer:
    """Say how complete and how old the information on customers is, by kind and source."""
    since_90, since_365 = (start_of_day(today - timedelta(days=days), zone) for days in (90, 365))
    found = await gaps.how_known(tx, viewer, people, since_90, since_365)
    return CompletenessAnswer.model_validate({"as_of": today, "groups": [_known(one) for one in found]})


def _known(one: Known) -> dict[str, Any]:
    whole = Decimal(one.customers)
    fields = [
        {"field": name, "known": getattr(one, name), "share": ratio(Decimal(getattr(one, name)), whole)}
        for name in (*FIELDS, "account_manager", "tier")
    ]
    known = sum((Decimal(getattr(one, name)) for name in FIELDS), Decimal(0))
    return {
        "kind": one.kind,
        "origin": one.origin,
        "customers": one.customers,
        "completeness": ratio(known, whole * len(FIELDS)),
        "fields": fields,
        "age": {
            "under_90_days": one.under_90_days,
            "under_365_days": one.under_365_days - one.under_90_days,
            "older": one.customers - one.under_365_days,
        },
    }


@router.post("/segments", status_code=201, responses=problems(PersonNeeded, SegmentNameTaken))
async def create_segment(body: SegmentRequest, viewer: CurrentViewer, tx: CurrentWriting) -> SegmentAnswer:
    """Save filters of customers as a segment of yours."""
    filters = {name: str(value) for name, value in body.filters.given().items()}
    return _segment(await segments.insert_segment(tx, decider_of(viewer).authority, body.name, filters))


@router.get("/segments")
async def list_segments(
    query: Annotated[SegmentQuery, Query()], viewer: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[SegmentAnswer]:
    """List your saved segments."""
    found = await segments.SEGMENTS.page(tx, pages.window(query, *segments.SEGMENTS.sorting), {}, viewer=viewer)
    return pages.answered(query, found, [_segment(one) for one in found.items], SegmentAnswer)


@router.delete("/segments/{segment_id}", responses=problems(NotVisible))
async def delete_segment(segment_id: UUID, viewer: CurrentViewer, tx: CurrentWriting) -> SegmentAnswer:
    """Forget a saved segment of yours."""
    return _segment(await segments.delete_segment(tx, viewer, segment_id))


def _segment(one: segments.Segment) -> SegmentAnswer:
    names = ("kind", "tier", "country", "industry", "account_manager_id")
    return SegmentAnswer.model_validate(
        {"id": one.id, "name": one.name, "filters": {name: one.filters.get(name) for name in names}}
    )
