"""Our strength against a competitor at one customer, criterion by criterion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated

LEAST_LEAD = Decimal("0.5")
"""Of 5 on the mean: what differs by less is even."""


class Stance(StrEnum):
    """What we mean to do about a competitor."""

    ATTACK = "attack"
    DEFEND = "defend"
    CONTAIN = "contain"
    COOPERATE = "cooperate"
    WITHDRAW = "withdraw"


class UnknownCompetitor(RuleViolated):
    """A competitor is a record of the base, of kind `competitor`."""

    code = "unknown_competitor"

    def __init__(self) -> None:
        super().__init__(
            "There is no competitor of this id: enter it as a customer of kind `competitor`.", field="/competitor_id"
        )


class CriterionRepeated(RuleViolated):
    """Each criterion is judged once."""

    code = "criterion_repeated"

    def __init__(self, place: int) -> None:
        super().__init__("This criterion is judged above already.", field=f"/criteria/{place}/criterion")


class CompetitionAhead(RuleViolated):
    """What was assessed was so today or before."""

    code = "competition_assessed_ahead"

    def __init__(self) -> None:
        super().__init__("Competition is assessed as it is today, or was before.", field="/assessed_on")


class StrategyChanged(Conflict):
    """Somebody has written a newer version of the strategy."""

    code = "strategy_changed"
    members = ("present_version",)

    def __init__(self, present_version: int) -> None:
        super().__init__("The strategy has a newer version: read it and write yours upon it.")
        self.present_version = present_version


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion: how strong we are and they are, from 1 to 5, and what says so."""

    criterion: str
    ours: int
    theirs: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment against one competitor."""

    competitor_id: UUID
    assessed_on: date
    criteria: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class Strength:
    """The means of both sides, to two decimals, and who leads."""

    ours: Decimal
    theirs: Decimal
    position: str


def check_assessed(assessed: Assessed, today: date) -> None:
    """Refuse what was assessed in the future, or judges a criterion twice."""
    if assessed.assessed_on > today:
        raise CompetitionAhead
    seen: set[str] = set()
    for place, one in enumerate(assessed.criteria):
        name = one.criterion.casefold()
        if name in seen:
            raise CriterionRepeated(place)
        seen.add(name)


def check_competitor(kind: str | None) -> None:
    """Refuse to compare with anything but a competitor of the base."""
    if kind != "competitor":
        raise UnknownCompetitor


def check_upon(present: int, upon: int) -> None:
    """Refuse a version that is not written upon the present one."""
    if present != upon:
        raise StrategyChanged(present)


def strength(criteria: Sequence[dict[str, Any]]) -> Strength:
    """Return how strong both are, as kept criteria say it."""
    count = Decimal(len(criteria))
    ours = Decimal(sum(int(one["ours"]) for one in criteria)) / count
    theirs = Decimal(sum(int(one["theirs"]) for one in criteria)) / count
    lead = ours - theirs
    position = "even" if abs(lead) < LEAST_LEAD else "ahead" if lead > 0 else "behind"
    cent = Decimal("0.01")
    return Strength(ours.quantize(cent), theirs.quantize(cent), position)
