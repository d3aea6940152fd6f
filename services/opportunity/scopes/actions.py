"""Who may ask for a report about whom."""

from orgchart.questions import person_of
from orgchart.viewer import FINANCE, MARKETING, Viewer
from servicekit.data.transactions import Questions
from servicekit.values.errors import NotVisible
from services.opportunity.customers.store import customers_below, survivors_of
from services.opportunity.products.store import get_line
from services.opportunity.refusals import MayNotDo
from services.opportunity.scopes.reach import Breadth, Reach
from services.opportunity.scopes.rules import Scope, ScopeIncomplete, ScopeKind


async def authorise(tx: Questions, viewer: Viewer, reach: Reach, scope: Scope) -> Scope:
    """Return the scope as the viewer may have it; what they may not see is as if it were not there."""
    everything = reach.breadth is Breadth.EVERYTHING or viewer.has_role(MARKETING, FINANCE)
    if scope.kind is ScopeKind.EVERYTHING and not everything:
        raise MayNotDo("You see your own line: ask for scope=subtree or scope=person.")
    if scope.kind in {ScopeKind.PERSON, ScopeKind.SUBTREE}:
        person_id = scope.person_id or viewer.acts_as
        if person_id is None:
            raise ScopeIncomplete("person_id")
        if not (everything or reach.includes(person_id)):
            raise NotVisible("person", person_id)
        return Scope(scope.kind, person_id)
    if scope.kind is ScopeKind.CUSTOMER:
        return await _customer_scope(tx, reach, scope, everything=everything)
    if scope.kind is ScopeKind.PRODUCT_LINE:
        if scope.product_line_id is None:
            raise ScopeIncomplete("product_line_id")
        await get_line(tx, scope.product_line_id)
        bound = None if everything else viewer.acts_as
        return Scope(scope.kind, bound, None, scope.product_line_id, is_part=not everything)
    return Scope(scope.kind)


async def _customer_scope(tx: Questions, reach: Reach, scope: Scope, *, everything: bool) -> Scope:
    if scope.customer_id is None:
        raise ScopeIncomplete("customer_id")
    customer = (await survivors_of(tx, [scope.customer_id])).get(scope.customer_id)
    if customer is None or not (everything or reach.includes(customer.account_manager_id)):
        raise NotVisible("customer", scope.customer_id)
    below = await customers_below(tx, customer.id)
    seen = [each for each, manager_id in below if everything or reach.includes(manager_id)]
    return Scope(scope.kind, None, customer.id, customer_ids=tuple(seen), is_part=len(seen) < len(below))


async def whose(tx: Questions, scope: Scope) -> str:
    """Return in words whose report it is, of a scope that was authorised."""
    if scope.kind in {ScopeKind.PERSON, ScopeKind.SUBTREE} and scope.person_id is not None:
        person = await person_of(tx, scope.person_id)
        name = person.name if person else ""
        return name if scope.kind is ScopeKind.PERSON else f"{name} and everybody below"
    if scope.kind is ScopeKind.CUSTOMER and scope.customer_id is not None:
        return (await survivors_of(tx, [scope.customer_id]))[scope.customer_id].name
    if scope.kind is ScopeKind.PRODUCT_LINE and scope.product_line_id is not None:
        return (await get_line(tx, scope.product_line_id)).name
    return "everything"
