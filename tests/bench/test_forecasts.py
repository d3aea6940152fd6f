"""A measured cycle adds up: every superior's figures are the sums of those below, to the cent."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from bench.forecasts import COLUMNS, ForecastBase, Standing, quarter_of, standings, tops
from bench.people import organisation

STAFF = organisation(500)
START = date(2026, 10, 1)
BASE = ForecastBase("", STAFF, datetime(2026, 11, 20, tzinfo=UTC), UUID(int=1))


@pytest.fixture(scope="module")
def made() -> list[Standing]:
    return standings(STAFF, 1_000, START)


def amount(one: Standing) -> Decimal:
    return sum((amount for _, amount in one.result().values()), Decimal(0))


def test_the_head_has_what_all_sellers_confirmed(made: list[Standing]) -> None:
    own = sum((amount for one in made for _, amount in one.own.values()), Decimal(0))
    assert own > 0
    assert amount(made[0]) == own
    assert made[0].worker.id == STAFF.head.id


def test_everybody_gathers_from_those_directly_below(made: list[Standing]) -> None:
    by_person = {one.worker.id: one for one in made}
    for one in made:
        below = [each for each in made if each.worker.superior_id == one.worker.id]
        assert sum((value for _, value in one.gathered.values()), Decimal(0)) == sum(map(amount, below))
    assert by_person.keys() == {one.id for one in STAFF.people if not one.roles}


def test_rows_are_of_whom_handed_in_and_agree_with_the_sums(made: list[Standing]) -> None:
    rows = BASE.rows_of(made)
    assert {table: len(rows[table][0]) for table in rows} == {table: len(names) for table, names in COLUMNS.items()}
    assert len(rows["seat"]) == len(rows["standing"]) == len(made)
    assert len(rows["submission"]) == len(made) - len(tops(STAFF))
    totals = sum((own + gathered for _, _, own, gathered, _ in rows["submission_total"]), Decimal(0))
    assert totals == sum(amount(one) for one in made if one.worker.id not in tops(STAFF))
    lines = {row[0]: row[4] for row in rows["seat"]}
    assert all(row[4][1:] == lines.get(row[3], []) for row in rows["seat"])


def test_a_quarter_begins_with_its_first_month() -> None:
    assert [quarter_of(date(2026, month, 15)).month for month in (1, 3, 4, 12)] == [1, 1, 4, 10]
