"""What a history means, before anything is written."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from servicekit.web.schemas import ExternalReference
from services.opportunity.entry.over_time import Agreed, terms_over_time
from services.opportunity.entry.schemas import HistoryEntry, OpportunityImport
from services.opportunity.funnel.rules.imported import Entry

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOMEBODY = "01890000-0000-7000-8000-000000000000"


def instants(*at: str, opened_on: str | None = None) -> list[datetime]:
    history = [{"at": each, "to_stage": "shortlist"} for each in at]
    body = {"name": "One", "principal_id": SOMEBODY, "currency": "CNY", "history": history, "opened_on": opened_on}
    told = OpportunityImport.model_validate(body).told(ExternalReference(system="tests", id="1"), SHANGHAI)
    return [entry.at for entry in told.history]


def test_a_date_is_a_day_where_the_enterprise_is() -> None:
    assert instants("2026-02-03") == [datetime(2026, 2, 2, 16, tzinfo=UTC)]
    morning, evening = datetime(2026, 2, 3, 1, tzinfo=UTC), datetime(2026, 2, 3, 20, tzinfo=UTC)
    assert instants("2026-02-03T01:00:00Z", "2026-02-03", "2026-02-03T20:00:00Z", "2026-02-04", "2026-02-05") == [
        morning,
        morning,
        evening,  # in Shanghai it is the fourth by then
        evening,
        datetime(2026, 2, 4, 16, tzinfo=UTC),
    ]


def test_an_entry_that_was_told_before_entries_could_say_more_is_still_the_same() -> None:
    """Its digest decides whether a history that comes again was changed."""
    assert HistoryEntry.model_validate({"at": "2026-02-03", "to_stage": "shortlist"}).model_dump_json() == (
        '{"at":"2026-02-03","to_stage":"shortlist","outcome":null,"loss_reason":null,"win_reason":null,"reason":null,'
        '"amount":null,"recorded_reason":null}'
    )
    told = HistoryEntry.model_validate({"at": "2026-02-03", "expected_close": "2026-03-01", "lines": []})
    assert told.model_dump_json().endswith('"recorded_reason":null,"expected_close":"2026-03-01","lines":[]}')


def test_amounts_hold_from_when_they_are_named() -> None:
    first, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
    history = [Entry(first, "shortlist"), Entry(later, amount=Decimal(5))]
    present = Agreed(amount=Decimal(7))
    assert terms_over_time(history, first, present) == [
        (first, Agreed()),
        (later, Agreed(amount=Decimal(5))),
        (later, present),
    ]
    assert terms_over_time(history[:1], first, present) == [(first, present)]
    assert terms_over_time([], first, present) == [(first, present)]
