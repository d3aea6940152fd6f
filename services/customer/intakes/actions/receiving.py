"""Taking in what arrives: kept as it came, checked, and made part of the base or put into the review queue."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.chunks import Done
from servicekit.data.transactions import Writing
from servicekit.data.violations import Busy
from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from services.customer.customers.actions.people import decider_of
from services.customer.customers.rules.refusals import CustomerExists
from services.customer.customers.store import records as customers
from services.customer.events import INTAKE_RECEIVED
from services.customer.intakes.actions import joining
from services.customer.intakes.actions.checking import Described, check, describe, words_to_wait_for
from services.customer.intakes.rules.deciding import check_source
from services.customer.intakes.rules.refusals import IntakeTaken, UnknownChannel
from services.customer.intakes.rules.values import Outcome, TypedIntake, Verdict
from services.customer.intakes.store import records, writes
from services.customer.intakes.store.records import IntakeRow
from services.customer.intakes.store.writes import Standing
from services.customer.uniqueness.store import wait_for_turn

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Arrival:
    """An intake on its way in, and the company that it tells of."""

    typed: TypedIntake
    described: Described


async def receive(tx: Writing, viewer: Viewer, typed: TypedIntake, *, today: date) -> IntakeRow:
    """Keep an intake for ever as it came, check it, and let the outcome follow.

    Raises:
        IntakeTaken: one with its reference is kept already.
        IdentifierInvalid: an identifier that was typed fails its check.
    """
    arrival = await _arrive(tx, viewer, typed)
    (words,) = await words_to_wait_for(tx, [arrival.described])
    await wait_for_turn(tx, words)
    (verdict,) = await check(tx, [arrival.described])
    await writes.lock_customers(tx, _known_of([verdict]))
    return await _keep(tx, viewer, arrival, verdict, today=today)


async def receive_chunk(
    tx: Writing, viewer: Viewer, items: Sequence[TypedIntake], *, today: date
) -> list[Done | KeyaccountError]:
    """Take in some intakes, one after the other; one that is kept already changes nothing.

    Whoever else is at one of the companies is waited for at once, for all of them, and their customers are locked in
    the order of their ids: two chunks of the same companies wait for each other once, and not in a circle.
    """
    results: dict[int, Done | KeyaccountError] = {}
    arrivals: dict[int, Arrival] = {}
    for place, item in enumerate(items):
        try:
            arrivals[place] = await _arrive(tx, viewer, item)
        except KeyaccountError as error:
            results[place] = error
    described = [one.described for one in arrivals.values()]
    words = dict(zip(arrivals, await words_to_wait_for(tx, described), strict=True))
    await wait_for_turn(tx, set().union(*words.values()))
    verdicts = dict(zip(arrivals, await check(tx, described), strict=True))
    await writes.lock_customers(tx, _known_of(verdicts.values()))
    written: set[str] = set()
    for place, arrival in arrivals.items():
        verdict = verdicts[place]
        if not written.isdisjoint(words[place]):  # one of these intakes may have been of the same company
            (verdict,) = await check(tx, [arrival.described])
        results[place] = await _by_itself(tx, viewer, arrival, verdict, today=today)
        written |= words[place]
    return [results[place] for place in range(len(items))]


def _known_of(verdicts: Iterable[Verdict]) -> list[UUID]:
    return sorted({one.customer_id for one in verdicts if one.customer_id is not None})


async def _by_itself(
    tx: Writing, viewer: Viewer, arrival: Arrival, verdict: Verdict, *, today: date
) -> Done | KeyaccountError:
    try:
        async with tx.savepoint():
            return Done("created", (await _keep(tx, viewer, arrival, verdict, today=today)).id)
    except Busy:
        raise
    except IntakeTaken as taken:
        reference = arrival.typed.reference
        known = await records.find_by_reference(tx, viewer, reference) if reference else None
        return Done("unchanged", known.id) if known else taken
    except KeyaccountError as error:
        return error


async def _arrive(tx: Writing, viewer: Viewer, typed: TypedIntake) -> Arrival:
    decider_of(viewer)
    check_source(typed.source, typed.channel_id)
    if typed.channel_id is not None:
        seen = await customers.visible_of(tx, viewer, [typed.channel_id])
        if not seen or not await writes.is_channel(tx, typed.channel_id):
            raise UnknownChannel
    return Arrival(typed, describe(dict(typed.content), typed.source))


async def _keep(tx: Writing, viewer: Viewer, arrival: Arrival, verdict: Verdict, *, today: date) -> IntakeRow:
    intake_id = await _insert(tx, viewer, arrival.typed, today=today)
    row = joining.Arrived(intake_id, viewer.acts_as, arrival.typed.source, arrival.described)
    try:
        outcome, customer_id = await joining.follow(tx, viewer, row, verdict, today=today)
    except CustomerExists:  # somebody renamed or imported one at this moment, which waits for no turn
        (verdict,) = await check(tx, [arrival.described])
        if verdict.outcome is Outcome.NEW:
            raise Busy from None
        outcome, customer_id = await joining.follow(tx, viewer, row, verdict, today=today)
    standing = Standing(intake_id, 1, 1, outcome, customer_id)
    await tx.execute(
        writes.INSERT_STANDING,
        intake_id=intake_id,
        version=1,
        outcome=outcome.value,
        round=1,
        customer_id=customer_id,
        source=arrival.typed.source.value,
        acting_for=viewer.acts_as,
        at=tx.now,
    )
    await writes.append_candidates(tx, intake_id, 1, verdict.candidates)
    await writes.append_outcome(tx, standing)
    kept = await records.get(tx, viewer, intake_id)
    tx.publish(INTAKE_RECEIVED, intake_id, joining.state_of(kept))
    return kept


async def _insert(tx: Writing, viewer: Viewer, typed: TypedIntake, *, today: date) -> UUID:
    intake_id = new_id()
    inserted = await tx.value(
        writes.INSERT_IF_NEW,
        id=intake_id,
        source=typed.source.value,
        channel_id=typed.channel_id,
        legal_name=typed.content["legal_name"],
        country=str(typed.content["country"]).upper(),
        content=dict(typed.content),
        received_on=typed.received_on or today,
        external_system=typed.reference.system if typed.reference else None,
        external_id=typed.reference.id if typed.reference else None,
        entered_by=viewer.person_id,
        on_behalf_of=viewer.on_behalf_of,
        at=tx.now,
    )
    if inserted is None:
        raise IntakeTaken
    if typed.personal:
        salt = secrets.token_hex(SALT_BYTES)
        content = dict(typed.personal)
        await tx.execute(
            writes.INSERT_PERSONAL, intake_id=intake_id, content=content, personal_salt=salt, erased_at=None
        )
    return intake_id
