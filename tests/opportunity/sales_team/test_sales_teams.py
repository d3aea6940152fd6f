import asyncio
from typing import Any

import asyncpg
import pytest

from servicekit.values.ids import new_id
from tests.house import Client, House
from tests.make import Make


async def join(client: Client, path: str, person: Client, role: str, **given: Any) -> Any:
    return await client.post(f"{path}/sales-team", {"person_id": person.id, "role": role, **given})


async def test_members_come_and_go_and_shares_stay_whole(make: Make) -> None:
    manager, seller = await make.line(2)
    helper, presales = await make.person(), await make.person()
    opportunity = await make.opportunity(seller, amount="100.00")
    path = f"/v1/opportunities/{opportunity['id']}"

    joined = await join(seller, path, helper, "co_seller", split="0.3")
    assert joined.status_code == 201
    assert [one["role"] for one in joined.json()["members"]] == ["principal", "co_seller"]
    assert [(one["share"], one["amount"]["amount"]) for one in joined.json()["shares"]] == [
        ("0.7", "70.00"),
        ("0.3", "30.00"),
    ]
    assert (await join(manager, path, presales, "presales")).status_code == 201
    assert (await join(manager, path, presales, "presales")).json()["code"] == "already_member"
    assert (await join(seller, path, manager, "principal")).json()["code"] == "principal_by_ownership_only"
    assert (await join(seller, path, presales, "delivery", split="0.71")).json()["code"] == "share_not_possible"
    assert (await join(helper, path, helper, "delivery")).status_code == 403

    thirds = [
        {"person_id": one.id, "share": share}
        for one, share in ((seller, "0.333334"), (helper, "0.333333"), (presales, "0.333333"))
    ]
    team = await seller.done("PUT", f"{path}/splits", {"shares": thirds})
    assert [one["amount"]["amount"] for one in team["shares"]] == ["33.34", "33.33", "33.33"]
    short = await seller.put(f"{path}/splits", {"shares": thirds[:2]})
    assert (short.status_code, short.json()["code"], short.json()["sum"]) == (422, "shares_not_whole", "0.666667")

    member = next(one for one in team["members"] if one["role"] == "co_seller")
    departure = f"{path}/sales-team/{member['id']}/departures"
    assert (await seller.post(departure)).json()["code"] == "share_held"
    await seller.done("PUT", f"{path}/splits", {"shares": [{"person_id": seller.id, "share": "1"}]})
    assert (await seller.post(departure)).status_code == 201
    assert (await helper.get(path)).status_code == 404
    assert (await seller.post(departure)).status_code == 404


async def test_a_co_seller_works_on_it_and_does_not_close_it(make: Make) -> None:
    seller, helper, presales = await make.seller(), await make.person(), await make.person()
    opportunity = await make.opportunity(seller, criteria=["contact_named", "budget_known"])
    path = f"/v1/opportunities/{opportunity['id']}"
    await join(seller, path, helper, "co_seller")
    await join(seller, path, presales, "presales")
    assert (await helper.post(f"{path}/stage-changes", {"to_stage": "shortlist"})).status_code == 201
    assert (await helper.post(f"{path}/outcomes", {"outcome": "won"})).status_code == 403
    assert (await presales.post(f"{path}/stage-changes", {"to_stage": "selected"})).status_code == 403


async def test_shares_settled_by_many_at_once_are_whole(make: Make, house: House) -> None:
    seller, helper = await make.seller(), await make.person()
    opportunity = await make.opportunity(seller, amount="99.99")
    path = f"/v1/opportunities/{opportunity['id']}"
    await join(seller, path, helper, "co_seller")
    splits = [
        [{"person_id": seller.id, "share": f"0.{part}"}, {"person_id": helper.id, "share": f"0.{10 - part}"}]
        for part in range(1, 10)
    ]
    answers = await asyncio.gather(*(seller.put(f"{path}/splits", {"shares": shares}) for shares in splits))
    assert {answer.status_code for answer in answers} == {200}
    rows = await house.service("opportunity").database.pool.fetch(
        "SELECT sum(share) FROM split_share WHERE opportunity_id = $1 GROUP BY split_id", opportunity["id"]
    )
    assert [row[0] for row in rows] == [1] * 9


async def test_the_database_itself_refuses_shares_that_are_not_whole(make: Make, house: House) -> None:
    opportunity = await make.opportunity(await make.seller())
    connection = await asyncpg.connect(house.urls["opportunity"].login)
    try:
        split = new_id()
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(
                f"""
                BEGIN; SET LOCAL keyaccount.actor = 'service:test';
                INSERT INTO split (id, opportunity_id, at) VALUES ('{split}', '{opportunity["id"]}', now());
                INSERT INTO split_share (split_id, person_id, place, opportunity_id, share)
                VALUES ('{split}', gen_random_uuid(), 0, '{opportunity["id"]}', 0.9);
                COMMIT
                """
            )
    finally:
        await connection.close()
