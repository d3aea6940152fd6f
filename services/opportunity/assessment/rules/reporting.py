"""Reports over assessments as values: whose opportunities, which days, and what was found."""

from dataclasses import dataclass
from datetime import date

from servicekit.values.dates import Period
from services.opportunity.assessment.rules.models import Model
from services.opportunity.assessment.rules.reports import Distribution, QuestionRates, WinRates
from services.opportunity.scopes.rules import Scope
from services.opportunity.vocabulary import State


@dataclass(frozen=True, slots=True)
class DistributionReport:
    """How the opportunities of a scope were assessed as of a day."""

    scope: Scope
    as_of: date
    state: State
    found: Distribution
    names: dict[int, str]


@dataclass(frozen=True, slots=True)
class WinRatesReport:
    """What was won of a scope's opportunities, by how they had been assessed when they were decided."""

    scope: Scope
    days: Period
    model: Model
    found: WinRates


@dataclass(frozen=True, slots=True)
class QuestionsReport:
    """What was won of a scope's opportunities, by what had been answered when they were decided."""

    scope: Scope
    days: Period
    model: Model
    found: list[QuestionRates]
