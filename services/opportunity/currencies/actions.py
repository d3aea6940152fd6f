"""What is done with exchange rates."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Writing
from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from servicekit.values.money import scale_of
from services.opportunity import events
from services.opportunity.currencies import rules, store
from services.opportunity.currencies.store import ExchangeRate
from services.opportunity.products.actions import check_may_keep_catalogue

Key = tuple[str, str, dt.date]


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says a currency is worth from a date on."""

    from_currency: str
    to_currency: str
    date: dt.date
    rate: Decimal

    @property
    def key(self) -> Key:
        """What a rate is known by."""
        return (self.from_currency, self.to_currency, self.date)


async def set_rate(tx: Writing, viewer: Viewer, said: Said) -> ExchangeRate:
    """Say what a currency was worth in another from a date on; said again, it is corrected."""
    check_may_keep_catalogue(viewer)
    _check(said)
    touched, kept = await store.upsert_rates(tx, [_row(tx, said)])
    _publish(tx, kept, touched)
    return kept[0]


async def set_rates(tx: Writing, viewer: Viewer, said: Sequence[Said]) -> list[Done | KeyaccountError]:
    """Say many rates at once, with an outcome for each; of two for one date the later counts."""
    check_may_keep_catalogue(viewer)
    refused: dict[int, KeyaccountError] = {}
    for index, rate in enumerate(said):
        try:
            _check(rate)
        except KeyaccountError as error:
            refused[index] = error
    good = {rate.key: _row(tx, rate) for index, rate in enumerate(said) if index not in refused}
    touched, kept = await store.upsert_rates(tx, list(good.values()))
    _publish(tx, kept, touched)
    rows = {(row.from_currency, row.to_currency, row.date): row for row in kept}
    return [
        refused[index] if index in refused else _done(rows[rate.key], good[rate.key], touched)
        for index, rate in enumerate(said)
    ]


def _publish(tx: Writing, kept: Sequence[ExchangeRate], touched: set[UUID]) -> None:
    for rate in kept:
        if rate.id in touched:
            events.publish_rate(tx, rate)


def _check(said: Said) -> None:
    for currency in (said.from_currency, said.to_currency):
        scale_of(currency)
    rules.check_rate(said.from_currency, said.to_currency, said.rate)


def _row(tx: Writing, said: Said) -> ExchangeRate:
    return ExchangeRate(new_id(), said.from_currency, said.to_currency, said.date, said.rate, tx.now)


def _done(kept: ExchangeRate, given: ExchangeRate, touched: set[UUID]) -> Done:
    if kept.id not in touched:
        return Done("unchanged", kept.id)
    return Done("created" if kept.id == given.id else "updated", kept.id)
