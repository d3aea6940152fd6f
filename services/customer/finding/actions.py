"""Checking companies and searching the whole base, told as far as whoever asks may know."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.lists import Window, order_of
from servicekit.data.transactions import Questions
from services.customer.customers.rules.describing import search_query
from services.customer.finding import store
from services.customer.finding.rules import fitting, telling
from services.customer.finding.rules.fitting import Fit, FoundBy, Query
from services.customer.finding.rules.telling import Checked, Result
from services.customer.matching.actions import checking
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.deciding import Decision
from services.customer.matching.store import words
from services.customer.relationships import store as relationships
from services.customer.relationships.store import Contact

MOST_RANKED = 200
"""Customers whose names are compared with a query."""
MOST_BEGINNING = 50
"""Of each kind of name, those in alphabetical order that begin with the query."""
MOST_LIKE = 60
"""Customers that a query which is not spelled as it should be is compared with."""


async def check(tx: Questions, viewer: Viewer, companies: Sequence[Company]) -> list[Checked]:
    """Check companies against the whole base without writing, and say what the viewer may know of the answer."""
    return await tell(tx, viewer, await checking.check(tx, companies))


async def tell(tx: Questions, viewer: Viewer, decisions: Sequence[Decision[UUID]]) -> list[Checked]:
    """Say what a viewer may know of decisions."""
    everybody = {judged.candidate for decision in decisions for judged in decision.candidates}
    told = await store.told(tx, viewer, sorted(everybody))
    return [telling.tell(decision, told) for decision in decisions]


async def search(tx: Questions, viewer: Viewer, typed: str, limit: int) -> list[Result]:
    """Return customers of the whole base that fit what was typed, the best first; none for nothing but signs."""
    query = fitting.query_of(typed)
    if query is None:
        return []
    fits = await _fits(tx, query, await _spelled_so(tx, query))
    if sum(fit.found_by is not FoundBy.LIKENESS for fit in fits.values()) < limit:
        (alike,) = await checking.candidates_of(tx, [Company(names=(Name(typed),))], MOST_LIKE)
        fits |= await _fits(tx, query, [one for one in alike if one not in fits])
    best = sorted(fits, key=lambda one: (-fits[one].relevance, one))[:limit]
    told = await store.told(tx, viewer, best)
    return [Result(told[one], fits[one]) for one in best if one in told]


async def contacts(tx: Questions, viewer: Viewer, people: Sequence[UUID], typed: str, limit: int) -> Sequence[Contact]:
    """Return contacts that fit what was typed, of customers that the viewer sees, in the order of their names."""
    if fitting.query_of(typed) is None:
        return []
    listing = relationships.listing(viewer)
    window = Window(order_of(None, *listing.sorting), limit)
    given = {"search": search_query(typed)}
    return (await listing.page(tx, window, given, viewer=viewer, viewer_people=list(people))).items


async def _spelled_so(tx: Questions, query: Query) -> list[UUID]:
    """Return whose name begins so, who has the identifier, and who has the words: by the rarest of them."""
    found = await store.beginning(tx, query.key, MOST_BEGINNING)
    counted = await words.how_many(tx, list(dict.fromkeys((*query.words, query.identifier))))
    holding = [one.word for one in counted if one.count]
    if query.identifier in holding:
        found += await words.holders(tx, query.identifier, (), MOST_RANKED)
    named = [word for word in holding if word in query.words]
    if named:
        found += await words.holders(tx, named[0], named[1:], MOST_RANKED)
    return list(dict.fromkeys(found))


async def _fits(tx: Questions, query: Query, ids: Iterable[UUID]) -> dict[UUID, Fit]:
    found = {}
    for one in await store.spelled(tx, list(ids)):
        fit = fitting.fit(query, [one.legal_name, *one.other_names], one.identifiers)
        if fit is not None:
            found[one.id] = fit
    return found
