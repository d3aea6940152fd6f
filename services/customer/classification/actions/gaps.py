"""Looking for customers whose classification needs attention."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from orgchart.viewer import Viewer
from servicekit.data.lists import Slice, Window
from servicekit.data.transactions import Reading
from servicekit.values.dates import start_of_day
from services.customer.classification.rules.deciding import Gap, Latest, Verdict, gaps_of
from services.customer.classification.store import schemes
from services.customer.classification.store.gaps import GAPS, Classified
from services.customer.customers.rules.values import Tier


@dataclass(frozen=True, slots=True)
class Attention:
    """A customer, and what its classification lacks."""

    id: UUID
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    gaps: list[Gap]
    evaluation_id: UUID | None
    evaluated_at: datetime | None
    evaluated_tier: str | None
    scheme_number: int | None
    decision: str | None


async def list_gaps(  # noqa: PLR0917 (who, among whom, what, which part)
    tx: Reading,
    viewer: Viewer,
    people: Sequence[UUID],
    gap: Gap | None,
    given: Mapping[str, object],
    window: Window,
    *,
    today: date,
    zone: ZoneInfo,
) -> Slice[Attention]:
    """Return a page of the customers with a gap (or any) that the viewer sees."""
    kept = await schemes.in_force(tx, today)
    before = outdated_before(kept.outdated_after_days, today, zone)
    binds = {"in_force": kept.number, "outdated_before": before, "viewer_people": list(people)}
    found = await GAPS[gap].page(tx, window, given, viewer=viewer, **binds)
    items = [_attention(one, kept.number, before) for one in found.items]
    return Slice(items, found.position, found.total)


def outdated_before(days: int, today: date, zone: ZoneInfo) -> datetime:
    """Return the instant before which an evaluation is outdated, which may be used for `days` days."""
    return start_of_day(today - timedelta(days=days), zone)


def latest_of(one: Classified) -> Latest | None:
    """Return the latest evaluation of a listed customer."""
    if one.scheme_number is None or one.evaluated_at is None:
        return None
    tier = Tier(one.evaluated_tier) if one.evaluated_tier else None
    return Latest(one.scheme_number, one.evaluated_at, tier, Verdict(one.verdict) if one.verdict else None)


def _attention(one: Classified, in_force: int, before: datetime) -> Attention:
    return Attention(
        id=one.id,
        legal_name=one.legal_name,
        tier=one.tier,
        account_manager_id=one.account_manager_id,
        gaps=gaps_of(latest_of(one), in_force, before),
        evaluation_id=one.evaluation_id,
        evaluated_at=one.evaluated_at,
        evaluated_tier=one.evaluated_tier,
        scheme_number=one.scheme_number,
        decision=one.verdict,
    )
