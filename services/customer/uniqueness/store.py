"""Waiting for one's turn."""

from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, func, insert, select

from servicekit.data.statements import prepared
from servicekit.data.transactions import Writing
from services.customer.uniqueness.rules import turns_of
from services.customer.uniqueness.tables import uniqueness_turn

_NUMBERS = bindparam("numbers", type_=ARRAY(BigInteger()))
_numbers = func.unnest(_NUMBERS).table_valued("number").render_derived("numbers")

BEGIN = prepared(insert(uniqueness_turn).from_select(["number"], select(_numbers.c.number)))
LEAVE_NOTHING = prepared(delete(uniqueness_turn).where(uniqueness_turn.c.number == any_(_NUMBERS)))


async def wait_for_turn(tx: Writing, words: Iterable[str]) -> None:
    """Wait until nobody else is at a company that shares one of the words, and keep others waiting until commit.

    A row that is inserted twice makes the second one wait for the first one's transaction, also where the first has
    deleted its row again; so nothing stays behind, and unlike companies never wait for each other. Numbers come in
    order, so that nobody waits in a circle. To be called before rows of customers are locked, and not in a savepoint,
    whose end would give the turn away.

    Raises:
        Busy: it took too long.
    """
    numbers = turns_of(words)
    if numbers:
        await tx.execute(BEGIN, numbers=numbers)
        await tx.execute(LEAVE_NOTHING, numbers=numbers)
