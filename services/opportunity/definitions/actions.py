"""Defining the funnel: drafting its next version, publishing it, discarding the draft."""

from orgchart.viewer import ADMIN, SALES_OPERATIONS, Viewer
from servicekit.data.transactions import Questions, Writing
from servicekit.values.versions import check_version
from services.opportunity.definitions import store
from services.opportunity.definitions.rules import Definition, Stage, UnknownStage, find_stage
from services.opportunity.definitions.rules.drafting import (
    Drafted,
    DraftExists,
    check_draft,
    check_may_define,
    check_publishable,
)
from services.opportunity.definitions.store import Draft, Published


def check_may_keep(viewer: Viewer) -> None:
    """Refuse whoever does not define the funnel."""
    check_may_define(operations=viewer.has_role(SALES_OPERATIONS, ADMIN))


async def create_draft(tx: Writing, viewer: Viewer, drafted: Drafted) -> Draft:
    """Begin the next version of the funnel."""
    check_may_keep(viewer)
    check_draft(drafted, (await store.up_to_date(tx)).latest)
    if not await store.begin_draft(tx, drafted):
        raise DraftExists
    return await store.get_draft(tx)


async def replace_draft(tx: Writing, viewer: Viewer, drafted: Drafted, version: int) -> Draft:
    """Draft the next version anew; `version` is that of the draft which was read."""
    check_may_keep(viewer)
    present = await store.lock_draft(tx)
    check_version(present.version, version)
    check_draft(drafted, (await store.up_to_date(tx)).latest)
    await store.replace_draft(tx, drafted, present.created_at)
    return await store.get_draft(tx)


async def discard_draft(tx: Writing, viewer: Viewer, version: int) -> tuple[Draft, Definition]:
    """Give the draft up and return what it was; `version` is that of the draft which was read."""
    check_may_keep(viewer)
    check_version((await store.lock_draft(tx)).version, version)
    given_up = await read_draft(tx, viewer)
    await store.empty_draft(tx)
    return given_up


async def publish(tx: Writing, viewer: Viewer, version: int) -> Published:
    """Make the draft the current version; what runs on older ones stays there until it is moved."""
    check_may_keep(viewer)
    draft = await store.lock_draft(tx)
    check_version(draft.version, version)
    present = (await store.up_to_date(tx)).latest
    check_publishable(draft.drafted, present)
    await store.publish(tx, draft, present.version + 1)
    return await store.get(tx, present.version + 1)


async def stage_named(tx: Questions, definition: Definition, key: str, *, field: str = "/to_stage") -> Stage:
    """Return the stage of an opportunity's version, or say which there are and of which version the key is one."""
    try:
        return find_stage(definition, key, field=field)
    except UnknownStage:
        found_in = (await store.up_to_date(tx)).versions_with(key)
        raise UnknownStage(key, definition, found_in, field) from None


async def read_draft(tx: Questions, viewer: Viewer) -> tuple[Draft, Definition]:
    """Return the draft with the version that it is to follow."""
    check_may_keep(viewer)
    return await store.get_draft(tx), (await store.up_to_date(tx)).latest
