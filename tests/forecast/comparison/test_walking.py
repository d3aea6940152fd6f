"""Results walked along side by side: each line once, in order, with what every side has of it."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from services.forecast.comparison.rules.comparing import Key
from services.forecast.comparison.store.walking import by_line, side_by_side

Row = tuple[Key, int]
keys = some.builds(
    Key,
    some.sampled_from([None, UUID(int=1), UUID(int=2)]),
    some.sampled_from([date(2026, 11, 1), date(2026, 12, 1)]),
)
sides = some.lists(some.lists(some.tuples(keys, some.integers(0, 9)), max_size=8), min_size=1, max_size=3)


async def _rows(side: Sequence[Row]) -> AsyncIterator[Row]:
    for row in side:
        yield row


@given(sides)
async def test_each_line_is_told_once_with_all_that_is_said_of_it(unordered: list[list[Row]]) -> None:
    told = [sorted(side, key=lambda row: row[0].order) for side in unordered]
    walked = [each async for each in side_by_side(*[by_line(_rows(side), lambda row: row[0]) for side in told])]
    known = sorted({key for side in told for key, _ in side}, key=lambda key: key.order)
    assert walked == [(key, [[row for row in side if row[0] == key] for side in told]) for key in known]
