"""ERP systems, what they call things of ours, and the files of plans."""

from typing import Any

from tests.scope.asking import Answer, Ask, Draw, expect, listing, roles, served, thing, word
from tests.scope.rule import Actor, World
from tests.scope.trials import jobs

SEEING = ("admin", "sales_operations", "auditor", "marketing", "finance", "production_planner")
KEEPING = ("admin", "sales_operations", "production_planner")
keepers = roles(*KEEPING)


def sees(world: World, actor: Actor) -> bool:
    return world.has(actor, *SEEING)


def keeps(world: World, actor: Actor) -> bool:
    return world.has(actor, *KEEPING)


def listed(kind: str) -> Any:
    """Return the trial of a list: all of it to who works by plans, nothing to others."""

    def trial(draw: Draw) -> Ask:
        there = draw.memory.erp[kind]

        def visible(world: World, actor: Actor) -> set[str]:
            return set(there) if sees(world, actor) else set()

        return Ask(listing(visible), query={"limit": 500}, shows=visible)

    return trial


def about(kind: str, path: str, body: Any = None, *, is_change: bool = False) -> Any:
    """Return the trial of something that is read or changed; what is not there is not there for anybody."""

    def trial(draw: Draw) -> Ask:
        there = draw.memory.erp[kind]
        each = draw.one(there)
        judge = thing(lambda world, actor: each in there and sees(world, actor), keeps if is_change else sees)
        return Ask(judge, {path: each}, body=body() if body else None, version_of=each if is_change else "")

    return trial


def create_erp_system(draw: Draw) -> Ask:
    name = f"erp-{word()}"

    async def effect(_: World, answer: Answer) -> None:
        draw.memory.erp["systems"][answer.content["id"]] = name

    return Ask(keepers, body={"name": name, "kind": "odoo"}, effect=effect, is_local=True)


def _code(draw: Draw) -> dict[str, str]:
    systems = list(draw.memory.erp["systems"].values())
    return {"system": draw.chance.choice(systems) if systems else "nowhere", "code": word(), "place": word()}


def create_erp_reference(draw: Draw) -> Ask:
    body = _code(draw)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not keeps(world, actor):
            return expect(answer, 403)
        return expect(answer, 422) if body["system"] == "nowhere" else served(answer)

    async def effect(_: World, answer: Answer) -> None:
        draw.memory.erp["references"][answer.content["id"]] = body["system"]

    return Ask(judge, body=body, effect=effect, is_local=True)


def import_erp_references(draw: Draw) -> Ask:
    """Of no system: whoever may import is told of each item that there is none, others may not."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not keeps(world, actor):
            return expect(answer, 403)
        if answer.status != 200:
            return expect(answer, 200)
        (item,) = answer.content["items"]
        return None if item["problem"]["code"] == "unknown_erp_system" else f"{item} of no system"

    return Ask(judge, body={"items": [_code(draw) | {"system": "nowhere"}]})


def delete_erp_reference(draw: Draw) -> Ask:
    there = draw.memory.erp["references"]
    reference = draw.one(there)
    judge = thing(lambda world, actor: reference in there and sees(world, actor), keeps)

    async def effect(_: World, __: Answer) -> None:
        there.pop(reference)

    return Ask(judge, {"reference_id": reference}, effect=effect, is_local=True, version_of=reference)


def get_demand_plan_file(draw: Draw) -> Ask:
    plan = draw.seen(draw.world.plans, draw.world.sees_plan)
    form = draw.chance.choice(["csv", "xlsx", "frepple-json"])

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        """No ERP system of the kind is there: who sees the plan is told that, others that there is no plan."""
        if form == "frepple-json" and world.sees_plan(actor, plan):
            return expect(answer, 422)
        return thing(lambda world, actor: world.sees_plan(actor, plan))(world, actor, answer)

    return Ask(judge, {"plan_id": plan, "form": form})


def get_erp_readiness(draw: Draw) -> Ask:
    """Of no system: who sees the plan is told that there is none."""
    plan = draw.seen(draw.world.plans, draw.world.sees_plan)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, 422 if world.sees_plan(actor, plan) else 404)

    return Ask(judge, {"plan_id": plan}, query={"system": "nowhere"})


def _order(draw: Draw) -> dict[str, Any]:
    return {
        "external_reference": {"system": "scope", "id": word()},
        "order_number": word(),
        "product_id": draw.one(draw.memory.products),
        "due_on": draw.memory.ten_days_on,
        "quantity": "2",
    }


def create_confirmed_order(draw: Draw) -> Ask:
    async def effect(_: World, answer: Answer) -> None:
        draw.memory.erp["orders"][answer.content["id"]] = "scope"

    return Ask(keepers, body=_order(draw), effect=effect, is_local=True)


def import_confirmed_orders(draw: Draw) -> Ask:
    """Of an unknown product: whoever may import is told of each item that there is none, others may not."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not keeps(world, actor):
            return expect(answer, 403)
        if answer.status != 200:
            return expect(answer, 200)
        (item,) = answer.content["items"]
        return None if item["problem"]["code"] == "erp_code_unknown" else f"{item} of no product"

    order = _order(draw) | {"item_code": word()}
    del order["product_id"]
    return Ask(judge, body={"items": [order]})


TRIALS: dict[str, Any] = {
    "get_demand_plan_file": get_demand_plan_file,
    "get_erp_readiness": get_erp_readiness,
    "list_erp_systems": listed("systems"),
    "create_erp_system": create_erp_system,
    "get_erp_system": about("systems", "system_id"),
    "change_erp_system": about("systems", "system_id", lambda: {"company": word()}, is_change=True),
    "list_erp_references": listed("references"),
    "export_erp_references": jobs.exporting("forecast", "list_erp_references", listed("references")),
    "create_erp_reference": create_erp_reference,
    "import_erp_references": jobs.also_later("forecast", "import_erp_references", import_erp_references),
    "get_erp_reference": about("references", "reference_id"),
    "change_erp_reference": about("references", "reference_id", lambda: {"code": word()}, is_change=True),
    "list_confirmed_orders": listed("orders"),
    "export_confirmed_orders": jobs.exporting("forecast", "list_confirmed_orders", listed("orders")),
    "create_confirmed_order": create_confirmed_order,
    "import_confirmed_orders": jobs.also_later("forecast", "import_confirmed_orders", import_confirmed_orders),
    "get_confirmed_order": about("orders", "order_id"),
    "change_confirmed_order": about("orders", "order_id", lambda: {"state": "delivered"}, is_change=True),
    "delete_erp_reference": delete_erp_reference,
}
