"""Routes of exchange rates."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Response

from orgchart.viewer import CurrentViewer
from servicekit.data.chunks import ChunkResult
from servicekit.data.transactions import Writing
from servicekit.values.money import UnknownCurrency
from servicekit.web.batches import MOST_ITEMS, Batch, BatchAnswer, CurrentBatches
from servicekit.web.jobs.accepting import batch_operation
from servicekit.web.jobs.exporting import CurrentExports, ExportRequest, export_operation
from servicekit.web.pages import CurrentPages, Page
from servicekit.web.problems import problems
from servicekit.web.router import CurrentReading, CurrentWriting, Router
from servicekit.web.scopes import needs_scope
from services.opportunity.currencies import actions, rules, store
from services.opportunity.currencies.actions import Said
from services.opportunity.currencies.schemas import (
    ExchangeRateAnswer,
    ExchangeRateItem,
    ExchangeRateQuery,
    ExchangeRateRequest,
)
from services.opportunity.products.actions import check_may_keep_catalogue

router = Router(prefix="/v1/exchange-rates", tags=["Exchange rates"])


def _said(body: ExchangeRateRequest) -> Said:
    return Said(body.from_currency, body.to_currency, body.date, body.rate)


@router.get("")
async def list_exchange_rates(
    query: Annotated[ExchangeRateQuery, Query()], _: CurrentViewer, tx: CurrentReading, pages: CurrentPages
) -> Page[ExchangeRateAnswer]:
    """List exchange rates, the latest first."""
    window = pages.window(query, *store.RATES.sorting)
    return pages.page(query, await store.RATES.page(tx, window, query.filters()), ExchangeRateAnswer)


@export_operation(router, of=list_exchange_rates, item=ExchangeRateAnswer)
@needs_scope("opportunity:read")
async def export_exchange_rates(
    query: Annotated[ExchangeRateQuery, Query()], body: ExportRequest, exports: CurrentExports
) -> Response:
    """Write exchange rates into a file, as a job."""
    return await exports.begin(query, body)


@router.post("", status_code=201, responses=problems(rules.RateNotPositive, rules.RateOfItself, UnknownCurrency))
async def set_exchange_rate(body: ExchangeRateRequest, viewer: CurrentViewer, tx: CurrentWriting) -> ExchangeRateAnswer:
    """Say what a currency is worth from a date on; for the same date again, the rate is corrected."""
    return ExchangeRateAnswer.model_validate(await actions.set_rate(tx, viewer, _said(body)))


@batch_operation(router)
async def import_exchange_rates(
    body: Batch[ExchangeRateItem], viewer: CurrentViewer, batches: CurrentBatches
) -> BatchAnswer:
    """Add or correct up to 500 rates."""
    check_may_keep_catalogue(viewer)

    async def apply(tx: Writing, items: Sequence[ExchangeRateItem]) -> ChunkResult:
        return await actions.set_rates(tx, viewer, [_said(item) for item in items])

    return await batches.run(body, apply, chunk=MOST_ITEMS)
