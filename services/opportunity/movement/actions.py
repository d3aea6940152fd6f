"""Reading what moved between two days, and which opportunities did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orgchart.questions import check_known
from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Questions
from servicekit.values.dates import business_date, end_of_day
from servicekit.values.money import known_currencies
from servicekit.values.rates import Rate, converting, factors
from services.opportunity.calibration.rules.places import places_of
from services.opportunity.currencies.store import rates_into
from services.opportunity.definitions.rules import Definitions, translated
from services.opportunity.definitions.store import up_to_date
from services.opportunity.movement import store
from services.opportunity.movement.rules import figures, report
from services.opportunity.movement.rules.figures import BETWEEN, Money, Row, Table
from services.opportunity.movement.rules.kinds import Kind
from services.opportunity.movement.rules.parts import Alike
from services.opportunity.movement.rules.report import Breakdown, Movement
from services.opportunity.movement.store import MovedOpportunity, Question
from services.opportunity.scopes.rules import Scope, ScopeKind


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a movement, authorised."""

    scope: Scope
    from_date: date
    to_date: date
    close_from: date | None
    close_until: date | None
    currency: str
    zone: ZoneInfo
    now: datetime
    by: Breakdown | None = None


async def read_movement(tx: Questions, asked: Asked) -> Movement:
    """Return what moved in a scope between the ends of two days, at the rates of the second."""
    report.check_breakdown(asked.by, asked.scope.kind)
    definitions = await up_to_date(tx)
    question, rates = await _question(tx, asked, definitions)
    found = await store.alike_between(tx, question)
    money = Money(question.factors)
    whole, table = figures.whole_of(found, money), _table(found, money, asked, definitions)
    line, lines = report.lines_of(whole, table, asked.currency)
    advanced, slipped = figures.steps_of(found, money)
    return Movement(
        scope=asked.scope,
        from_date=asked.from_date,
        to_date=asked.to_date,
        currency=asked.currency,
        whole=line,
        by=asked.by,
        lines=lines,
        advanced=report.shown(advanced, asked.currency),
        slipped=report.shown(slipped, asked.currency),
        reopened=sum(one.count for one in found if one.existed and not one.was_open),
        simulated=sum(one.simulated for one in found),
        rates=_used(found, rates),
    )


async def list_moved(
    tx: Questions, viewer: Viewer, asked: Asked, kind: Kind, window: Window
) -> Slice[MovedOpportunity]:
    """Return a page of the opportunities behind a part, of those that the viewer may see."""
    question, _ = await _question(tx, asked, await up_to_date(tx))
    return await store.list_moved(tx, viewer, question, kind, window)


async def _question(tx: Questions, asked: Asked, definitions: Definitions) -> tuple[Question, dict[str, Rate]]:
    report.check_dates(asked.from_date, asked.to_date, business_date(asked.now, asked.zone))
    scope = asked.scope
    counted = scope.kind in {ScopeKind.PERSON, ScopeKind.SUBTREE}
    if counted and scope.person_id is not None:
        await check_known(tx, scope.person_id)
    rates = await rates_into(tx, asked.currency, known_currencies(), asked.to_date)
    question = Question(
        scope=scope,
        from_date=asked.from_date,
        to_date=asked.to_date,
        start_until=end_of_day(asked.from_date, asked.zone),
        end_until=end_of_day(asked.to_date, asked.zone),
        close_from=asked.close_from,
        close_until=asked.close_until,
        below=asked.by is Breakdown.BELOW,
        factors=factors(rates),
        places={(place.version, place.stage): place.order for place in places_of(definitions)},
    )
    return question, rates


def _table(found: Sequence[Alike], money: Money, asked: Asked, definitions: Definitions) -> Table:
    if asked.by is Breakdown.STAGE:
        latest = definitions.latest

        def stage_now(version: int, stage: str) -> str:
            return translated(definitions, stage, version, latest.version)

        stages = figures.stages_of(found, money, stage_now)
        return report.in_order(stages, [stage.key for stage in latest.open_stages])
    if asked.by is Breakdown.BELOW:
        branches = figures.branches_of(found, money)
        return report.in_order(branches, _own_first(branches, asked.scope))
    return {}


def _own_first(branches: Table, scope: Scope) -> list[Row]:
    """Return the person's own, then everybody below by their id, then what lies between them."""
    below = sorted((row for row in branches if row not in {BETWEEN, scope.person_id}), key=str)
    own: list[Row] = [scope.person_id] if scope.person_id is not None else []
    return [*own, *below, BETWEEN]


def _used(found: Sequence[Alike], rates: dict[str, Rate]) -> list[Rate]:
    currencies = {one.start_currency for one in found if one.was_in} | {one.end_currency for one in found if one.is_in}
    return converting({currency: rates[currency] for currency in sorted(currencies) if currency in rates})
