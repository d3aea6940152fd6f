"""Assessments that were made elsewhere, taken in by the batch operation."""

from typing import Any

import pytest

from tests.house import Client, House
from tests.make import Make, word
from tests.opportunity.assessment.answering import answers
from tests.opportunity.histories import ago, batch, codes, item

Item = dict[str, Any]
BATCHES = "/v1/assessments/batches"


async def imported(by: Client, *items: Item) -> list[Item]:
    """Import assessments and return their outcomes."""
    outcomes: list[Item] = (await by.done("POST", BATCHES, {"items": list(items)}))["items"]
    return outcomes


def told(opportunity: Item, at: str | None, yes: int, no: int = 0, **given: Any) -> Item:
    """Return an item of a batch that names its opportunity by reference."""
    return {
        "external_reference": {"system": "tests", "id": word()},
        "opportunity_reference": opportunity["external_reference"],
        "assessed_at": at,
        "answers": answers(yes, no),
        **given,
    }


@pytest.fixture
async def known(make: Make, house: House) -> tuple[Client, Client, Item]:
    """Return operations, a seller, and an opportunity of a year ago with its reference and id."""
    operations, seller = await house.import_client(), await make.seller()
    entry = item(seller, [{"at": ago(house, days=365), "to_stage": "find_contact"}])
    (made,) = await batch(operations, entry)
    return operations, seller, entry | {"id": made["id"]}


async def test_they_come_in_the_order_of_their_dates_and_the_same_again_changes_nothing(
    known: tuple[Client, Client, Item], house: House
) -> None:
    operations, seller, opportunity = known
    dated = [(300, 3), (20, 15), (100, 9), (200, 5)]
    items = [told(opportunity, ago(house, days=days), yes, assessed_by_id=seller.id) for days, yes in dated]

    first = await imported(operations, *items)
    path = f"/v1/opportunities/{opportunity['id']}"
    history = (await seller.done("GET", f"{path}/assessments"))["items"]
    present = await seller.done("GET", path)
    shuffled = [one | {"answers": dict(reversed(one["answers"].items()))} for one in reversed(items)]
    again = await imported(operations, *shuffled)
    by_id = [
        {name: value for name, value in one.items() if name != "opportunity_reference"}
        | {"opportunity_id": opportunity["id"]}
        for one in items
    ]
    once_more = await imported(operations, *by_id)

    assert codes(first) == ["created"] * 4
    assert [one["score"] for one in history] == [15, 9, 5, 3]
    assert {one["assessed_by"] for one in history} == {seller.id}
    assert seller.id not in {one["recorded_by"] for one in history}
    assert present["assessment"]["score"] == 15
    assert codes(again) == codes(once_more) == ["unchanged"] * 4
    assert [one["id"] for one in reversed(again)] == [one["id"] for one in first]
    assert await seller.done("GET", path) == present
    whole = await seller.done("GET", f"{path}/assessments/current")
    assert whole["external_reference"] == items[1]["external_reference"]


async def test_what_cannot_be_is_rejected_by_name_and_the_rest_goes_in(
    known: tuple[Client, Client, Item], house: House
) -> None:
    operations, _, opportunity = known
    good = told(opportunity, ago(house, days=50), 4)
    late = told(opportunity, ago(house, days=60), 4)
    await imported(operations, good)
    found = await imported(
        operations,
        good | {"answers": answers(5)},
        late,
        told(opportunity, ago(house, days=-2), 1),
        told(opportunity, ago(house, days=1), 1, answers={"coffee_good": "yes"}),
        told(opportunity, ago(house, days=1), 1, opportunity_id=opportunity["id"]),
        told(opportunity, ago(house, days=1), 1, opportunity_reference=None),
        told(opportunity, ago(house, days=1), 1, opportunity_reference={"system": "tests", "id": word()}),
        told(opportunity, ago(house, days=1), 1, assessed_by_id=opportunity["id"]),
        told(opportunity, ago(house, days=1), 1, answers={"budget_ready": "perhaps"}),
        told(opportunity, ago(house, days=40), 7),
    )
    assert codes(found) == [
        "assessment_kept",
        "assessment_out_of_order",
        "assessment_in_future",
        "unknown_question",
        "opportunity_not_named",
        "opportunity_not_named",
        "unknown_opportunity",
        "unknown_person",
        "item_malformed",
        "created",
    ]


async def test_a_file_is_taken_in_as_a_job_and_twice_changes_nothing(
    known: tuple[Client, Client, Item], house: House
) -> None:
    operations, seller, opportunity = known
    reference = opportunity["external_reference"]
    heading = "external_reference.system,external_reference.id,opportunity_reference.system,opportunity_reference.id"
    lines = [
        f"{heading},assessed_at,answers.budget_ready,answers.strategic,answers.profitable,notes.strategic",
        f"tests,{word()},{reference['system']},{reference['id']},{ago(house, days=9)[:10]},yes,no,,A reference",
        f"tests,{word()},{reference['system']},{reference['id']},{ago(house, days=8)[:10]},yes,yes,,",
    ]
    counts = [await sent(house, operations, "\n".join(lines)) for _ in range(2)]
    assert counts == [{"created": 2}, {"unchanged": 2}]
    twice = lines[0].replace("notes.strategic", "answers")
    refused = await operations.request(
        "POST", BATCHES, content=f"{twice}\n".encode(), headers={"content-type": "text/csv"}, key=word()
    )
    assert "leave one out" in refused.json()["detail"]
    history = (await seller.done("GET", f"/v1/opportunities/{opportunity['id']}/assessments"))["items"]
    assert [(one["score"], one["score_most"]) for one in history] == [(2, 20), (1, 19)]


async def sent(house: House, by: Client, content: str) -> dict[str, int]:
    """Import a file, and return how many rows had which outcome."""
    given = {"content": content.encode(), "headers": {"content-type": "text/csv"}, "key": word()}
    taken = await by.done("POST", BATCHES, **given)
    while await house.service("opportunity").jobs.step():
        pass
    job = await by.done("GET", f"/v1/opportunity/jobs/{taken['id']}")
    assert job["state"] == "succeeded", job
    counts: dict[str, int] = job["counts"]
    return counts


async def test_only_operations_import(known: tuple[Client, Client, Item], house: House) -> None:
    _, seller, opportunity = known
    refused = await seller.post(BATCHES, {"items": [told(opportunity, ago(house, days=9), 4)]})
    assert refused.status_code == 403
