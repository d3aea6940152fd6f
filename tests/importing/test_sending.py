"""Batches, references, repetition, resumption, retries."""

import csv
import json

import orjson
import pytest

from keyaccount.api_client import Refused
from keyaccount.importing.catalogue import Named, Planned
from keyaccount.importing.levels import levels
from tests.importing.conftest import Importing, WriteFolder
from tests.importing.stand_in import StandIn

MAPPING = """
    name: trial
    system: trial
    lacks: ["anything else"]
    files: {people: people.csv}
    records:
      - {kind: people, from: people, id: name, fields: {name: name, superior_id: boss}}
"""
CHAIN = "name,boss\nCy,Bo\nBo,Al\nAl,\nDo,Bo\n"
MANY = "name,boss\nBoss,\n" + "".join(f"P{number},Boss\n" for number in range(1200))


async def test_superiors_are_sent_before_their_people(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    done = await importing(*write(MAPPING, people=CHAIN))

    assert stand_in.batches == [("people", 1), ("people", 1), ("people", 2)]
    assert done.counts == {"people": {"created": 4, "updated": 0, "unchanged": 0, "rejected": 0}}


async def test_a_circle_is_rejected(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    done = await importing(*write(MAPPING, people="name,boss\nAl,Bo\nBo,Al\nCy,Bo\nDo,\n"))

    assert list(stand_in.records["people"]) == ["Do"]
    assert done.counts["people"]["rejected"] == 3


async def test_at_most_500_items_at_once(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    done = await importing(*write(MAPPING, people=MANY))

    assert sorted(size for _, size in stand_in.batches) == [1, 200, 500, 500]
    assert done.counts["people"]["created"] == 1201


async def test_the_same_again_changes_nothing(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    await importing(*write(MAPPING, people=MANY))
    again = await importing(*write(MAPPING, people=MANY))

    assert again.counts == {"people": {"created": 0, "updated": 0, "unchanged": 1201, "rejected": 0}}


async def test_what_depends_on_a_rejected_record_is_rejected_with_its_line(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    stand_in.refuse = lambda _, item: "no Bo here" if item["name"] == "Bo" else None

    done = await importing(*write(MAPPING, people=CHAIN))

    said = {row.external_id: row.reason for row in done.outcomes.rows if row.outcome == "rejected"}
    assert said == {
        "Bo": "no Bo here",
        "Cy": "it refers to 'Bo' of people: line 3 of people.csv, was rejected",
        "Do": "it refers to 'Bo' of people: line 3 of people.csv, was rejected",
    }


async def test_what_the_files_do_not_hold_is_asked_of_the_api(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    await importing(*write(MAPPING, people="name,boss\nAl,\n"))
    done = await importing(*write(MAPPING, people="name,boss\nBo,Al\nCy,Nobody\n"))

    assert stand_in.records["people"]["Bo"]["item"]["superior_id"] == stand_in.records["people"]["Al"]["id"]
    assert done.counts["people"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}


async def test_a_malformed_item_does_not_take_its_batch_with_it(
    importing: Importing, stand_in: StandIn, write: WriteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = stand_in.malformed
    monkeypatch.setattr(
        stand_in,
        "malformed",
        lambda kind, item: [("/name", "may not be P7")] if item["name"] == "P7" else usual(kind, item),
    )
    done = await importing(*write(MAPPING, people=MANY))

    assert done.counts["people"] == {"created": 1200, "updated": 0, "unchanged": 0, "rejected": 1}
    assert [(row.line, row.reason) for row in done.outcomes.rows if row.outcome == "rejected"] == [
        (10, "/name: may not be P7")
    ]


async def test_a_lost_answer_is_asked_for_again_without_doubling(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    stand_in.lost = 2
    done = await importing(*write(MAPPING, people=MANY))

    assert done.counts["people"]["created"] == 1201
    assert len(stand_in.batches) == 4


async def test_resuming_sends_only_what_is_not_done(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    stand_in.broken_after = 2
    with pytest.raises(Refused, match="was answered 500: broken"):
        await importing(*write(MAPPING, people=MANY))
    assert len(stand_in.batches) == 2

    stand_in.broken_after = None
    done = await importing(*write(MAPPING, people=MANY), resume=True)

    assert len(stand_in.batches) == 4
    assert done.counts["people"] == {"created": 1201, "updated": 0, "unchanged": 0, "rejected": 0}

    finished = await importing(*write(MAPPING, people=MANY), resume=True)
    assert len(stand_in.batches) == 4
    assert finished.counts == done.counts


async def test_resuming_after_the_journal_was_cut_in_a_line(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    await importing(*write(MAPPING, people=MANY))
    journal = next(importing.state.glob("*/journal.jsonl"))
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-20])

    done = await importing(*write(MAPPING, people=MANY), resume=True)

    assert len(stand_in.batches) == 4  # the last chunk is replayed by its key
    assert done.counts["people"]["created"] == 1201
    assert len(journal.read_bytes().splitlines()) == len(whole.splitlines())


async def test_a_changed_file_is_another_import(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    await importing(*write(MAPPING, people=CHAIN))
    done = await importing(*write(MAPPING, people=CHAIN.replace("Do,Bo", "Do,Al")), resume=True)

    assert done.counts["people"] == {"created": 0, "updated": 1, "unchanged": 3, "rejected": 0}


async def test_a_dry_run_sends_nothing(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    done = await importing(*write(MAPPING, people=CHAIN + "Eve,Nobody\n"), dry_run=True)

    assert not stand_in.batches
    assert done.counts == {
        "people": {"created": 0, "updated": 0, "unchanged": 0, "rejected": 1, "would_be_sent": 4},
    }


async def test_outcomes_are_written_by_line(importing: Importing, write: WriteFolder) -> None:
    done = await importing(*write(MAPPING, people="name,boss\nAl,\n=cmd(),Al\nBo,Nobody\n"))

    lines, table = done.files
    rows = [orjson.loads(line) for line in lines.read_text().splitlines()]
    assert [(row["file"], row["line"], row["kind"], row["external_id"], row["outcome"]) for row in rows] == [
        ("people.csv", 2, "people", "Al", "created"),
        ("people.csv", 3, "people", "=cmd()", "created"),
        ("people.csv", 4, "people", "Bo", "rejected"),
    ]
    with table.open(newline="") as file:
        cells = list(csv.DictReader(file))
    assert [cell["external_id"] for cell in cells] == ["Al", "'=cmd()", "Bo"]
    assert cells[2]["reason"] == "it refers to 'Nobody' of people: unknown here and in the API"
    assert json.dumps(done.counts)


def test_levels_keep_the_order_within_a_level() -> None:
    def planned(name: str, *needs: str) -> Planned:
        return Planned("people", "f", 1, name, {}, tuple(Named("people", "s", need) for need in needs))

    sorted_levels = levels([planned("c", "b"), planned("a"), planned("b", "a"), planned("d", "elsewhere")])

    assert [[record.id for record in level] for level in sorted_levels] == [["a", "d"], ["b"], ["c"]]
