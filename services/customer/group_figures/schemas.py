"""A group's figures over the wire."""

from datetime import date
from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import Currency, DecimalString, Input, Output
from services.customer.group_figures.rules import GroupFigures


class GroupFiguresQuery(Input):
    """In which currency the figures are told."""

    currency: Currency | None = Field(default=None, description="The reporting currency unless said otherwise.")


class SumAnswer(Output):
    """Opportunities, what they are worth in `currency`, and of how many the amount is not known."""

    count: int
    amount: DecimalString
    unknown_amount: int


class FiguresAnswer(Output):
    """What is open and what was won."""

    open: SumAnswer
    won: SumAnswer


class GroupRateAnswer(Output):
    """A rate that was used, and of which date."""

    from_currency: str
    date: date
    factor: DecimalString


class GroupFiguresAnswer(Output):
    """What a customer and the companies below it add up to, as far as you look after them."""

    customer_id: UUID
    currency: str
    own: FiguresAnswer
    whole: FiguresAnswer = Field(description="Its own, and of everything below it; who was merged counts once.")
    companies: int = Field(description="In the group, from this one down.")
    left_out: int = Field(description="Companies among them that are not in the figures: you do not look after them.")
    rates: list[GroupRateAnswer]
    unconverted: dict[str, DecimalString] = Field(description="Amounts without a rate, in none of the figures.")

    @classmethod
    def of(cls, found: GroupFigures) -> "GroupFiguresAnswer":
        """Return the answer."""
        return cls(
            customer_id=found.customer_id,
            currency=found.currency,
            own=FiguresAnswer.model_validate(found.figures.own),
            whole=FiguresAnswer.model_validate(found.figures.whole),
            companies=found.companies.in_group,
            left_out=found.companies.in_group - found.companies.counted,
            rates=[GroupRateAnswer.model_validate(rate) for rate in found.rates],
            unconverted=dict(found.figures.unconverted),
        )
