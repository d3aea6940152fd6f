"""Lists: every row once, in order, whatever the page size; cursors cannot be bent."""

import pytest

from tests.conftest import Template
from tests.servicekit.conftest import open_walls


@pytest.mark.parametrize("sort", ["name", "-name", "boxes", "-boxes"])
async def test_pages_show_every_row_once_and_nulls_last(template: Template, sort: str) -> None:
    async with open_walls(template) as walls:
        items = [{"name": f"s{i:02}", "boxes": None if i % 5 == 0 else i % 4} for i in range(40)]
        batch = await walls.post("/v1/shelves/batches", {"items": items})
        assert {item["outcome"] for item in batch.json()["items"]} == {"created"}
        seen, cursor = [], None
        while True:
            params: dict[str, str | int] = {"limit": 7, "sort": sort}
            if cursor:
                params["cursor"] = cursor
            page = (await walls.client.get("/v1/shelves", params=params)).json()
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        key = sort.removeprefix("-")
        known = [item[key] for item in seen if item[key] is not None]
        assert sorted(known, reverse=sort.startswith("-")) == known
        assert len({item["id"] for item in seen}) == 40
        if key == "boxes":
            assert [item["boxes"] for item in seen][-8:] == [None] * 8


async def test_a_cursor_is_for_one_list_filter_and_sort(template: Template) -> None:
    async with open_walls(template) as walls:
        await walls.post("/v1/shelves/batches", {"items": [{"name": f"n{i}", "boxes": i} for i in range(5)]})
        cursor = (await walls.client.get("/v1/shelves", params={"limit": 2})).json()["next"]
        for params in (
            {"cursor": cursor, "sort": "-name"},
            {"cursor": cursor, "boxes_gte": 1},
            {"cursor": cursor[:-2] + "xx"},
            {"cursor": "%%%"},
        ):
            answer = await walls.client.get("/v1/shelves", params=params)
            assert (answer.status_code, answer.json()["code"]) == (400, "cursor_malformed")
        assert (await walls.client.get("/v1/shelves", params={"cursor": cursor})).status_code == 200


async def test_what_a_list_does_not_know_is_named(template: Template) -> None:
    async with open_walls(template) as walls:
        unknown = await walls.client.get("/v1/shelves", params={"colour": "red"})
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (400, "query:colour")
        sort = await walls.client.get("/v1/shelves", params={"sort": "colour"})
        assert (sort.status_code, sort.json()["errors"][0]["pointer"]) == (400, "query:sort")


async def test_a_batch_answers_for_each_item_in_order(template: Template) -> None:
    async with open_walls(template) as walls:
        items = [{"name": f"b{i}"} for i in range(120)]
        items[3] = {"name": "b2"}
        items[70] = {"name": "b70", "colour": "red"}
        answer = (await walls.post("/v1/shelves/batches", {"items": items}, key="batch")).json()["items"]
        assert [item["index"] for item in answer] == list(range(120))
        assert {i for i, item in enumerate(answer) if item["outcome"] == "rejected"} == {3, 70}
        assert answer[3]["problem"]["code"] == "name_taken"
        assert answer[70]["problem"]["errors"][0]["pointer"] == "/colour"
        again = (await walls.post("/v1/shelves/batches", {"items": items}, key="batch")).json()["items"]
        assert again == answer
        atomic = await walls.post("/v1/shelves/batches", {"items": [{"name": "c1"}, {"name": "b2"}], "atomic": True})
        assert (atomic.status_code, atomic.json()["code"]) == (422, "batch_refused")
        names = (await walls.client.get("/v1/shelves", params={"limit": 500})).json()["items"]
        assert "c1" not in {item["name"] for item in names}
