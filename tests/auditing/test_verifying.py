"""Whatever somebody with all rights does to the trail is found and named."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from keyaccount.auditing.findings import Fault
from servicekit.values.ids import new_id
from tests.auditing.conftest import Trail

DIGEST = """
sha256(coalesce(previous_digest, '') || convert_to(jsonb_build_array(aggregate, aggregate_id, sequence,
    extract(epoch FROM at), actor, on_behalf_of, request_id, operation, table_name, before, after)::text, 'UTF8'))
"""
WORK_OUT_ANEW = f"""
DO $$ DECLARE
    step record;
    last bytea;
BEGIN
    FOR step IN SELECT id FROM audit WHERE aggregate_id = '{{chain}}' ORDER BY sequence LOOP
        UPDATE audit SET previous_digest = last WHERE id = step.id;
        UPDATE audit SET digest = {DIGEST} WHERE id = step.id RETURNING digest INTO last;
    END LOOP;
    UPDATE audit_head SET digest = last WHERE aggregate_id = '{{chain}}';
END $$
"""
CHANGES = {
    "aggregate": "aggregate = 'other'",
    "aggregate_id": "aggregate_id = gen_random_uuid()",
    "sequence": "sequence = 33",
    "at": "at = at + interval '1 microsecond'",
    "actor": "actor = 'somebody'",
    "on_behalf_of": "on_behalf_of = 'somebody'",
    "request_id": "request_id = 'x'",
    "operation": "operation = 'delete'",
    "table_name": "table_name = 'x'",
    "before": "before = '{}'",
    "after": "after = NULL",
    "previous_digest": "previous_digest = NULL",
    "digest": "digest = sha256('')",
    "id": "id = 1000000",
}


class Chain(NamedTuple):
    """The chain that is tampered with, of four signed rows: its id, and the rows' ids by their places."""

    id: str
    rows: dict[int, int]


@pytest.fixture(scope="module")
async def chain(trail: Trail) -> Chain:
    shelf = trail.shelves[1]
    rows = await trail.admin.fetch("SELECT sequence, id FROM audit WHERE aggregate_id = $1", shelf)
    return Chain(str(shelf), {row["sequence"]: row["id"] for row in rows})


def place(fault: Fault) -> tuple[str | None, str, int | None, int | None]:
    return fault.aggregate, str(fault.aggregate_id), fault.sequence, fault.id


@pytest.mark.parametrize("column", CHANGES)
async def test_a_change_of_any_column_is_named(trail: Trail, chain: Chain, column: str) -> None:
    row = chain.rows[3]
    report = await trail.verify_tampered(
        "ALTER TABLE audit ALTER COLUMN id DROP IDENTITY", f"UPDATE audit SET {CHANGES[column]} WHERE id = {row}"
    )

    named = [place(fault) for fault in report.faults if place(fault)[:2] == ("shelf", chain.id)]
    assert named == [("shelf", chain.id, 3, 1000000 if column == "id" else row)]


async def test_all_columns_were_tried(trail: Trail) -> None:
    names = await trail.admin.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit'::regclass AND attnum > 0 AND NOT attisdropped"
    )
    assert {row[0] for row in names} == set(CHANGES)


async def test_a_row_that_is_deleted_is_named(trail: Trail, chain: Chain) -> None:
    fault = await trail.first_of(f"DELETE FROM audit WHERE id = {chain.rows[2]}")
    assert place(fault) == ("shelf", chain.id, 2, chain.rows[2])
    assert "missing" in fault.what


async def test_a_chain_that_is_gone_is_named(trail: Trail, chain: Chain) -> None:
    fault = await trail.first_of(
        f"DELETE FROM audit WHERE aggregate_id = '{chain.id}'",
        f"DELETE FROM audit_head WHERE aggregate_id = '{chain.id}'",
    )
    assert place(fault) == ("shelf", chain.id, 1, chain.rows[1])


async def test_a_tail_that_is_cut_together_with_its_head_is_named(own_trail: Trail) -> None:
    chain = own_trail.shelves[1]
    await own_trail.tamper(
        f"DELETE FROM audit WHERE aggregate_id = '{chain}' AND sequence >= 3",
        f"UPDATE audit_head SET sequence = 2, digest = (SELECT digest FROM audit WHERE aggregate_id = '{chain}' "
        f"AND sequence = 2) WHERE aggregate_id = '{chain}'",
    )
    fault = (await own_trail.verify()).faults[0]
    assert place(fault)[:3] == ("shelf", str(chain), 3)
    assert "missing" in fault.what

    await own_trail.put(chain, "goes on as if nothing had happened")
    await own_trail.sign()
    fault = (await own_trail.verify()).faults[0]
    assert place(fault)[:3] == ("shelf", str(chain), 3)
    assert "written anew" in fault.what


async def test_rows_that_changed_places_are_named(trail: Trail, chain: Chain) -> None:
    one, other = chain.rows[2], chain.rows[3]
    fault = await trail.first_of(
        f"UPDATE audit SET sequence = 99 WHERE id = {one}",
        f"UPDATE audit SET sequence = 2 WHERE id = {other}",
        f"UPDATE audit SET sequence = 3 WHERE id = {one}",
    )
    assert place(fault) == ("shelf", chain.id, 2, other)


@pytest.mark.parametrize("behind", [True, False])
async def test_a_forged_row_is_named(trail: Trail, chain: Chain, behind: bool) -> None:
    """It ends the chain, with a right digest and a right head; its id lies where everything was signed."""
    given = 1 if behind else chain.rows[4]
    fault = await trail.first_of(
        "ALTER TABLE audit DROP CONSTRAINT pk_audit",
        "INSERT INTO audit (id, aggregate, aggregate_id, sequence, at, actor, operation, table_name, after, "
        f"previous_digest, digest) OVERRIDING SYSTEM VALUE SELECT {given}, aggregate, aggregate_id, 5, at, actor, "
        f"operation, table_name, after, digest, '' FROM audit WHERE aggregate_id = '{chain.id}' AND sequence = 4",
        f"UPDATE audit SET digest = {DIGEST} WHERE aggregate_id = '{chain.id}' AND sequence = 5",
        f"UPDATE audit_head SET sequence = 5, digest = (SELECT digest FROM audit WHERE aggregate_id = '{chain.id}' "
        f"AND sequence = 5) WHERE aggregate_id = '{chain.id}'",
    )
    assert place(fault) == ("shelf", chain.id, 5, given)
    assert "was not there when checkpoint" in fault.what


async def test_a_row_pushed_between_two_is_named(trail: Trail, chain: Chain) -> None:
    fault = await trail.first_of(
        "DROP INDEX ix_audit_aggregate_aggregate_id_sequence",
        "INSERT INTO audit (aggregate, aggregate_id, sequence, at, actor, operation, table_name, digest) "
        f"VALUES ('shelf', '{chain.id}', 2, now(), 'x', 'update', 'shelf', '')",
    )
    assert place(fault)[:3] == ("shelf", chain.id, 2)


async def test_a_chain_that_is_worked_out_anew_is_named_at_its_first_changed_row(trail: Trail, chain: Chain) -> None:
    report = await trail.verify_tampered(
        f"UPDATE audit SET actor = 'somebody else' WHERE id = {chain.rows[3]}", WORK_OUT_ANEW.format(chain=chain.id)
    )
    (fault,) = report.faults
    assert place(fault) == ("shelf", chain.id, 3, chain.rows[3])
    assert "written anew" in fault.what


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM audit_head", "UPDATE audit_head SET digest = '\\x00'", "UPDATE audit_head SET sequence = 9"],
)
async def test_a_head_that_is_replaced_is_named(trail: Trail, chain: Chain, change: str) -> None:
    fault = await trail.first_of(f"{change} WHERE aggregate_id = '{chain.id}'")
    assert place(fault) == ("shelf", chain.id, 4, chain.rows[4])
    assert "head" in fault.what


async def test_a_head_without_a_chain_is_named(trail: Trail) -> None:
    invented = new_id()
    fault = await trail.first_of(f"INSERT INTO audit_head VALUES ('shelf', '{invented}', 4, sha256(''))")
    assert fault.aggregate_id == invented


async def test_what_came_before_is_left_out_on_request(trail: Trail, chain: Chain) -> None:
    at = await trail.admin.fetchval("SELECT at FROM audit_checkpoint WHERE number = 1")
    old, new = (f"UPDATE audit SET {{}} WHERE id = {chain.rows[place]}" for place in (2, 3))
    since = await trail.verify_tampered(old.format("actor = 'x'"), since=at)
    assert (since.faults, since.rows, since.chains, since.checkpoints) == ([], 6, 3, 1)
    everything = await trail.verify_tampered(old.format("actor = 'x'"), since=at - timedelta(days=1))
    assert everything.faults[0].id == chain.rows[2]
    since = await trail.verify_tampered(new.format("previous_digest = sha256('')"), since=at)
    assert since.faults[0].id == chain.rows[3]
