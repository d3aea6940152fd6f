"""What candidates are found by: each customer's profile, match keys and words, and how frequent keys are."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    text,
)

from services.customer.metadata import metadata


class ProfileColumns(TypedColumns):
    """A customer as matching compares it: derived from its row, names, identifiers and addresses, and nothing else.

    `held_keys` and `held_words` are what `match_key` and `search_word` hold of it, so that a change touches what
    differs only and neither table needs an index by customer. `revision` says by which rules it was derived.
    """

    customer_id: Column[UUID] = Column(ForeignKey("customer.id"), primary_key=True)
    revision: Column[int] = Column(Integer, nullable=False)
    profile: Column[str] = Column(Text, nullable=False)
    held_keys: Column[list[int]] = Column(ARRAY(BigInteger), nullable=False)
    held_words: Column[list[str]] = Column(ARRAY(Text), nullable=False)


match_profile = Table("match_profile", metadata, ProfileColumns, Index("ix_match_profile_revision", "revision"))


class KeyColumns(TypedColumns):
    """A key (64 bits of a digest) that a customer has: its identifiers, phones, domain, names, and their rarest grams.

    The primary key answers the only question that is asked, who has this key, from the index alone.
    """

    key: Column[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Column[UUID] = Column(primary_key=True)


match_key = Table("match_key", metadata, KeyColumns)


class WordColumns(TypedColumns):
    """A word of a customer's names, or an identifier, as search looks for it from its beginning."""

    word: Column[str] = Column(Text, primary_key=True)
    customer_id: Column[UUID] = Column(primary_key=True)


search_word = Table("search_word", metadata, WordColumns)


class StatisticsColumns(TypedColumns):
    """One row: how many customers have each frequent key, counted from a sample; and how far deriving anew has come.

    `counts` is compressed JSON. Whoever counts or derives anew locks the row: of all processes one at a time does.
    """

    id = Column(Integer, primary_key=True, autoincrement=False)
    revision: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    counted_at: Column[datetime | None] = Column(DateTime(timezone=True))
    companies: Column[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    counts: Column[bytes | None] = Column(LargeBinary)
    derived_by: Column[int] = Column(Integer, nullable=False, server_default=text("0"))
    derived_up_to: Column[UUID | None] = Column()


match_statistics = Table("match_statistics", metadata, StatisticsColumns, CheckConstraint("id = 1", name="one_row"))
