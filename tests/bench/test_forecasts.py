"""A measured cycle adds up: every superior's figures are the sums of those below, to the cent, and the rows agree."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime

import asyncpg
import pytest

from bench.confirmed import CATEGORIES, Market, packed, unpacked
from bench.data import inside
from bench.forecasts import COLUMNS, ForecastBase, chunked, line_of, quarter_of
from bench.people import organisation
from bench.submitted import Line
from keyaccount.database_urls import with_database
from keyaccount.provisioning import drop_database
from tests.bench.test_data import orphans
from tests.conftest import Template

STAFF = organisation(300)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
OPPORTUNITIES = 600
RESULT = """
own_quantity + gathered_quantity + adjustment_quantity AS quantity, own_amount + gathered_amount + adjustment_amount
AS amount"""
NOT_THE_SUM_OF_THEIR_PARTS = f"""
WITH below AS (
    SELECT p.forecast_id, category, product_id, month, place, sum(quantity) AS quantity, sum(amount) AS amount
    FROM submission_part p
    JOIN (SELECT forecast_id, category, product_id, month, place, {RESULT} FROM submission_cell) c
        ON c.forecast_id = p.from_forecast_id
    GROUP BY 1, 2, 3, 4, 5)
SELECT count(*) FROM submission_cell c LEFT JOIN below b USING (forecast_id, category, product_id, month, place)
WHERE (coalesce(b.quantity, 0), coalesce(b.amount, 0)) <> (gathered_quantity, gathered_amount)"""
NOT_WHAT_WAS_CONFIRMED = """
WITH own AS (
    SELECT s.forecast_id, category, l.product_id, month, coalesce(l.place, k.place) AS place,
        sum(quantity) AS quantity, sum(l.amount) AS amount
    FROM submission_confirmation s JOIN confirmation n ON n.id = s.confirmation_id
    JOIN confirmation_line l USING (confirmation_id) JOIN known_customer k USING (customer_id)
    GROUP BY 1, 2, 3, 4, 5)
SELECT count(*) FROM submission_cell c LEFT JOIN own o USING (forecast_id, category, product_id, month, place)
WHERE (coalesce(o.quantity, 0), coalesce(o.amount, 0)) <> (own_quantity, own_amount)"""
NOT_THEIR_LINES = """
SELECT count(*) FROM confirmation c
WHERE amount <> (SELECT sum(amount) FROM confirmation_line l WHERE l.confirmation_id = c.id)"""
NOT_THEIR_TOTALS = """
SELECT count(*) FROM submission_total t WHERE (own, gathered, adjustment) <> (
    SELECT sum(own_amount), sum(gathered_amount), sum(adjustment_amount) FROM submission_cell c
    WHERE (c.forecast_id, c.category) = (t.forecast_id, t.category))"""
NOT_THEIR_ADJUSTMENTS = """
SELECT count(*) FROM submission_adjustment a WHERE delta <> (
    SELECT sum(adjustment) FROM submission_total t WHERE t.forecast_id = a.forecast_id)"""
NOT_THEIR_SHARES = """
SELECT count(*) FROM submission_adjustment a WHERE delta <> (
    SELECT sum(amount) FROM submission_share s
    WHERE (s.forecast_id, s.adjustment_id) = (a.forecast_id, a.adjustment_id))"""


@pytest.fixture(scope="module")
def made() -> tuple[Line, Mapping[str, Sequence[str]]]:
    line = line_of(STAFF, NOW, OPPORTUNITIES)
    rows: dict[str, list[str]] = defaultdict(list)
    for chunk in chunked(line.rows()):
        for table, lines in chunk.items():
            rows[table] += lines
    return line, rows


def test_figures_are_packed_whatever_their_sign() -> None:
    assert unpacked(packed(7, 1250) + packed(-2, -250)) == (5, 1000)


def test_a_cell_is_found_again_by_its_number() -> None:
    market = Market(STAFF, date(2026, 10, 1), NOW, "0", 200_000)
    assert market.cell(0) == (0, 0, 0, 0)
    places = len(market.places)
    assert market.cell(places) == (0, 0, 1, 0)
    assert market.cell(((2 * len(market.items) + 17) * 3 + 2) * places + 5) == (2, 17, 2, 5)


def test_everybody_but_the_head_has_handed_in(made: tuple[Line, Mapping[str, Sequence[str]]]) -> None:
    line, rows = made
    assert rows.keys() == COLUMNS.keys()
    for table, lines in rows.items():
        assert {row.count("\t") + 1 for row in lines} == {len(COLUMNS[table].split())}
    assert len(rows["seat"]) == len(rows["standing"]) == len(line.standings) == len(STAFF.people) - 1
    assert len(rows["submission"]) == len(line.standings) - 1
    assert len(rows["live_line"]) == len(rows["confirmation"]) == OPPORTUNITIES
    assert len(rows["confirmation_line"]) > OPPORTUNITIES < len(rows["known_opportunity"])
    assert len(rows["adjustment"]) >= 3


def test_the_head_is_expected_to_have_what_the_directors_have(made: tuple[Line, Mapping[str, Sequence[str]]]) -> None:
    line, _ = made
    directors = [line.expected[one.id] for one in STAFF.team_of(STAFF.head)]
    whole = {category: sum(each[category] for each in directors) for category in CATEGORIES}
    assert dict(line.expected[STAFF.head.id]) == whole
    assert all(whole.values())


@pytest.fixture
async def filled(template: Template) -> AsyncIterator[ForecastBase]:
    name, _ = await template.clone()
    base = await ForecastBase.begin(with_database(template.admin_url, name), people=100, most=200)
    await base.grow(50)
    await base.grow(200)
    yield base
    await drop_database(template.admin_url, name)


async def counts(connection: asyncpg.Connection, *questions: str) -> list[int]:
    return [await connection.fetchval(question) for question in questions]


async def test_what_went_past_the_triggers_is_what_the_service_would_hold(filled: ForecastBase) -> None:
    wrong = (
        NOT_THE_SUM_OF_THEIR_PARTS,
        NOT_WHAT_WAS_CONFIRMED,
        NOT_THEIR_LINES,
        NOT_THEIR_TOTALS,
        NOT_THEIR_ADJUSTMENTS,
        NOT_THEIR_SHARES,
    )
    async with inside(filled.url, "forecast") as connection:
        assert await orphans(connection, "forecast") == []
        assert await counts(connection, *wrong) == [0] * len(wrong)
        there = "SELECT count(*) FROM live_line", "SELECT count(*) FROM submission_adjustment WHERE delta <> 0"
        assert (await counts(connection, *there))[0] == 200
        assert await connection.fetchval("SELECT count(DISTINCT stated_currency) FROM confirmation") > 1


def test_a_quarter_begins_with_its_first_month() -> None:
    assert [quarter_of(date(2026, month, 15)).month for month in (1, 3, 4, 12)] == [1, 1, 4, 10]
