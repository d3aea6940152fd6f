"""What the companies of a group have open and have won, at any depth, in one statement."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, literal_column, select

from orgchart.viewer import Viewer
from servicekit.data.statements import prepared
from servicekit.data.transactions import Questions
from services.customer.customers.store.hierarchy import below_of
from services.customer.customers.store.identity import named, survivor
from services.customer.customers.store.scope import is_looked_after
from services.customer.customers.tables import customer
from services.customer.group_figures.rules import Companies, Counted
from services.customer.opportunity_facts.tables import opportunity_fact

_c, _f = customer.c, opportunity_fact.c
_group = below_of(bindparam("the_id", type_=Uuid()), "standing_below")
_is_own = _group.c.distance == 0


FIGURES = prepared(
    select(
        _is_own.label("is_own"),
        *(_f.state, _f.currency),
        func.count().label("count"),
        func.coalesce(func.sum(_f.amount), 0).label("amount"),
        func.count().filter(_f.amount.is_(None)).label("unknown_amount"),
    )
    .select_from(_group)
    .join(customer, _c.id == _group.c.id)
    .join(named, survivor(named) == _c.id)
    .join(opportunity_fact, _f.customer_id == named.c.id)
    .where(_f.state != literal_column("'lost'"), is_looked_after())
    .group_by(_is_own, _f.state, _f.currency),
    into=Counted,
)
COMPANIES = prepared(
    select(func.count().label("in_group"), func.count().filter(is_looked_after()).label("counted"))
    .select_from(_group)
    .join(customer, _c.id == _group.c.id),
    into=Companies,
)


async def count(tx: Questions, viewer: Viewer, customer_id: UUID) -> list[Counted]:
    """Return what those companies have that the viewer looks after; whoever was merged counts with its survivor."""
    return await tx.all(FIGURES, viewer=viewer, the_id=customer_id)


async def companies(tx: Questions, viewer: Viewer, customer_id: UUID) -> Companies:
    """Return how many companies the group has from here down, and how many of them are counted."""
    return await tx.one(COMPANIES, viewer=viewer, the_id=customer_id)
