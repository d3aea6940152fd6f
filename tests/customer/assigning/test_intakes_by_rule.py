"""Customers that come by intakes go where the rules say, also by where they were heard of."""

from typing import Any

import pytest

from servicekit.values.errors import PeerUnavailable
from services.customer.queueing import assign_step
from tests.customer.assigning.conftest import Ruled, rule
from tests.customer.assigning.test_assigning_by_rule import queued, read
from tests.customer.intakes.test_intakes import about, arrive
from tests.house import Client
from tests.make import word


async def heard(by: Client, source: str, **company: Any) -> dict[str, Any]:
    """Take in something of a new company and return the customer that it became."""
    made = await arrive(by, about(f"{word()} GmbH", **company) | {"source": source})
    assert made["outcome"] == "new"
    return await read(by, {"id": made["customer_id"]})


async def test_rules_look_at_the_source_and_what_none_covers_waits(ruled: Ruled) -> None:
    seller, anna = [await ruled.make.seller() for _ in range(2)]
    version = await ruled.rules(rule("Web", anna, sources=["web_form"]))
    await ruled.house.settle()

    web, spoken = await heard(seller, "web_form"), await heard(seller, "referral")
    assert {web["account_manager_id"], spoken["account_manager_id"]} == {None}
    assert (await queued(seller)).keys() == {web["id"], spoken["id"]}
    assert await assign_step(ruled.house.service("customer")) == 2

    assert (await read(anna, web))["account_manager_id"] == anna.id
    assert (await anna.done("GET", f"/v1/customers/{web['id']}/assignments"))["items"][0]["rule_name"] == "Web"
    waiting = await queued(seller)
    assert waiting.keys() == {spoken["id"]}, "who tells of a company does not get it by that"
    assert (waiting[spoken["id"]]["why"], waiting[spoken["id"]]["checked_number"]) == ("no_rule", version["number"])

    await ruled.rules(rule("Talk", seller, sources=["referral"]))
    await ruled.house.settle()
    assert await assign_step(ruled.house.service("customer")) == 1
    assert (await read(seller, spoken))["account_manager_id"] == seller.id, "the source is known later, too"


async def test_what_comes_while_team_is_away_is_assigned_later(ruled: Ruled) -> None:
    seller, anna = [await ruled.make.seller() for _ in range(2)]
    await ruled.rules(rule("Web", anna, sources=["web_form"]))
    await ruled.house.settle()

    async with ruled.team_away():
        made = await heard(seller, "web_form")
        with pytest.raises(PeerUnavailable):
            await assign_step(ruled.house.service("customer"))
    assert (await queued(seller)).keys() == {made["id"]}

    assert await assign_step(ruled.house.service("customer")) == 1
    assert (await read(anna, made))["account_manager_id"] == anna.id


async def test_without_rules_it_stays_in_the_queue(ruled: Ruled) -> None:
    seller = await ruled.make.seller()
    made = await heard(seller, "referral")
    assert await assign_step(ruled.house.service("customer")) == 0
    assert (await queued(seller)).keys() == {made["id"]}


async def test_nobody_loses_a_turn_by_what_is_heard_of_known_companies(ruled: Ruled) -> None:
    seller = await ruled.make.seller()
    people = [await ruled.make.seller() for _ in range(2)]
    await ruled.rules(rule("Shared", *people))
    await ruled.house.settle()

    first = await heard(seller, "referral")
    await assign_step(ruled.house.service("customer"))
    again = await arrive(seller, about(first["legal_name"]))
    assert again["outcome"] == "matched"
    second = await heard(seller, "referral")
    await assign_step(ruled.house.service("customer"))

    operations = await ruled.house.import_client()
    managers = {(await read(operations, each))["account_manager_id"] for each in (first, second)}
    assert managers == {person.id for person in people}
