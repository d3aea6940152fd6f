"""The copy of the org chart that each service keeps: people, dated reporting line, units, stand-ins."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)

from servicekit.data.tables import service_metadata
from servicekit.data.types import Ltree

metadata = service_metadata()


class PersonColumns(TypedColumns):
    """A person or machine client; `path` is the reporting line of today from the top down to them.

    `email` is by what a provider of sign-in may name them, `scopes` limit a machine client.
    """

    id = Column(Uuid, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    superior_id: Column[UUID | None] = Column(Uuid)
    path: Column[str | None] = Column(Ltree)
    roles: Column[list[str]] = Column(ARRAY(Text), nullable=False)
    active: Column[bool] = Column(Boolean, nullable=False)
    business_unit_id: Column[UUID | None] = Column(Uuid)
    external_system: Column[str | None] = Column(Text)
    external_id: Column[str | None] = Column(Text)
    email: Column[str | None] = Column(Text)
    scopes: Column[list[str]] = Column(ARRAY(Text), nullable=False, server_default=text("'{}'"))


person = Table("orgchart_person", metadata, PersonColumns)
Index("ix_orgchart_person_path", person.c.path, postgresql_using="gist")
Index("ix_orgchart_person_external", person.c.external_system, person.c.external_id)


class EdgeColumns(TypedColumns):
    """Who reports to whom from a date, and until (not including) another."""

    person_id = Column(Uuid, primary_key=True)
    from_date = Column(Date, primary_key=True)
    until_date: Column[date | None] = Column(Date)
    superior_id: Column[UUID] = Column(Uuid, nullable=False)


edge = Table("orgchart_edge", metadata, EdgeColumns)
Index("ix_orgchart_edge_superior_id", edge.c.superior_id)


class UnitColumns(TypedColumns):
    """A business unit and its head."""

    id = Column(Uuid, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    parent_id: Column[UUID | None] = Column(Uuid)
    head_id: Column[UUID | None] = Column(Uuid)


unit = Table("orgchart_unit", metadata, UnitColumns)


class StandInColumns(TypedColumns):
    """Who acts for whom from a date, and until (not including) another."""

    id = Column(Uuid, primary_key=True)
    person_id: Column[UUID] = Column(Uuid, nullable=False)
    stand_in_id: Column[UUID] = Column(Uuid, nullable=False)
    from_date: Column[date] = Column(Date, nullable=False)
    until_date: Column[date] = Column(Date, nullable=False)


stand_in = Table("orgchart_stand_in", metadata, StandInColumns)
Index("ix_orgchart_stand_in_stand_in_id", stand_in.c.stand_in_id)


class StateColumns(TypedColumns):
    """One row: the version of the chart that the copy has, and the date its paths are of."""

    id = Column(Integer, primary_key=True, autoincrement=False)
    version: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    paths_on: Column[date | None] = Column(Date)
    at: Column[datetime | None] = Column(DateTime(timezone=True))


state = Table("orgchart_state", metadata, StateColumns)
