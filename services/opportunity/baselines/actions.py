"""Setting and ending baselines by hand."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from orgchart.questions import check_known, superiors
from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from services.opportunity.baselines import rules, store
from services.opportunity.baselines.rules import Baseline, Said
from services.opportunity.customers.store import survivors_of
from services.opportunity.definitions.store import up_to_date
from services.opportunity.refusals import MayNotDo
from services.opportunity.scopes.actions import authorise
from services.opportunity.scopes.reach import Reach
from services.opportunity.scopes.rules import Scope, ScopeKind


async def set_baseline(tx: Writing, viewer: Viewer, reach: Reach, asked: Scope, said: Said, *, today: date) -> Baseline:
    """Say what a stage of a scope is compared with from a day on; what was said before stays in force until then.

    Raises:
        BaselineSuperseded: somebody else has set one at the same moment.
    """
    rules.check_scope(asked)
    scope = await authorise(tx, viewer, reach, asked)
    await _check_may_decide(tx, viewer, scope, today)
    rules.check_value(said.value, said.basis)
    rules.check_from_date(said.from_date, today)
    funnel = (await up_to_date(tx)).latest
    stages = funnel.keys
    if said.stage not in stages:
        raise rules.BaselineStageUnknown(said.stage, stages)
    kind, subject_id = scope.kind.value, scope.subject_id
    version = funnel.version
    before = await store.last(tx, kind, subject_id, stage=said.stage, basis=said.basis.value, funnel_version=version)
    made = Baseline(
        id=new_id(),
        number=before.number + 1 if before else 1,
        scope_kind=kind,
        scope_id=subject_id,
        funnel_version=version,
        stage=said.stage,
        basis=said.basis.value,
        value=said.value,
        currency=said.currency,
        from_date=said.from_date,
        reason=said.reason,
        decided_by=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
        decided_at=max(tx.now, before.decided_at) if before else tx.now,
    )
    await store.add(tx, made)
    return made


async def end_baseline(
    tx: Writing, viewer: Viewer, reach: Reach, baseline_id: UUID, *, from_date: date, reason: str, today: date
) -> Baseline:
    """Say that from a day on a stage is compared with its history again.

    Raises:
        BaselineSuperseded: another one was set since.
    """
    present = await store.get(tx, baseline_id)
    try:
        scope = await authorise(tx, viewer, reach, rules.scope_of(present))
    except (NotVisible, MayNotDo):
        raise NotVisible("baseline", baseline_id) from None
    if scope.is_part:
        raise NotVisible("baseline", baseline_id)
    await _check_may_decide(tx, viewer, scope, today)
    rules.check_from_date(from_date, today)
    last = await store.last(
        tx,
        present.scope_kind,
        present.scope_id,
        stage=present.stage,
        basis=present.basis,
        funnel_version=present.funnel_version,
    )
    if last is None or last.id != present.id:
        raise rules.BaselineSuperseded
    if present.value is None:
        raise rules.BaselineEnded
    ending = replace(
        present,
        id=new_id(),
        number=present.number + 1,
        value=None,
        currency=None,
        from_date=from_date,
        reason=reason,
        decided_by=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
        decided_at=max(tx.now, present.decided_at),
    )
    await store.add(tx, ending)
    return rules.told_of(ending, scope)


async def _check_may_decide(tx: Questions, viewer: Viewer, scope: Scope, today: date) -> None:
    """Refuse whoever does not stand above who is measured, and is not of sales operations."""
    if scope.is_part:
        raise rules.BaselineNotAllowed
    measured = scope.person_id
    if scope.kind is ScopeKind.CUSTOMER and scope.customer_id:
        measured = (await survivors_of(tx, [scope.customer_id]))[scope.customer_id].account_manager_id
    elif scope.kind is ScopeKind.PRODUCT_LINE:
        measured = None
    elif measured is not None:
        await check_known(tx, measured)
    above = await superiors(tx, measured, today) if measured else []
    rules.check_may_decide((viewer.person_id, viewer.on_behalf_of), viewer.roles, measured, above)
