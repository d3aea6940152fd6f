"""Who keeps webhooks, and that a receiver written as the documentation says is enough."""

import re
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from orgchart.following import chart_of
from tests.house import House
from tests.make import Make, word

PAGE = Path(__file__).resolve().parents[2] / "docs/webhooks.md"
SCOPES = ["webhooks:read", "webhooks:write", "customer:events:read"]


def receiver_of_the_page() -> dict[str, Any]:
    """Return the names that the worked receiver defines."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(found[1], str(PAGE), "exec"), names)  # noqa: S102 (our own page)
    return names


async def test_the_documented_receiver_takes_each_event_once(empty_house: House, tmp_path: Path) -> None:
    """In a house whose clock no other test has moved: the receiver refuses what is signed at another time."""
    house, make = empty_house, Make(empty_house)
    machine, _ = await make.machine(scopes=SCOPES)
    names = receiver_of_the_page()
    applied: list[dict[str, Any]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), names["receiver"]("", tmp_path / "seen.db", applied.append))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        body = {"url": f"http://127.0.0.1:{server.server_port}/events", "event_types": ["customer.created"]}
        made = await machine.done("POST", "/v1/customer/webhooks", body)
        server.RequestHandlerClass = names["receiver"](made["secret"], tmp_path / "seen.db", applied.append)
        customer = await make.customer(await make.seller())
        webhooks = house.service("customer").webhooks
        await house.settle()
        while await webhooks.step():
            pass
        path = f"/v1/customer/webhooks/{made['webhook']['id']}/deliveries"
        (delivery,) = (await machine.done("GET", path))["items"]
        assert delivery["state"] == "delivered", delivery
        assert [event["subject"] for event in applied] == [customer["id"]]
        fed = await machine.done("GET", f"/v1/customer/events?after={delivery['position'] - 1}&limit=1")
        assert applied[0] == fed["items"][0]

        await machine.done("POST", f"{path}/{delivery['id']}/replay")
        await webhooks.step()
        again = await machine.done("GET", f"{path}/{delivery['id']}")
        assert [attempt["status"] for attempt in again["attempts_made"]] == [204, 204]
        assert len(applied) == 1
    finally:
        server.shutdown()
        server.server_close()


async def test_a_machine_client_keeps_its_own_and_an_administrator_sees_all(house: House, make: Make) -> None:
    one, _ = await make.machine(scopes=SCOPES)
    other, _ = await make.machine(scopes=SCOPES)
    without, _ = await make.machine(scopes=["webhooks:read", "webhooks:write"])
    admin = await house.admin()
    body = {"url": "http://127.0.0.1:9/", "event_types": ["no.such"], "description": word()}
    made = (await one.done("POST", "/v1/customer/webhooks", body))["webhook"]
    path = f"/v1/customer/webhooks/{made['id']}"
    assert made["owner_id"] == one.id
    for method, below in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        assert (await other.request(method, path + below)).status_code == 404
    assert (await other.done("GET", "/v1/customer/webhooks"))["items"] == []
    assert made["id"] in [each["id"] for each in (await admin.done("GET", "/v1/customer/webhooks"))["items"]]
    refused = await without.post("/v1/customer/webhooks", body)
    assert (refused.status_code, refused.json()["scope"]) == (403, "customer:events:read")
    seller = await make.seller()
    assert (await seller.get(path)).json()["code"] == "webhooks_not_allowed"


async def test_who_may_no_longer_follow_the_feed_gets_nothing_by_webhook(house: House, make: Make) -> None:
    machine, _ = await make.machine(scopes=SCOPES)
    admin = await house.admin()
    body = {"url": "http://127.0.0.1:9/", "event_types": ["customer.created"]}
    made = (await machine.done("POST", "/v1/customer/webhooks", body))["webhook"]
    await admin.done("POST", f"/v1/people/{machine.id}/departures", {"on": str(house.clock().date())})
    await make.customer(await make.seller())
    await house.settle()
    assert not chart_of(house.service("customer")).may_receive_events(machine.person_id or made["id"])
    await house.service("customer").webhooks.step()
    seen = await admin.done("GET", f"/v1/customer/webhooks/{made['id']}")
    assert (seen["state"], seen["disabled_reason"]) == ("disabled", "owner_left")
