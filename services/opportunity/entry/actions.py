"""Entering an opportunity, and importing many with their history."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from orgchart.questions import people_of
from orgchart.viewer import Viewer
from servicekit.data.chunks import ChunkResult, Done
from servicekit.data.transactions import Writing
from servicekit.values.dates import business_date
from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from services.opportunity import events
from services.opportunity.calibration.store.calibrations import used_now
from services.opportunity.customers import store as customers
from services.opportunity.definitions.actions import stage_named
from services.opportunity.definitions.rules import find_version, stage_of_duty
from services.opportunity.definitions.store import up_to_date
from services.opportunity.entry import continuing, newcomers, rules, store
from services.opportunity.entry.newcomers import Known, Newcomer
from services.opportunity.entry.over_time import as_last_told
from services.opportunity.entry.rules import Description, Told
from services.opportunity.entry.store import Imported
from services.opportunity.funnel import store as funnel
from services.opportunity.funnel.actions import change_stage
from services.opportunity.funnel.rules.moves import Move, check_beginning
from services.opportunity.funnel.rules.refusals import DutyByRequest
from services.opportunity.funnel.store import CriterionDone
from services.opportunity.opportunities import rules as opportunity_rules
from services.opportunity.opportunities import store as opportunities
from services.opportunity.opportunities.actions import for_whom, may_operate, write_terms
from services.opportunity.opportunities.rules import Terms
from services.opportunity.opportunities.rules.standing import stands_above
from services.opportunity.opportunities.store import Opportunity
from services.opportunity.products import store as products
from services.opportunity.settings import House


async def known_of(tx: Writing, told: Collection[Told], *, blocks_unclassified: bool) -> Known:
    """Return what is known of everything that is referred to, in descriptions or histories."""
    wanted_customers = set().union(*(one.customers for one in told))
    wanted_products = set().union(*(one.products for one in told))
    people = await people_of(tx, list(set().union(*(one.people for one in told))))
    return Known(
        await customers.hold_survivors(tx, wanted_customers),
        await products.catalogue_of(tx, list(wanted_products)),
        {person.id: person.active for person in people.values() if person.kind == "person"},
        (await up_to_date(tx)).latest,
        blocks_unclassified,
        await used_now(tx),
    )


async def create(
    tx: Writing, viewer: Viewer, description: Description, *, stage: str | None, criteria: Sequence[str], house: House
) -> Opportunity:
    """Enter an opportunity; one that begins in a later stage answers for the criteria of those before."""
    zone = house.zone
    known = await known_of(tx, [Told(description, None)], blocks_unclassified=house.blocks_unclassified)
    principal = (await people_of(tx, [description.principal_id])).get(description.principal_id)
    below = principal is not None and stands_above(viewer.acts_as, principal.path)
    rules.check_may_name(description.principal_id, viewer.acts_as, below, operations=may_operate(viewer))
    newcomers.check_description(description, known, imported=False)
    opportunity_rules.check_expected_close(description.expected_close, business_date(tx.now, zone))
    begins_in = known.funnel.first if stage is None else await stage_named(tx, known.funnel, stage, field="/stage")
    for place, duty in enumerate(criteria):
        stage_of_duty(known.funnel, duty)
        if duty in known.funnel.done_by_request:
            raise DutyByRequest(duty, None, f"/criteria/{place}")
    check_beginning(known.funnel, begins_in, criteria)
    newcomer = newcomers.entered(tx, viewer, description, known)
    made = newcomer.opportunity
    await store.insert_newcomers(tx, viewer, [newcomer], "first")
    events.publish(tx, events.CREATED, made)
    for duty in criteria:
        done = CriterionDone(duty, business_date(tx.now, zone), viewer.person_id, None, None)
        await funnel.mark(tx, new_id(), made.id, done)
    if begins_in is not known.funnel.first:
        return await change_stage(tx, viewer, made.id, Move(begins_in.key))
    return made


async def import_all(tx: Writing, viewer: Viewer, told: Sequence[Told], house: House) -> ChunkResult:
    """Make the opportunities say what is told of them, with an outcome for each."""
    rules.check_may_import(operations=may_operate(viewer))
    zone = house.zone
    definitions = await up_to_date(tx)
    known = await known_of(tx, told, blocks_unclassified=house.blocks_unclassified)
    references = [_reference(one) for one in told]
    present = await store.lock_imported(tx, references)
    results: list[Done | KeyaccountError] = []
    made: list[Newcomer] = []
    seen: set[tuple[str, str]] = set()
    for one, reference in zip(told, references, strict=True):
        try:
            if reference in seen:
                raise rules.ReferenceRepeated
            seen.add(reference)
            if reference in present:
                results.append(await _update(tx, viewer, present[reference], one, known=known, zone=zone))
                continue
            newcomers.check_description(one.description, known, imported=True)
            newcomers.check_entries(one.history, known)
            runs_on = find_version(definitions, one.funnel_version, field="/funnel_version")
            newcomer = newcomers.newcomer(tx, viewer, one, replace(known, funnel=runs_on), zone)
            made.append(newcomer)
            results.append(Done("created", newcomer.opportunity.id))
        except KeyaccountError as error:
            results.append(error)
    await store.insert_newcomers(tx, viewer, made, "import")
    for newcomer in made:
        events.publish(tx, events.CREATED, newcomer.opportunity)
    return results


def _reference(told: Told) -> tuple[str, str]:
    return (told.description.system or "", told.description.external_id or "")


async def _update(tx: Writing, viewer: Viewer, present: Imported, told: Told, *, known: Known, zone: ZoneInfo) -> Done:
    """Continue what was imported before: everything is checked before anything is written."""
    if told.description.principal_id != present.principal_id:
        raise rules.PrincipalConflict(present.principal_id)
    if told.digest == present.digest:
        return Done("unchanged", present.id)
    description = as_last_told(newcomers.with_list_prices(told.description, known), told.history)
    is_new_customer = description.customer_id != present.customer_id
    blocks = known.blocks_unclassified and is_new_customer
    newcomers.check_description(description, replace(known, blocks_unclassified=blocks), imported=True)
    entries = rules.new_entries(told, present.history or b"")
    offset = len(told.history) - len(entries)
    definitions = await up_to_date(tx)
    find_version(definitions, told.funnel_version, field="/funnel_version")
    entries = continuing.as_told_now(present, entries, told.funnel_version, definitions, offset)
    told = replace(told, history=[*told.history[:offset], *entries])
    newcomers.check_entries(entries, known, offset)
    continuing.check_entries(present, entries, offset)
    known = replace(known, funnel=definitions[present.funnel_version])
    steps = continuing.steps_of(present, told, known.funnel, offset, tx.now)
    continuing.check_contract_after(present, steps, known.funnel, until=description.contract_until, zone=zone)
    row = await continuing.append(tx, viewer, present, entries, steps, known=known, zone=zone)
    row = await _describe(tx, viewer, row, description, known)
    row = await _tell_contract(tx, row, description)
    await store.remember(tx, present.id, told.digest, told.history_digest)
    return Done("unchanged" if row.version == present.version else "updated", present.id)


async def _tell_contract(tx: Writing, row: Opportunity, description: Description) -> Opportunity:
    """Write until when the contract runs, if that is told and news; silence takes nothing back."""
    until = description.contract_until
    if until is None or until == row.contract_until:
        return row
    told = replace(row, contract_until=until, version=await opportunities.set_contract(tx, row.id, until))
    events.publish(tx, events.UPDATED, told)
    return told


async def _describe(
    tx: Writing, viewer: Viewer, row: Opportunity, description: Description, known: Known
) -> Opportunity:
    customer = known.customers[description.customer_id] if description.customer_id else None
    terms = Terms(
        description.name,
        for_whom(row, description.customer_id, customer),
        description.currency,
        description.amount,
        description.amount_is_estimate,
        description.expected_close,
        list(description.lines),
    )
    if opportunities.terms_of(row) == terms:
        return row
    return await write_terms(tx, viewer, row, terms, customer)
