"""Sources of forecasts, and what they say."""

from typing import Any

from tests.scope.asking import Answer, Ask, Draw, batch, expect, listing, only, served, thing, word
from tests.scope.rule import Actor, World

SOME_QUANTITIES = 1000


def source_in(draw: Draw) -> str:
    return draw.seen(draw.world.sources, draw.world.sees_source)


def list_forecast_sources(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {source for source in world.sources if world.sees_source(actor, source)}

    return Ask(listing(visible), query={"limit": 500})


def _new(draw: Draw) -> dict[str, Any]:
    unit = draw.one({unit for unit, _ in draw.world.sources.values()})
    return {"business_unit_id": unit, "name": f"Source {word()}", "kind": "web_shop", "responsible_id": draw.person()}


def create_forecast_source(draw: Draw) -> Ask:
    body = _new(draw)

    async def effect(world: World, answer: Answer) -> None:
        world.sources[answer.content["id"]] = (body["business_unit_id"], body["responsible_id"])

    judge = only(lambda world, actor: world.keeps_forecasts_of(actor, body["business_unit_id"]))
    return Ask(judge, body=body, effect=effect)


def import_forecast_sources(draw: Draw) -> Ask:
    body = _new(draw)

    async def effect(world: World, answer: Answer) -> None:
        (item,) = answer.content["items"]
        if item["id"]:
            world.sources[item["id"]] = (body["business_unit_id"], body["responsible_id"])

    judge = only(lambda world, actor: world.keeps_forecasts_of(actor, body["business_unit_id"]))
    items = [body | {"external_reference": {"system": "trial", "id": word()}}]
    return Ask(batch(judge), body={"items": items}, effect=effect)


def in_source(draw: Draw) -> Ask:
    source = source_in(draw)
    return Ask(thing(lambda world, actor: world.sees_source(actor, source)), {"source_id": source})


def _kept(source: str) -> Any:
    return thing(
        lambda world, actor: world.sees_source(actor, source),
        lambda world, actor: world.keeps_forecasts_of(actor, world.sources[source][0]),
    )


def change_forecast_source(draw: Draw) -> Ask:
    source = source_in(draw)
    return Ask(_kept(source), {"source_id": source}, body={"name": f"Source {word()}"}, version_of=source)


def close_forecast_source(draw: Draw) -> Ask:
    source = source_in(draw)
    return Ask(_kept(source), {"source_id": source})


def list_channel_forecasts(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {said for said, source in world.said.items() if world.sees_source(actor, source)}

    return Ask(listing(visible), query={"limit": 500})


def in_forecast(draw: Draw) -> Ask:
    def sees(actor: Actor, said: str) -> bool:
        return draw.world.sees_source(actor, draw.world.said[said])

    said = draw.seen(draw.world.said, sees)
    judge = thing(lambda world, actor: said in world.said and world.sees_source(actor, world.said[said]))
    return Ask(judge, {"channel_forecast_id": said})


def _saying(draw: Draw, source: str) -> dict[str, Any]:
    quantity = str(draw.chance.randrange(SOME_QUANTITIES))
    line = {"product_line_id": draw.one(draw.memory.lines), "month": draw.memory.quarter, "quantity": quantity}
    return {"source_id": source, "cycle_id": draw.cycle(), "lines": [line]}


def _entered(source: str) -> Any:
    return thing(
        lambda world, actor: world.sees_source(actor, source), lambda world, actor: world.enters_for(actor, source)
    )


def submit_channel_forecast(draw: Draw) -> Ask:
    source = source_in(draw)

    async def effect(world: World, answer: Answer) -> None:
        world.said[answer.content["id"]] = source

    return Ask(_entered(source), body=_saying(draw, source), effect=effect)


def import_channel_forecasts(draw: Draw) -> Ask:
    source = source_in(draw)

    async def effect(world: World, answer: Answer) -> None:
        (item,) = answer.content["items"]
        if item["id"]:
            world.said[item["id"]] = source

    return Ask(batch(_entered(source)), body={"items": [_saying(draw, source)]}, effect=effect)


def comparison_in(draw: Draw) -> str:
    return draw.seen(draw.world.comparisons, draw.world.sees_comparison)


def list_forecast_comparisons(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {each for each in world.comparisons if world.sees_comparison(actor, each)}

    return Ask(listing(visible), query={"limit": 500})


def gather_forecast_comparison(draw: Draw) -> Ask:
    unit = draw.one({unit for unit, _ in draw.world.sources.values()})

    async def effect(world: World, answer: Answer) -> None:
        world.comparisons[answer.content["id"]] = unit

    body = {"cycle_id": draw.cycle(), "business_unit_id": unit}
    return Ask(only(lambda world, actor: world.keeps_forecasts_of(actor, unit)), body=body, effect=effect)


def in_comparison(draw: Draw) -> Ask:
    comparison = comparison_in(draw)
    judge = thing(lambda world, actor: world.sees_comparison(actor, comparison))
    return Ask(judge, {"comparison_id": comparison})


def decide_compared_lines(draw: Draw) -> Ask:
    """One's own forecast is judged by others only, whatever the cycle: who holds a top is judged for theirs alone."""
    comparison = comparison_in(draw)
    line = {"product_line_id": draw.one(draw.memory.lines), "month": draw.memory.quarter}
    body = {"version": 1, "decisions": [line | {"choice": "sales", "reason": "as it is"}]}

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not world.sees_comparison(actor, comparison):
            return expect(answer, 404)
        if world.decides_comparison(actor, comparison):
            return served(answer)
        may_in_another_cycle = world.keeps_forecasts_of(actor, world.comparisons[comparison])
        return None if may_in_another_cycle else expect(answer, 403)

    return Ask(judge, {"comparison_id": comparison}, body=body)


def set_comparison_tolerance(draw: Draw) -> Ask:
    comparison = comparison_in(draw)
    judge = thing(
        lambda world, actor: world.sees_comparison(actor, comparison),
        lambda world, actor: world.keeps_forecasts_of(actor, world.comparisons[comparison]),
    )
    body = {"version": 1, "tolerance": "0.25", "reason": "as it is"}
    return Ask(judge, {"comparison_id": comparison}, body=body)


TRIALS: dict[str, Any] = {
    "list_forecast_comparisons": list_forecast_comparisons,
    "gather_forecast_comparison": gather_forecast_comparison,
    "get_forecast_comparison": in_comparison,
    "list_compared_lines": in_comparison,
    "decide_compared_lines": decide_compared_lines,
    "list_comparison_decisions": in_comparison,
    "set_comparison_tolerance": set_comparison_tolerance,
    "list_forecast_sources": list_forecast_sources,
    "create_forecast_source": create_forecast_source,
    "import_forecast_sources": import_forecast_sources,
    "get_forecast_source": in_source,
    "change_forecast_source": change_forecast_source,
    "close_forecast_source": close_forecast_source,
    "list_channel_forecasts": list_channel_forecasts,
    "submit_channel_forecast": submit_channel_forecast,
    "import_channel_forecasts": import_channel_forecasts,
    "get_channel_forecast": in_forecast,
    "list_channel_forecast_lines": in_forecast,
}
