"""Since which version of the chart everybody and everything is as it is; the chart itself is our own copy."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, TypedColumns

from services.team.metadata import metadata


class PersonChangeColumns(TypedColumns):
    """The version at which somebody, or one of their edges, changed last."""

    person_id: Column[UUID] = Column(ForeignKey("person.id"), primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)


person_change = Table("chart_person_change", metadata, PersonChangeColumns, Index(None, "version"))


class PartChangeColumns(TypedColumns):
    """The version at which one of the units, or one of the stand-ins, changed last."""

    part: Column[str] = Column(Text, primary_key=True)
    version: Column[int] = Column(BigInteger, nullable=False)


part_change = Table("chart_part_change", metadata, PartChangeColumns)
