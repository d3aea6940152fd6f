"""Calibrations as they were kept, and which probabilities count."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.data.lists import Listing, SortKey
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions, Writing
from services.opportunity.calibration.rules.calibrating import Chance, Judged, StageCalibration, WonDays
from services.opportunity.calibration.rules.choosing import Used
from services.opportunity.calibration.tables import funnel_calibration, funnel_calibration_run, probability_choice


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration as it was kept."""

    id: UUID
    funnel_version: int
    as_of: date
    made_at: datetime
    made_by: UUID | None
    on_behalf_of: UUID | None
    decided: int
    simulated: int
    stages: list[dict[str, Any]]
    probabilities: dict[str, dict[str, str]]

    def told(self) -> list[StageCalibration]:
        """Return what it says of each open stage."""
        return [_stage_of(each) for each in self.stages]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which probabilities count from an instant on."""

    number: int
    id: UUID
    source: str
    reason: str
    decided_at: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None


_c, _run, _choice = funnel_calibration.c, funnel_calibration_run.c, probability_choice.c
CALIBRATIONS = Listing(
    select(funnel_calibration),
    into=Calibration,
    filters={},
    keys={"made_at": SortKey(_c.made_at)},
    identifier=_c.id,
    default="-made_at",
)
CHOICES = Listing(
    select(probability_choice),
    into=Choice,
    filters={},
    keys={"decided_at": SortKey(_choice.decided_at)},
    identifier=_choice.id,
    default="-decided_at",
)
GET = prepared(select(funnel_calibration).where(_c.id == bindparam("id", type_=Uuid())), into=Calibration)
LATEST = prepared(
    select(funnel_calibration)
    .where(_c.made_at < bindparam("before", type_=DateTime(timezone=True)))
    .order_by(_c.made_at.desc(), _c.id.desc())
    .limit(1),
    into=Calibration,
)
INSERT = prepared(
    insert(funnel_calibration).values(
        {name: bindparam(name, type_=_c[name].type) for name in Calibration.__dataclass_fields__}
    )
)
CHOOSE = prepared(
    insert(probability_choice)
    .values(
        {
            name: bindparam(name, type_=_choice[name].type)
            for name in ("source", "reason", "decided_at", "decided_by", "on_behalf_of")
        }
    )
    .returning(probability_choice),
    into=Choice,
)
HOLD_RUN = prepared(select(_run.ran_on).where(_run.id == 1).with_for_update(skip_locked=True))
NOTE_RUN = prepared(update(funnel_calibration_run).where(_run.id == 1).values(ran_on=bindparam("on")))
IN_USE = """
SELECT calibration.id AS calibration_id, greatest(calibration.made_at, choice.since) AS since,
    calibration.probabilities
FROM (
    SELECT source, decided_at AS since FROM probability_choice
    WHERE decided_at < {before} ORDER BY number DESC LIMIT 1
) AS choice
CROSS JOIN LATERAL (
    SELECT id, made_at, probabilities FROM funnel_calibration
    WHERE choice.source = 'calibrated' AND made_at < {before} ORDER BY made_at DESC, id DESC LIMIT 1
) AS calibration
"""
"""The calibration that counts ahead of an instant, as a part of a query; no row where the configured ones do."""
USED = prepared(text(IN_USE.format(before=":before")).bindparams(bindparam("before", type_=DateTime(timezone=True))))
_NOW = IN_USE.format(before="'infinity'::timestamptz")
USED_NOW = f"(SELECT jsonb_build_array(calibration_id, since, probabilities) FROM ({_NOW}) AS used)"  # noqa: S608
"""The same of now as one value (`used_as_kept`), or null, as a column of a query: it is asked for once."""


USED_AS_KEPT = prepared(select(literal_column(USED_NOW, JSONB()).label("used")))


async def get(tx: Questions, calibration_id: UUID) -> Calibration:
    """Return a calibration, or raise `NotVisible`."""
    return await tx.visible(GET, "funnel calibration", calibration_id, id=calibration_id)


async def latest(tx: Questions, before: datetime) -> Calibration | None:
    """Return the latest calibration that was made ahead of an instant."""
    return await tx.first(LATEST, before=before)


async def used(tx: Questions, before: datetime) -> Used | None:
    """Return the calibrated probabilities that counted ahead of an instant, None where the configured ones did."""
    row = await tx.first(USED, before=before)
    return None if row is None else Used(*row)


async def used_now(tx: Questions) -> list[Any] | None:
    """Return what counts now as rows of opportunities carry it."""
    found: list[Any] | None = await tx.value(USED_AS_KEPT)
    return found


async def add(tx: Writing, calibration: Calibration) -> None:
    """Keep a calibration."""
    await tx.execute(INSERT, **{name: getattr(calibration, name) for name in Calibration.__dataclass_fields__})


async def choose(tx: Writing, source: str, reason: str) -> Choice:
    """Keep which probabilities count from now on."""
    made: dict[str, Any] = {"decided_at": tx.now, "decided_by": tx.actor_id, "on_behalf_of": tx.actor.on_behalf_of}
    return await tx.one(CHOOSE, source=source, reason=reason, **made)


async def hold_run(tx: Writing, today: date) -> bool:
    """Take it on oneself to calibrate today; false where that was done or another is at it."""
    row = await tx.first(HOLD_RUN)
    return row is not None and (row[0] is None or row[0] < today)


async def note_run(tx: Writing, today: date) -> None:
    """Keep that today's calibration is made."""
    await tx.execute(NOTE_RUN, on=today)


def kept_stages(stages: Sequence[StageCalibration]) -> list[dict[str, Any]]:
    """Return what is said of stages as it is kept, decimals as text."""
    return [_plain(asdict(each)) for each in stages]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return f"{value:f}" if isinstance(value, Decimal) else value


def _stage_of(kept: Mapping[str, Any]) -> StageCalibration:
    judged, days = kept["judged"], kept["won_days"]
    return StageCalibration(
        kept["stage"],
        kept["order"],
        Decimal(kept["configured"]),
        Chance(**kept["chance"]),
        Judged(
            judged["entries"],
            Decimal(judged["configured"]),
            judged["compared"],
            Decimal(judged["configured_compared"]),
            Decimal(judged["calibrated"]),
        ),
        WonDays(days["count"], *(_decimal(days[name]) for name in ("percentile_25", "median", "percentile_75"))),
    )


def _decimal(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
