"""Who takes part in an opportunity, and in which shares."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from orgchart.questions import person_of
from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.errors import NotVisible
from servicekit.values.ids import new_id
from servicekit.values.money import Money
from services.opportunity import events
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import standings
from services.opportunity.opportunities.rules import UnknownPerson
from services.opportunity.opportunities.rules.standing import check_may_lead_team
from services.opportunity.opportunities.store import Seen
from services.opportunity.sales_team import rules, store
from services.opportunity.sales_team.rules import Role, Share
from services.opportunity.sales_team.store import Member, SalesTeam


async def read_team(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> SalesTeam:
    """Return the sales team of an opportunity that the viewer may see."""
    return await _team(tx, viewer, await opportunities.get(tx, viewer, opportunity_id))


async def add_member(
    tx: Writing, viewer: Viewer, opportunity_id: UUID, person_id: UUID, *, role: Role, share: Decimal | None
) -> SalesTeam:
    """Let somebody take part; a share comes out of the principal's."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_lead_team(standings(viewer, seen))
    if role is Role.PRINCIPAL:
        raise rules.PrincipalByOwnershipOnly
    person = await person_of(tx, person_id)
    if person is None or not person.active:
        raise UnknownPerson("/person_id")
    await store.add_member(tx, Member(new_id(), opportunity_id, person_id, role.value, tx.now, None))
    if share is not None:
        present = await store.shares_of(tx, opportunity_id)
        settled = rules.with_member(present, seen.principal_id, Share(person_id, share))
        await store.append_shares(tx, viewer, opportunity_id, settled)
    return await _told(tx, viewer, seen)


async def end_membership(tx: Writing, viewer: Viewer, opportunity_id: UUID, member_id: UUID) -> SalesTeam:
    """Let somebody take part no longer; who holds a share hands it on first."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_lead_team(standings(viewer, seen))
    members = await store.members_of(tx, viewer, opportunity_id)
    leaving = next((member for member in members if member.id == member_id and member.until_at is None), None)
    if leaving is None:
        raise NotVisible("member", member_id)
    staying = {seen.principal_id} | {
        member.person_id for member in members if member.until_at is None and member.id != member_id
    }
    shares = await store.shares_of(tx, opportunity_id)
    if leaving.person_id not in staying and any(share.person_id == leaving.person_id for share in shares):
        raise rules.ShareHeld
    await store.end_membership(tx, member_id, tx.now)
    if leaving.person_id not in staying:
        await opportunities.pass_duties_on(tx, opportunity_id, leaving.person_id, seen.principal_id)
    return await _told(tx, viewer, seen)


async def set_shares(tx: Writing, viewer: Viewer, opportunity_id: UUID, shares: Sequence[Share]) -> SalesTeam:
    """Settle the shares of those who take part; they sum to the whole."""
    seen = await opportunities.lock(tx, viewer, opportunity_id)
    check_may_lead_team(standings(viewer, seen))
    members = await store.members_of(tx, viewer, opportunity_id)
    present = {member.person_id: member for member in members if member.until_at is None}
    rules.check_shares(shares, present | {seen.principal_id: None})
    if list(shares) != await store.shares_of(tx, opportunity_id):
        await store.append_shares(tx, viewer, opportunity_id, shares)
    return await _team(tx, viewer, seen)


async def _team(tx: Questions, viewer: Viewer, seen: Seen) -> SalesTeam:
    members = await store.members_of(tx, viewer, seen.id)
    shares = await store.shares_of(tx, seen.id)
    amounts: Sequence[Money | None] = [None] * len(shares)
    if seen.money is not None and shares:
        amounts = rules.split_amounts(seen.money, shares)
    return SalesTeam(seen.id, seen.principal_id, members, shares, amounts)


async def _told(tx: Writing, viewer: Viewer, seen: Seen) -> SalesTeam:
    """Tell who takes part now: whoever looks after what the opportunity is of lets them see it."""
    team = await _team(tx, viewer, seen)
    events.publish(tx, events.SALES_TEAM_CHANGED, seen, sales_team=_present(team.members))
    return team


def _present(members: Sequence[Member]) -> list[dict[str, str]]:
    return [{"person_id": str(member.person_id), "role": member.role} for member in members if member.until_at is None]


async def present_members(tx: Questions, viewer: Viewer, opportunity_id: UUID) -> list[dict[str, str]]:
    """Return who takes part now beside the principal, as events tell it."""
    return _present(await store.members_of(tx, viewer, opportunity_id))
