"""The map of a customer's people, as those see it who see the customer."""

from xml.etree import ElementTree as ET

from tests.customer.merging.companies import line_of, merge
from tests.house import Client
from tests.make import Make


async def test_the_map_as_data_and_as_a_picture(make: Make, operations: Client) -> None:
    line = await line_of(make)
    customer = await make.customer(line.first)
    path, firm = f"/v1/customers/{customer['id']}/relationship-map", {"customer_id": customer["id"]}
    head = await line.first.done(
        "POST", "/v1/contacts", firm | {"name": "王伟", "decision_role": "decision_maker", "attitude": "neutral"}
    )
    said = {"name": "Li <Coach>", "reports_to_id": head["id"], "decision_role": "coach", "closeness": "close"}
    coach = await line.first.done(
        "POST",
        "/v1/contacts",
        firm | said | {"influences_ids": [head["id"]], "known_by_ids": [line.first.id], "attitude": "supports"},
    )
    assert (coach["decision_role"], coach["influences_ids"], coach["known_by_ids"]) == (
        "coach",
        [head["id"]],
        [line.first.id],
    )

    found = await line.head.done("GET", path)
    assert [(each["id"], each["kind"], each["depth"]) for each in found["nodes"]] == [
        (head["id"], "contact", 0),
        (coach["id"], "contact", 1),
        (line.first.id, "person", None),
    ]
    assert {(each["kind"], each["from_id"], each["to_id"]) for each in found["edges"]} == {
        ("reports_to", coach["id"], head["id"]),
        ("influences", coach["id"], head["id"]),
        ("knows", line.first.id, coach["id"]),
    }
    picture = await line.first.get(path, headers={"accept": "image/svg+xml"})
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "Accept" in picture.headers["vary"].title()
    assert "Li <Coach>" in "".join(ET.fromstring(picture.text).itertext())  # noqa: S314 (our own)
    assert (await line.second.get(path, headers={"accept": "image/svg+xml"})).status_code == 404, "who does not see it"
    listed = await line.first.done("GET", f"/v1/contacts?customer_id={customer['id']}&decision_role=coach")
    assert [each["id"] for each in listed["items"]] == [coach["id"]]

    other = await make.customer(line.second)
    away = await line.second.done("POST", "/v1/contacts", {"customer_id": other["id"], "name": "Away"})
    for wrong, code in (
        ({"influences_ids": [away["id"]]}, "influence_unknown"),
        ({"influences_ids": [coach["id"]]}, "influence_unknown"),
        ({"known_by_ids": [away["id"]]}, "unknown_person"),
        ({"decision_role": "king"}, "malformed"),
    ):
        refused = await line.first.patch(f"/v1/contacts/{coach['id']}", wrong, if_match=1)
        assert refused.json()["code"] == code
    refused = await line.second.patch(f"/v1/contacts/{coach['id']}", {"attitude": "opposes"}, if_match=1)
    assert refused.status_code == 404

    await merge(line.head, customer["id"], other["id"])
    assert away["id"] in {each["id"] for each in (await line.first.done("GET", path))["nodes"]}
    await line.head.done("POST", f"/v1/contacts/{coach['id']}/erasure")
    erased = next(each for each in (await line.head.done("GET", path))["nodes"] if each["id"] == coach["id"])
    assert (erased["name"], erased["decision_role"], erased["attitude"], erased["is_erased"]) == ("", None, None, True)
    again = await line.head.done("GET", f"/v1/contacts/{coach['id']}")
    assert (again["influences_ids"], again["known_by_ids"], again["closeness"]) == ([], [], None)
