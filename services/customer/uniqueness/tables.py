"""Turns: who writes what may be one company, waits here for whoever is at it already."""

from sqlalchemy import BigInteger, Column, Table, TypedColumns

from services.customer.metadata import metadata


class UniquenessTurnColumns(TypedColumns):
    """A row that no transaction ever sees: it is inserted and deleted at once by whoever has the turn.

    Until that transaction ends, another that inserts the same number waits for it.
    """

    number = Column(BigInteger, primary_key=True, autoincrement=False)


uniqueness_turn = Table("uniqueness_turn", metadata, UniquenessTurnColumns, prefixes=["UNLOGGED"])
