"""Sales teams over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import DecimalString, Input, MoneyAnswer, Output
from services.opportunity.sales_team.rules import Role, Share
from services.opportunity.sales_team.store import SalesTeam
from services.opportunity.wire import shown_money

Ratio = Annotated[DecimalString, Field(gt=0, le=1, decimal_places=8, description="A ratio in ]0, 1].")]


class MemberRequest(Input):
    """Somebody who shall take part."""

    person_id: UUID
    role: Role
    split: Ratio | None = Field(default=None, description="Comes out of the principal's share.", examples=["0.3"])


class ShareInput(Input):
    """One person's share."""

    person_id: UUID
    share: Ratio


class SplitRequest(Input):
    """The shares of everybody who has one; they sum to 1."""

    shares: list[ShareInput] = Field(min_length=1, max_length=50)

    def as_shares(self) -> list[Share]:
        """Return the plain values."""
        return [Share(item.person_id, item.share) for item in self.shares]


class MemberAnswer(Output):
    """Somebody who takes or took part; the principal's `id` is null, they are changed by principal changes."""

    id: UUID | None
    person_id: UUID
    role: Role
    from_at: datetime | None
    until_at: datetime | None


class ShareAnswer(Output):
    """A share and what it is of the amount, null where that is unknown; the parts add up to the amount."""

    person_id: UUID
    share: DecimalString
    amount: MoneyAnswer | None


class SalesTeamAnswer(Output):
    """Everybody who takes or took part, and the shares in force."""

    opportunity_id: UUID
    members: list[MemberAnswer]
    shares: list[ShareAnswer]


def team_answer(team: SalesTeam) -> SalesTeamAnswer:
    """Return the answer that tells of a sales team."""
    principal = MemberAnswer(id=None, person_id=team.principal_id, role=Role.PRINCIPAL, from_at=None, until_at=None)
    return SalesTeamAnswer(
        opportunity_id=team.opportunity_id,
        members=[principal, *(MemberAnswer.model_validate(member) for member in team.members)],
        shares=[
            ShareAnswer(
                person_id=share.person_id,
                share=share.share.normalize(),
                amount=MoneyAnswer.model_validate(shown_money(amount.amount, amount.currency)) if amount else None,
            )
            for share, amount in zip(team.shares, team.amounts, strict=True)
        ],
    )
