"""Questions about members of a sales team and their shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from servicekit.values.ids import new_id
from servicekit.values.money import Money
from services.opportunity.opportunities.store import rows
from services.opportunity.opportunities.tables import opportunity, sales_team_member
from services.opportunity.sales_team.rules import Share
from services.opportunity.sales_team.tables import split, split_share


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part, in a role, from and until."""

    id: UUID
    opportunity_id: UUID
    person_id: UUID
    role: str
    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class SalesTeam:
    """Everybody who takes or took part; the principal is first and has no membership of their own.

    `amounts` are the parts of the opportunity's amount by share, in the order of `shares`; they add up to it.
    """

    opportunity_id: UUID
    principal_id: UUID
    members: Sequence[Member]
    shares: Sequence[Share]
    amounts: Sequence[Money | None]


_member = sales_team_member.c
MEMBERS = prepared(
    select(sales_team_member)
    .join(opportunity, opportunity.c.id == _member.opportunity_id)
    .where(_member.opportunity_id == bindparam("opportunity_id"), rows.may_see())
    .order_by(_member.from_at, _member.id),
    into=Member,
)
INSERT = prepared(
    insert(sales_team_member).values(
        {name: bindparam(name) for name in ("id", "opportunity_id", "person_id", "role", "from_at")}
    )
)
END = prepared(update(sales_team_member).where(_member.id == bindparam("member_id")).values(until_at=bindparam("at")))
_latest = (
    select(split.c.id)
    .where(split.c.opportunity_id == bindparam("opportunity_id"))
    .order_by(split.c.at.desc(), split.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
SHARES = prepared(
    select(split_share.c.person_id, split_share.c.share)
    .where(split_share.c.split_id == _latest)
    .order_by(split_share.c.place),
    into=Share,
)
INSERT_SPLIT = prepared(
    insert(split).values({name: bindparam(name) for name in ("id", "opportunity_id", "at", "actor_id", "on_behalf_of")})
)
INSERT_SHARE = prepared(
    insert(split_share).values(
        {name: bindparam(name) for name in ("split_id", "person_id", "place", "opportunity_id", "share")}
    )
)


async def members_of(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> list[Member]:
    """Return everybody who takes or took part, but the principal, in the order of joining."""
    return await tx.all(MEMBERS, viewer=viewer, opportunity_id=opportunity_id)


async def shares_of(tx: Questions, opportunity_id: UUID) -> list[Share]:
    """Return the shares in force, none where none were ever settled; the caller has seen the opportunity."""
    return await tx.all(SHARES, opportunity_id=opportunity_id)


async def add_member(tx: Writing, member: Member) -> None:
    """Let somebody take part."""
    await tx.execute(
        INSERT,
        id=member.id,
        opportunity_id=member.opportunity_id,
        person_id=member.person_id,
        role=member.role,
        from_at=member.from_at,
    )


async def end_membership(tx: Writing, member_id: UUID, at: datetime) -> None:
    """End somebody's part."""
    await tx.execute(END, member_id=member_id, at=at)


async def append_shares(tx: Writing, viewer: Viewer, opportunity_id: UUID, shares: Sequence[Share]) -> None:
    """Settle the shares anew, from now on."""
    split_id = new_id()
    await tx.execute(
        INSERT_SPLIT,
        id=split_id,
        opportunity_id=opportunity_id,
        at=tx.now,
        actor_id=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
    )
    await tx.execute_many(
        INSERT_SHARE,
        [
            {
                "split_id": split_id,
                "person_id": share.person_id,
                "place": place,
                "opportunity_id": opportunity_id,
                "share": Decimal(share.share),
            }
            for place, share in enumerate(shares)
        ],
    )
