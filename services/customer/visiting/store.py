"""How often customers are to be visited, and how their visits stand: counted customer by customer for a page."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import insert

from orgchart.viewer import Viewer
from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.customer.activities.store import IS_OPEN
from services.customer.activities.tables import activity
from services.customer.coverage.tables import coverage
from services.customer.customers.rules.values import CustomerKind, Tier
from services.customer.customers.store.identity import group_array
from services.customer.customers.store.scope import PEOPLE
from services.customer.customers.tables import customer
from services.customer.visiting.rules import DEFAULT, VISITS, Frequencies, missing
from services.customer.visiting.tables import visit_frequencies

_c, _a, _v, _r = customer.c, activity.c, coverage.c, visit_frequencies.c
_FROM, _UNTIL, _TODAY = (bindparam(name, type_=Date()) for name in ("from_date", "until_date", "today"))


@dataclass(frozen=True, slots=True)
class FrequenciesRow:
    """A version of the frequencies."""

    id: int
    number: int
    from_date: date
    strategic_days: int | None
    key_days: int | None
    growth_days: int | None
    standard_days: int | None
    reason: str
    decided_by: UUID | None
    on_behalf_of: UUID | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Visits:
    """What was expected of the visits to a customer in a period, and how they stand."""

    id: UUID
    name: str
    legal_name: str
    tier: str | None
    account_manager_id: UUID
    expected_by_tier: int
    expected_by_coverage: int
    done: int
    planned: int
    overdue: int

    @property
    def expected(self) -> int:
        """The more demanding of the two: a visit may serve both."""
        return max(self.expected_by_tier, self.expected_by_coverage)

    @property
    def missing(self) -> int:
        """How many are neither done nor still to come."""
        return missing(self.expected, self.done, self.planned)


_written = [name for name in FrequenciesRow.__dataclass_fields__ if name not in {"id", "number"}]
_version = select(_r.number.label("id"), _r.number, *[_r[name] for name in _written])
FREQUENCIES = Listing(
    _version,
    into=FrequenciesRow,
    filters={},
    keys={"number": SortKey(_r.number)},
    identifier=_r.number,
    default="-number",
)
ADD = prepared(
    insert(visit_frequencies)
    .values({name: bindparam(name, type_=_r[name].type) for name in _written})
    .returning(_r.number)
)
GET = prepared(_version.where(_r.number == bindparam("number", type_=Integer())), into=FrequenciesRow)
IN_FORCE = prepared(
    select(_r.strategic_days, _r.key_days, _r.growth_days, _r.standard_days)
    .where(_r.from_date <= bindparam("on", type_=Date()))
    .order_by(_r.from_date.desc(), _r.number.desc())
    .limit(1),
    into=Frequencies,
)

_of_customer = group_array(_c.id)
_visits = (
    select(
        func.count().filter(_a.done_on.isnot(None)).label("done"),
        func.count().filter(and_(IS_OPEN, _a.planned_on >= _TODAY)).label("planned"),
        func.count().filter(and_(IS_OPEN, _a.planned_on < _TODAY)).label("overdue"),
    )
    .where(
        _a.customer_id == any_(_of_customer),
        _a.day >= _FROM,
        _a.day < _UNTIL,
        or_(*(_a.kind == kind for kind in VISITS)),
    )
    .correlate(customer)
    .lateral("visits")
)
_days_covered = type_coerce(func.least(_UNTIL, _v.until_date) - func.greatest(_FROM, _v.from_date), Integer())
_covered = (
    select(func.coalesce(func.max(_days_covered // _v.every_days), 0).label("expected"))
    .where(
        _v.customer_id == any_(_of_customer),
        _v.from_date < _UNTIL,
        or_(_v.until_date.is_(None), _v.until_date > _FROM),
    )
    .correlate(customer)
    .lateral("covered")
)
_every = case({tier.value: bindparam(f"{tier.value}_days", type_=Integer()) for tier in Tier}, value=_c.tier)
_by_tier = func.coalesce(type_coerce(_UNTIL - _FROM, Integer()) // _every, 0, type_=Integer())
_expected = func.greatest(_by_tier, _covered.c.expected)
_missing = _expected > _visits.c.done + _visits.c.planned
_checked = (
    select(
        *(_c.id, _c.name_key.label("name"), _c.legal_name, _c.tier, _c.account_manager_id),
        *(_by_tier.label("expected_by_tier"), _covered.c.expected.label("expected_by_coverage")),
        *(_visits.c.done, _visits.c.planned, _visits.c.overdue),
    )
    .select_from(customer)
    .join(_visits, onclause=true())
    .join(_covered, onclause=true())
    .where(_c.kind == CustomerKind.CUSTOMER.value, _c.merged_into_id.is_(None))
)
FILTERS: Mapping[str, ColumnElement[bool]] = {
    "account_manager_id": _c.account_manager_id == bindparam("account_manager_id", type_=Uuid()),
    "below_id": _c.account_manager_id == any_(bindparam("below_id", type_=ARRAY(Uuid()))),
    "tier": _c.tier == bindparam("tier", type_=Text()),
    "missing": _missing,
}


def _listing(condition: ColumnElement[bool]) -> Listing[Visits]:
    return Listing(
        _checked.where(condition),
        into=Visits,
        filters=FILTERS,
        keys={"name": SortKey(_c.name_key)},
        identifier=_c.id,
        default="name",
    )


_ALL, _SEEN = _listing(_c.account_manager_id.isnot(None)), _listing(_c.account_manager_id == any_(PEOPLE))


def listing(viewer: Viewer) -> Listing[Visits]:
    """Return how visits stand to all customers that somebody looks after, or that the viewer's people look after."""
    return _ALL if viewer.sees_all else _SEEN


async def frequencies_on(tx: Questions, on: date) -> Frequencies:
    """Return the frequencies in force on a day."""
    return await tx.first(IN_FORCE, on=on) or DEFAULT


def binds_of(frequencies: Frequencies, from_date: date, until_date: date, today: date) -> dict[str, Any]:
    """Return what the list counts by, beside its filters."""
    return {**asdict(frequencies), "from_date": from_date, "until_date": until_date, "today": today}


async def add(tx: Writing, values: Mapping[str, Any]) -> FrequenciesRow:
    """Add a version of the frequencies."""
    number = int(await tx.value(ADD, **values))
    return await tx.one(GET, number=number)
