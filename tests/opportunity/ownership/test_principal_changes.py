import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx

from tests.house import Client, House
from tests.make import Make

REASON = "Moves to another region."


async def change(client: Client, opportunity: dict[str, str], to: Client) -> httpx.Response:
    return await client.post(
        f"/v1/opportunities/{opportunity['id']}/principal-changes", {"principal_id": to.id, "reason": REASON}
    )


async def refusals(house: House, opportunity: dict[str, str]) -> int:
    rows = await house.service("opportunity").database.pool.fetch(
        "SELECT count(*) FROM audit WHERE aggregate = 'opportunity' AND aggregate_id = $1 AND operation = 'refused'",
        opportunity["id"],
    )
    return int(rows[0][0])


async def test_only_a_superior_in_the_line_replaces_and_each_refusal_is_recorded(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    peer, elsewhere = await make.person(manager), await make.person()
    admin = await make.person(roles=["admin"])
    operations = await make.person(roles=["sales_operations"])
    opportunity = await make.opportunity(seller)

    answers = {
        "principal": await change(seller, opportunity, peer),
        "admin": await change(admin, opportunity, peer),
        "operations": await change(operations, opportunity, peer),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert answers["principal"].json()["code"] == "own_matter"
    assert answers["admin"].json()["code"] == "not_a_superior"
    assert (await change(elsewhere, opportunity, elsewhere)).status_code == 404
    assert (await change(peer, opportunity, peer)).status_code == 404
    assert await refusals(house, opportunity) == 5

    assert (await change(head, opportunity, peer)).status_code == 201
    assert (await seller.get(f"/v1/opportunities/{opportunity['id']}")).status_code == 404
    assert (await change(manager, opportunity, seller)).json()["principal_id"] == seller.id


async def test_every_change_is_kept_with_from_until_and_the_chart_judged_by(make: Make) -> None:
    head, manager, seller = await make.line(3)
    peer = await make.person(manager)
    opportunity = await make.opportunity(seller)
    await change(manager, opportunity, peer)
    await change(head, opportunity, seller)

    found = (await head.done("GET", f"/v1/opportunities/{opportunity['id']}/principals"))["items"]

    assert [one["principal_id"] for one in found] == [seller.id, peer.id, seller.id]
    assert [one["authority"] for one in found] == ["first", "superior", "superior"]
    assert [one["decided_by"] for one in found[1:]] == [manager.id, head.id]
    assert all(one["chart_version"] > 0 for one in found[1:])
    assert all(before["until_at"] == after["from_at"] for before, after in pairwise(found))
    assert found[-1]["until_at"] is None


async def test_who_may_not_even_see_it_is_told_so_and_it_is_remembered(make: Make, house: House) -> None:
    seller, elsewhere = await make.seller(), await make.person()
    opportunity = await make.opportunity(seller)

    refused = await change(elsewhere, opportunity, elsewhere)
    absent = await change(elsewhere, {**opportunity, "id": "01a20a66-0000-7000-8000-000000000000"}, elsewhere)

    assert (refused.status_code, refused.json()["code"]) == (absent.status_code, absent.json()["code"])
    auditor = await make.person(roles=["auditor"])
    trail = await auditor.done("GET", f"/v1/opportunity/audit?aggregate=opportunity&aggregate_id={opportunity['id']}")
    last = trail["items"][-1]
    assert (last["operation"], last["actor"]) == ("refused", elsewhere.id)
    assert last["after"]["attempted"] == {"principal_id": elsewhere.id}


async def test_where_no_superior_exists_an_admin_decides(make: Make) -> None:
    top, other = await make.person(), await make.person()
    admin = await make.person(roles=["admin"])
    opportunity = await make.opportunity(top)
    assert (await change(admin, opportunity, admin)).json()["code"] == "own_matter"
    changed = await change(admin, opportunity, other)
    assert changed.status_code == 201
    assert changed.json()["principal_id"] == other.id


async def test_the_line_of_this_moment_counts_not_that_of_the_token(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    successor = await make.person()
    peer = await make.person(manager)
    opportunity = await make.opportunity(seller)
    admin = await house.admin()
    moved = {"superior_id": successor.id, "reason": "reorganised"}
    await admin.done("POST", f"/v1/people/{seller.id}/superior-changes", moved)

    assert (await change(manager, opportunity, peer)).status_code in {403, 404}
    assert (await change(successor, opportunity, peer)).status_code == 201


async def test_a_stand_in_decides_for_the_superior_but_never_on_their_own_matter(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    peer = await make.person(manager)
    opportunity = await make.opportunity(seller)
    today = datetime.now(UTC).date()
    for stand_in in (seller, peer):
        span = {"from_date": today.isoformat(), "until_date": (today + timedelta(days=5)).isoformat()}
        body = {"person_id": manager.id, "stand_in_id": stand_in.id, **span}
        await manager.done("POST", "/v1/stand-ins", body)
    behalf = {"on-behalf-of": manager.id}
    path = f"/v1/opportunities/{opportunity['id']}/principal-changes"

    own = await seller.post(path, {"principal_id": peer.id, "reason": REASON}, headers=behalf)
    assert (own.status_code, own.json()["code"]) == (403, "own_matter")
    to_themselves = await peer.post(path, {"principal_id": peer.id, "reason": REASON}, headers=behalf)
    assert (to_themselves.status_code, to_themselves.json()["code"]) == (403, "own_matter")
    third = await make.person(manager)
    assert (await peer.post(path, {"principal_id": third.id, "reason": REASON}, headers=behalf)).status_code == 201


async def test_of_many_changes_at_once_one_wins_and_there_is_always_one_principal(make: Make, house: House) -> None:
    head, manager, seller = await make.line(3)
    peers = [await make.person(manager) for _ in range(4)]
    opportunity = await make.opportunity(seller)

    answers = await asyncio.gather(
        *(change((head, manager)[place % 2], opportunity, peer) for place, peer in enumerate(peers * 2))
    )

    assert {answer.status_code for answer in answers} <= {201, 409, 422}
    found = (await head.done("GET", f"/v1/opportunities/{opportunity['id']}/principals"))["items"]
    won = [answer.json()["principal_id"] for answer in answers if answer.status_code == 201]
    assert len(won) >= 1
    assert [one["principal_id"] for one in found[1:]] != []
    assert len(found) == len(won) + 1
    assert all(before["until_at"] == after["from_at"] for before, after in pairwise(found))
    present = await head.done("GET", f"/v1/opportunities/{opportunity['id']}")
    assert present["principal_id"] == found[-1]["principal_id"]


async def test_a_reason_a_person_and_a_change_are_needed(make: Make) -> None:
    manager, seller = await make.line(2)
    opportunity = await make.opportunity(seller)
    path = f"/v1/opportunities/{opportunity['id']}/principal-changes"
    assert (await manager.post(path, {"principal_id": seller.id, "reason": REASON})).status_code == 422
    assert (await manager.post(path, {"principal_id": manager.id, "reason": " "})).status_code == 400
    nobody = "01890000-0000-7000-8000-000000000000"
    answer = await manager.post(path, {"principal_id": nobody, "reason": REASON})
    assert answer.json()["code"] == "unknown_person"
