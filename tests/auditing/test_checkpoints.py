"""What is signed is what was committed, and a checkpoint that is taken away or changed is missed."""

import asyncio
import hashlib
from datetime import UTC, datetime

import asyncpg
import pytest

from servicekit.data.checkpoint_file import restoration, restoration_line
from servicekit.data.checkpoints import Root
from servicekit.run.checkpointing import Signer
from servicekit.values.ids import new_id
from tests.auditing.conftest import ACT, SERVICE, Trail

TABLES = ("audit", "audit_head", "audit_checkpoint", "audit_checkpoint_entry")


async def test_an_honest_trail_is_whole_signed_or_not(own_trail: Trail) -> None:
    await own_trail.write(1)
    report = await own_trail.verify()
    assert report.faults == []
    assert (report.rows, report.chains, report.checkpoints, report.unsigned_rows) == (15, 3, 2, 3)


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (["DELETE FROM audit_checkpoint WHERE number = 1"], 1),
        (["DELETE FROM audit_checkpoint WHERE number = 2"], 2),
        (
            [
                "DELETE FROM audit_checkpoint WHERE number = 2",
                "DELETE FROM audit_checkpoint_entry WHERE checkpoint = 2",
            ],
            2,
        ),
        (["DELETE FROM audit_checkpoint", "DELETE FROM audit_checkpoint_entry"], 1),
        (["UPDATE audit_checkpoint SET until = until + 1 WHERE number = 2"], 2),
        (["UPDATE audit_checkpoint SET at = at + interval '1 second' WHERE number = 2"], 2),
        (["UPDATE audit_checkpoint SET root = sha256('') WHERE number = 1"], 1),
        (["UPDATE audit_checkpoint SET previous = '' WHERE number = 2"], 2),
        (["UPDATE audit_checkpoint SET digest = '' WHERE number = 2"], 2),
        (["UPDATE audit_checkpoint SET signature = sha512('') WHERE number = 2"], 2),
        (["UPDATE audit_checkpoint_entry SET first_sequence = 2 WHERE checkpoint = 1"], 1),
        (["UPDATE audit_checkpoint_entry SET ids = ids || 7::bigint WHERE checkpoint = 2"], 2),
        (["DELETE FROM audit_checkpoint_entry WHERE checkpoint = 2"], 2),
    ],
)
async def test_a_checkpoint_that_is_deleted_or_altered_is_named(
    trail: Trail, statements: list[str], number: int
) -> None:
    assert (await trail.first_of(*statements)).checkpoint == number


async def test_a_checkpoint_signed_by_another_key_is_named(own_trail: Trail) -> None:
    """Somebody empties the trail and signs anew with a key of their own, database and file."""
    honest = own_trail.key
    await own_trail.tamper(*(f"DELETE FROM {table}" for table in TABLES))
    own_trail.file.path.unlink()
    own_trail.key = type(honest).generate_key("Ed25519", private=True, auto_kid=True)
    await own_trail.write(1)
    await own_trail.sign()
    own_trail.key = honest
    assert "not signed with the audit key" in (await own_trail.verify()).faults[0].what


async def test_an_older_state_of_everything_is_named(own_trail: Trail) -> None:
    """Rows, heads and checkpoints as they were a checkpoint ago: only the file knows better."""
    before = {table: await own_trail.admin.fetch(f"SELECT to_jsonb(t)::text FROM {table} AS t") for table in TABLES}
    await own_trail.write()
    await own_trail.sign()
    await own_trail.tamper(
        *(f"DELETE FROM {table}" for table in TABLES),
        *(
            f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM "
            f"jsonb_populate_record(NULL::{table}, '{row[0]}')"
            for table, rows in before.items()
            for row in rows
        ),
    )
    fault = (await own_trail.verify()).faults[0]
    assert (fault.checkpoint, "older state" in fault.what) == (3, True)

    content = restoration(SERVICE, 2, datetime.now(UTC).isoformat())  # as `restore` writes it, with the key
    own_trail.file.add([restoration_line(content, Signer(own_trail.key).sign(content))])
    assert (await own_trail.verify()).faults == []
    await own_trail.write()
    await own_trail.sign()
    assert (await own_trail.verify()).faults == []


async def test_a_file_that_is_altered_or_gone_is_noticed(own_trail: Trail) -> None:
    path = own_trail.file.path
    content = path.read_bytes()
    path.write_bytes(content.replace(b'\\"number\\":2', b'\\"number\\":3'))
    assert "file" in (await own_trail.verify()).faults[0].what
    path.write_bytes(content.splitlines(keepends=True)[1])
    assert "file" in (await own_trail.verify()).faults[0].what
    path.unlink()
    assert "file" in (await own_trail.verify()).faults[0].what
    await own_trail.sign()  # and is written anew from the database
    assert (await own_trail.verify()).faults == []
    assert path.read_bytes() == content


@pytest.mark.parametrize("is_newest", [False, True])
async def test_rows_of_transactions_that_are_still_open_are_not_left_out(own_trail: Trail, is_newest: bool) -> None:
    """An id is given out before commit: a checkpoint by the highest id would never sign what is committed later."""
    checkpointing = own_trail.checkpointing
    late = own_trail.owner.execute(f"{ACT} INSERT INTO shelf VALUES ('{new_id()}', 'late')")
    early = own_trail.admin.execute(f"{ACT} INSERT INTO shelf VALUES ('{new_id()}', 'early'); COMMIT")
    for writing in (early, late) if is_newest else (late, early):
        await writing

    assert await checkpointing.step(own_trail.login, 0.1) is None
    await own_trail.owner.execute("COMMIT")

    assert await checkpointing.step(own_trail.login) == 2
    report = await own_trail.verify()
    assert (report.faults, report.unsigned_rows) == ([], 0)


async def test_signing_while_others_write_and_sign_misses_nothing(own_trail: Trail) -> None:
    """Writers, of whose transactions some roll back, and two who sign at the same time."""
    writers = [await asyncpg.connect(own_trail.urls.owner) for _ in range(4)]
    signers = [await asyncpg.connect(own_trail.urls.login) for _ in range(2)]
    done = asyncio.Event()

    async def write(connection: asyncpg.Connection, place: int) -> None:
        for number in range(30):
            await connection.execute(f"{ACT} INSERT INTO shelf VALUES ('{new_id()}', 'x')")
            await connection.execute("ROLLBACK" if number % 5 == place else "COMMIT")

    async def sign(connection: asyncpg.Connection) -> None:
        while not done.is_set():
            await own_trail.checkpointing.step(connection)

    signing = [asyncio.create_task(sign(connection)) for connection in signers]
    await asyncio.gather(*(write(connection, place) for place, connection in enumerate(writers)))
    done.set()
    await asyncio.gather(*signing)
    await own_trail.sign()

    report = await own_trail.verify()
    assert (report.faults, report.unsigned_rows, report.rows) == ([], 0, 12 + 4 * 24)
    for connection in (*writers, *signers):
        await connection.close()


async def test_the_login_role_signs_but_writes_no_checkpoint_of_its_own(own_trail: Trail) -> None:
    for statement in (
        "INSERT INTO audit_checkpoint_entry VALUES (9, 'shelf', gen_random_uuid(), 1, '{}', '')",
        "UPDATE audit_checkpoint SET number = 9",
        "DELETE FROM audit_checkpoint",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own_trail.login.execute(statement)
    again = "SELECT append_audit_checkpoint({}, {}, now(), 1, 1, '', '', '', '', '')"
    assert await own_trail.login.fetchval(again.format(2, 10**9)) is False
    assert await own_trail.login.fetchval(again.format(3, 1)) is False


@pytest.mark.parametrize(
    ("leaves", "root"),
    [  # the tree of RFC 6962, worked out by its recursive definition
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, None),
        (7, None),
        (8, None),
        (13, None),
    ],
)
def test_the_root_is_that_of_the_standard(leaves: int, root: str | None) -> None:
    names = [f"leaf {number}".encode() for number in range(leaves)]
    counted = Root()
    for name in names:
        counted.add(name)
    assert counted.digest() == by_definition(names)
    assert root is None or counted.digest().hex() == root


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()
