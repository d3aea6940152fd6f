"""A long file of changes, one row for each, joined to the opportunities by their reference."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keyaccount.api_client import ApiClient, SignIn
from keyaccount.importing.command import Imported, find_mapping, import_folder
from tests.house import House
from tests.importing.conftest import Importing, WriteFolder
from tests.importing.doors import Door
from tests.importing.stand_in import StandIn
from tests.opportunity.oracle import State, Whose, read_oracle

FOLDER = Path(__file__).parent / "stage_log"


@pytest.fixture
async def machine(house: House) -> AsyncIterator[ApiClient]:
    sign_in = SignIn.of_imports(house.secrets)
    async with ApiClient("http://gateway", sign_in, transport_of=lambda: Door(house)) as client:
        yield client


def refused(done: Imported) -> dict[tuple[str, int], str]:
    return {(row.file, row.line): row.reason or "" for row in done.outcomes.rows if row.outcome == "rejected"}


async def test_the_example_in_whatever_order_its_log_is(machine: ApiClient, house: House, tmp_path: Path) -> None:
    done = await import_folder(machine, find_mapping("stage-log"), FOLDER, state=tmp_path)

    assert done.counts["opportunities"] == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 3}
    said = refused(done)
    assert said.keys() == {("deals.csv", 5), ("deals.csv", 6), ("stage_log.csv", 10)}
    assert said["deals.csv", 5].startswith("stage_log.csv:12: 1926-03-02T14:30:00+00:00 is before 1970")
    assert "stage_log.csv:13: to_stage: 'Dreaming' is not in the table 'stages'" in said["deals.csv", 6]
    assert said["stage_log.csv", 10] == "no row of deals.csv has 'D9', to which this would belong"

    oracle, ids = await read_oracle(house), await ids_of(machine)

    def stood(deal: str, *at: int) -> State | None:
        return oracle.state_at(ids[deal], datetime(*at, tzinfo=UTC))  # type: ignore[arg-type, misc]

    def told(deal: str, *at: int) -> tuple[Any, ...]:
        one = stood(deal, *at)
        assert one is not None
        return one.stage, one.state, one.amount, one.expected_close and one.expected_close.isoformat()

    assert stood("D1", 2025, 12, 1, 9) is None
    assert told("D1", 2025, 12, 31) == ("find_contact", "open", None, None)
    assert told("D1", 2026, 1, 19) == ("confirm_need", "open", None, "2026-06-30")
    assert told("D1", 2026, 1, 21) == ("confirm_need", "open", Decimal(1000), "2026-06-30")
    assert told("D1", 2026, 2, 11) == ("shortlist", "open", Decimal(1200), "2026-06-30")
    assert told("D1", 2026, 3, 3) == ("shortlist", "lost", Decimal(1200), "2026-06-30")
    assert told("D1", 2026, 4, 1) == ("shortlist", "open", Decimal(1100), "2026-09-30")
    assert told("D2", 2025, 11, 21) == ("selected", "open", Decimal(950), None)
    assert told("D2", 2026, 1, 8) == ("close", "won", Decimal(900), None)
    assert told("D3", 2027, 1, 1) == ("find_contact", "open", Decimal(50), None)
    owners = [stood("D1", 2026, 3, 20, 15), stood("D1", 2026, 3, 20, 16)]
    assert len({one.principal_id for one in owners if one}) == 2
    line = oracle.funnel_on(datetime(2026, 2, 15, tzinfo=UTC).date(), Whose(subtree=await superior(machine)))
    assert {place: figures.count for place, figures in line.places.items()} == {"shortlist": 1, "won": 1}

    again = await import_folder(machine, find_mapping("stage-log"), FOLDER, state=tmp_path)
    assert again.counts["opportunities"] == {"created": 0, "updated": 0, "unchanged": 3, "rejected": 3}


async def ids_of(machine: ApiClient) -> dict[str, UUID]:
    page = await machine.get("/v1/opportunities", {"external_system": "stage-log", "limit": 100})
    return {one["external_reference"]["id"]: UUID(one["id"]) for one in page["items"]}


async def superior(machine: ApiClient) -> UUID:
    page = await machine.get("/v1/people", {"external_system": "stage-log", "external_id": "7", "limit": 1})
    return UUID(page["items"][0]["id"])


MAPPING = """
    name: trial
    system: trial
    date: "%Y-%m-%d"
    files: {deals: deals.csv, log: log.csv}
    records:
      - kind: people
        id: {value: one}
        fields: {name: {value: One}}
      - kind: opportunities
        from: deals
        skip: [{when: {name: draft}, because: a draft}]
        id: no
        fields:
          name: name
          principal_id: {value: one}
          currency: {value: EUR}
          history:
            - each: log
              matching: {deal: no}
              when: {kind: stage}
              in_order: at
              newest_first: true
              at: on
              to_stage: {column: to, translate: stages}
    tables: {stages: {a: find_contact, b: confirm_need, c: shortlist}}
"""


async def test_equal_days_are_turned_round_where_the_newest_comes_first(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    log = "deal,on,to,kind\n1,2026-01-09,c,stage\n1,2026-01-09,b,stage\n1,2026-01-02,a,stage\n2,2026-01-01,a,stage\n"
    await importing(*write(MAPPING, deals="no,name\n1,One\n2,draft\n", log=log + "7,2026-01-01,a,other\n"))
    history = stand_in.records["opportunities"]["1"]["item"]["history"]
    assert [one["to_stage"] for one in history] == ["find_contact", "confirm_need", "shortlist"]


async def test_rows_that_belong_to_nothing_or_are_broken_are_rejected_each_by_its_line(
    importing: Importing, write: WriteFolder
) -> None:
    log = "deal,on,to,kind\n1,2026-01-02,a,stage\n2,2026-01-01,a,stage\n7,2026-01-01,a,stage\n1,2026-01-02\n"
    done = await importing(*write(MAPPING, deals="no,name\n1,One\n2,draft\n", log=log))
    assert refused(done) == {
        ("log.csv", 4): "no row of deals.csv has '7', to which this would belong",
        ("log.csv", 5): "the line has 2 cells, the header has 4",
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("in_order: when", "`in_order` names a field"),
        ("in_order: to_stage", "'to_stage' holds no date or instant"),
    ],
)
async def test_an_order_that_cannot_be_is_a_mistake_of_the_mapping(
    importing: Importing, write: WriteFolder, written: str, said: str
) -> None:
    mapping, folder = write(MAPPING.replace("in_order: at", written), deals="no,name\n", log="deal,on,to,kind\n")
    with pytest.raises(Exception, match=said):
        await importing(mapping, folder)
