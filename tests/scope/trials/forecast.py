"""Cycles, seats, forecasts and demand plans."""

from typing import Any

from servicekit.values.ids import new_id
from tests.scope.asking import (
    Answer,
    Ask,
    Draw,
    Fits,
    everybody,
    expect,
    listing,
    roles,
    same,
    served,
    thing,
    word,
)
from tests.scope.rule import Actor, Seat, World
from tests.scope.trials import jobs
from tests.scope.trials.every_service import own

REASON = "the lines are made anew"
MOST_CYCLES = 4
MEASURING_BY_ORDERS = ("admin", "sales_operations", "auditor", "marketing")
operations = roles("admin", "sales_operations")


def sees(seat: str) -> Fits:
    return lambda world, actor: world.sees_seat(actor, seat)


def holds(seat: str) -> Fits:
    return lambda world, actor: world.seats[seat].holder == actor.authority


def frozen(world: World, heads: list[str]) -> dict[str, list[str]]:
    """Return who takes part below the heads, each with the superiors who are there, the nearest first."""
    people = {}
    for person, known in world.people.items():
        if not known.is_there or known.is_machine:
            continue
        line = [person, *(each for each in world.above(person) if world.people[each].is_there)]
        highest = max((place for place, each in enumerate(line) if each in heads), default=None)
        if highest is not None:
            people[person] = line[1 : highest + 1]
    return people


def seats_due(world: World, cycle: str, heads: list[str], listed: list[dict[str, Any]]) -> dict[str, Seat]:
    """Return the seats of a cycle that has just opened, checked against the reporting line."""
    lines = frozen(world, heads)
    seat_of = {each["person_id"]: each["id"] for each in listed}
    assert set(seat_of) == set(lines), f"{set(seat_of) ^ set(lines)} sit or do not sit in the cycle"
    superior = {each["person_id"]: each["superior_seat_id"] for each in listed}
    for person, line in lines.items():
        assert superior[person] == (seat_of[line[0]] if line else None), f"{person} sits below {superior[person]}"
    return {
        seat_of[person]: Seat(cycle, person, tuple(seat_of[each] for each in line), world.units.get(person))
        for person, line in lines.items()
    }


def create_forecast_cycle(draw: Draw) -> Ask:
    body = {
        "name": f"Cycle {word()}",
        "period": {"kind": "quarter", "start": draw.memory.quarter},
        "currency": "USD",
        "head_ids": [draw.person()],
    }

    async def effect(world: World, answer: Answer) -> None:
        world.cycles[answer.content["id"]] = False

    return Ask(operations, body=body, effect=effect)


def open_forecast_cycle(draw: Draw) -> Ask:
    """Opening one that is open already, or is not there: opened in earnest are those that the world begins with."""
    cycle = draw.cycle()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        may = world.has(actor, "admin", "sales_operations")
        return expect(answer, 409) if may else expect(answer, 403)

    return Ask(judge, {"cycle_id": cycle})


def list_forecast_cycles(_: Draw) -> Ask:
    """Cycles are announced to everybody; who sits in them and what they say is not."""

    def visible(world: World, _: Actor) -> set[str]:
        return set(world.cycles)

    return Ask(listing(visible), query={"limit": 500}, shows=visible)


def in_cycle(draw: Draw) -> Ask:
    return Ask(everybody, {"cycle_id": draw.cycle()})


def list_seats(draw: Draw) -> Ask:
    cycle = draw.cycle()

    def visible(world: World, actor: Actor) -> set[str]:
        return {seat for seat in world.seats_of(cycle) if world.sees_seat(actor, seat)}

    return Ask(listing(visible), {"cycle_id": cycle}, query={"limit": 500})


def get_roll_up(draw: Draw) -> Ask:
    cycle = draw.cycle()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        due = {seat for seat in world.seats_of(cycle) if world.sees_seat(actor, seat)}
        levels = answer.content["levels"]
        for level in levels:
            if level["state"] == "draft" and level["result"] is not None and level["person_id"] != actor.authority:
                return f"shows the draft of {level['person_id']}"
        return same(due, {each["seat_id"] for each in levels})

    return Ask(judge, {"cycle_id": cycle})


def of_seats(draw: Draw) -> Ask:
    """A list that tells of some of the seats of a cycle, each of which its reader may see."""
    cycle = draw.cycle()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        leaked = [each["seat_id"] for each in answer.content["items"] if not world.sees_seat(actor, each["seat_id"])]
        return f"shows {leaked}" if leaked else None

    return Ask(judge, {"cycle_id": cycle}, query={"limit": 500})


def list_forecast_snapshots(draw: Draw) -> Ask:
    cycle = draw.cycle()

    def visible(world: World, actor: Actor) -> set[str]:
        return {seat for seat in world.seats_of(cycle) if world.sees_seat(actor, seat)}

    return Ask(listing(visible, "seat_id"), {"cycle_id": cycle}, query={"limit": 500})


def list_forecast_tops(draw: Draw) -> Ask:
    cycle = draw.cycle()

    def visible(world: World, actor: Actor) -> set[str]:
        tops = {seat for seat, known in world.seats_of(cycle).items() if not known.above}
        return {seat for seat in tops if world.sees_seat(actor, seat)}

    return Ask(listing(visible, "seat_id"), {"cycle_id": cycle}, query={"limit": 500})


def list_unit_forecasts(draw: Draw) -> Ask:
    """Units are told of to who heads them, and to roles that see every seat."""
    cycle = draw.cycle()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        units = {known.unit for known in world.seats_of(cycle).values() if not known.above}
        if not (world.sees_all(actor) or world.has(actor, "marketing")):
            units = {unit for unit in units if unit is not None and world.heads.get(unit) == actor.authority}
        shown = {each["unit_id"] for each in answer.content["items"]}
        return f"shows {shown} and not {units}" if shown != units else None

    return Ask(judge, {"cycle_id": cycle})


def looking_back(draw: Draw) -> Ask:
    cycle = draw.cycle()
    seat = draw.seat(cycle)
    return Ask(thing(sees(seat)), {"cycle_id": cycle, "seat_id": seat})


def list_missing_forecasts(draw: Draw) -> Ask:
    cycle = draw.cycle()
    seat = draw.seat(cycle)
    if draw.either():
        return of_seats(draw)
    return Ask(thing(sees(seat)), {"cycle_id": cycle}, query={"below_seat_id": seat})


def suggest_figures(draw: Draw) -> Ask:
    """Asked for as of a day that is too late: figures that are made in earnest are looked at elsewhere."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, 422 if world.has(actor, "admin", "sales_operations") else 403)

    return Ask(judge, {"cycle_id": draw.cycle()}, body={"as_of": "2999-01-01"})


def get_forecast_progress(draw: Draw) -> Ask:
    """What is counted is the part below a seat that one sees, or all that one sees."""
    cycle = draw.cycle()
    seat = draw.seat(cycle) if draw.either() else None

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if seat and not world.sees_seat(actor, seat):
            return expect(answer, 404)
        if wrong := expect(answer, 200):
            return wrong
        part = [each for each in world.seats_of(cycle) if seat and seat in world.seats[each].above]
        due = len(part if seat else [each for each in world.seats_of(cycle) if world.sees_seat(actor, each)])
        counted = answer.content["seats"]
        return f"counts {counted} seats of {due}" if counted != due else None

    return Ask(judge, {"cycle_id": cycle}, query={"seat_id": seat} if seat else {})


def list_seat_accuracy(draw: Draw) -> Ask:
    """Without a seat: all that are seen; with one that is seen: those of it and below that are."""
    cycle = draw.cycle()
    seat = draw.seat(cycle) if draw.either() else None

    def visible(world: World, actor: Actor) -> set[str]:
        part = {each for each, known in world.seats_of(cycle).items() if seat in (None, each, *known.above)}
        return {each for each in part if world.sees_seat(actor, each)}

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if seat and not world.sees_seat(actor, seat):
            return expect(answer, 404)
        return listing(visible)(world, actor, answer)

    return Ask(judge, {"cycle_id": cycle}, query={"limit": 500} | ({"seat_id": seat} if seat else {}))


def list_product_accuracy(draw: Draw) -> Ask:
    """Of the part below a seat, to who sees that seat; what it adds up is the seats' own (see the tests of it).

    By orders it is of the whole line, to who sees that and orders.
    """
    cycle = draw.cycle()
    if draw.either():
        return Ask(roles(*MEASURING_BY_ORDERS), {"cycle_id": cycle}, query={"actuals": "orders"})
    seat = draw.seat(cycle)
    return Ask(thing(sees(seat)), {"cycle_id": cycle}, query={"seat_id": seat})


def get_forecast_track(draw: Draw) -> Ask:
    """Of a seat to who sees it; without one, of the whole line to who sees it whole, else of the own seat."""
    cycle = draw.cycle()
    if draw.either():
        seat = draw.seat(cycle)
        return Ask(thing(sees(seat)), {"cycle_id": cycle}, query={"seat_id": seat})

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        is_whole = world.sees_all(actor) or world.has(actor, "marketing")
        if not is_whole and not world.holds_seat(actor.authority, cycle):
            return expect(answer, 403)
        if wrong := expect(answer, 200):
            return wrong
        shown = answer.content["seat_id"]
        return None if (shown is None) == is_whole else f"shows the track of {shown or 'the whole line'}"

    return Ask(judge, {"cycle_id": cycle})


def get_forecast_accuracy(draw: Draw) -> Ask:
    """It tells how many seats it is about: as many as are seen; by orders to who sees all, and orders."""
    cycle = draw.cycle()
    by_orders = draw.either()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if by_orders and not world.has(actor, *MEASURING_BY_ORDERS):
            return expect(answer, 403)
        if wrong := expect(answer, 200):
            return wrong
        states = ("in_time", "returned", "late", "missing")
        told = sum(level[state] for level in answer.content["levels"] for state in states)
        due = sum(world.sees_seat(actor, seat) for seat in world.seats_of(cycle))
        return None if told == due else f"is about {told} seats where {due} are seen"

    return Ask(judge, {"cycle_id": cycle}, query={"actuals": "orders"} if by_orders else {})


def list_candidates(draw: Draw) -> Ask:
    cycle = draw.cycle()
    seat = draw.seat(cycle) if draw.either() else None

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if seat and not world.sees_seat(actor, seat):
            return expect(answer, 404)
        if not seat and not world.holds_seat(actor.authority, cycle):
            return expect(answer, 403)
        if wrong := served(answer):
            return wrong
        holder = world.seats[seat].holder if seat else actor.authority
        theirs = {each for each, known in world.opportunities.items() if known.principal == holder}
        others = {each["id"] for each in answer.content["items"]} - theirs
        return f"shows {others}, which are not {holder}'s" if others else None

    return Ask(judge, {"cycle_id": cycle}, query={"limit": 500} | ({"seat_id": seat} if seat else {}))


def confirm_opportunity(draw: Draw) -> Ask:
    cycle = draw.cycle()
    own = [each for each, known in draw.world.opportunities.items() if known.principal == draw.actor.authority]
    opportunity = draw.one(own) if own and draw.either() else draw.opportunity()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        known = world.opportunities.get(opportunity)
        if known is None:
            return expect(answer, 404)
        if known.principal == actor.authority:
            return served(answer) if world.holds_seat(actor.authority, cycle) else expect(answer, 403, 409, 422)
        seats = [seat for seat, each in world.seats_of(cycle).items() if each.holder == known.principal]
        shown = world.sees_opportunity(actor, opportunity) or any(world.sees_seat(actor, seat) for seat in seats)
        return expect(answer, 403, 404) if shown else expect(answer, 404)

    version = draw.memory.versions.get(opportunity, 1)
    body = {"opportunity_id": opportunity, "opportunity_version": version, "category": "commit"}
    return Ask(judge, {"cycle_id": cycle}, body=body)


def gather_forecast(draw: Draw) -> Ask:
    cycle = draw.cycle()
    seat = draw.seat(cycle) if draw.either() else None

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if seat:
            return thing(sees(seat), holds(seat))(world, actor, answer)
        return served(answer) if world.holds_seat(actor.authority, cycle) else expect(answer, 403)

    return Ask(judge, {"cycle_id": cycle}, body={"seat_id": seat} if seat else None)


def list_forecasts(draw: Draw) -> Ask:
    cycle = draw.cycle()
    present = dict(draw.memory.records)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := expect(answer, 200):
            return wrong
        if answer.content["next"]:
            return "more than a page: the world has grown too large to be judged"
        items = {each["id"]: each["seat_id"] for each in answer.content["items"]}
        leaked = [each for each, seat in items.items() if not world.sees_seat(actor, seat)]
        visible = {seat for seat in world.seats_of(cycle) if world.sees_seat(actor, seat)}
        missing = {record for record, seat in present.items() if seat in visible} - set(items)
        return f"shows {leaked} and lacks {missing}" if leaked or missing else None

    return Ask(judge, query={"cycle_id": cycle, "limit": 500})


def get_customer_forecast(draw: Draw) -> Ask:
    """Whoever asks is answered, with nothing but what stands on the seats that they see (see the tests of it)."""
    return Ask(everybody, {"customer_id": draw.customer()})


def get_forecast(draw: Draw) -> Ask:
    record = draw.record()
    seat = draw.memory.records.get(record, "")

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        wrong = thing(sees(seat))(world, actor, answer)
        if wrong or not answer.is_success:
            return wrong
        told = answer.content
        is_others = told["state"] == "draft" and world.seats[seat].holder != actor.authority
        return "shows the figures of another's draft" if is_others and told["result"] is not None else None

    return Ask(judge, {"forecast_id": record})


def list_forecast_lines(draw: Draw) -> Ask:
    record = draw.record()
    return Ask(thing(sees(draw.memory.records.get(record, ""))), {"forecast_id": record})


def working(body: Any = None, *, on_adjustment: bool = False) -> Any:
    """Return the trial of what only the holder of a seat does."""

    def trial(draw: Draw) -> Ask:
        record = draw.record()
        seat = draw.memory.records.get(record, "")
        strict = thing(sees(seat), holds(seat))

        def judge(world: World, actor: Actor, answer: Answer) -> str | None:
            wrong = strict(world, actor, answer)
            is_theirs = seat in world.seats and world.seats[seat].holder == actor.authority
            return None if wrong and on_adjustment and is_theirs and answer.status == 404 else wrong

        path = {"forecast_id": record}
        path |= {"adjustment_id": draw.one(draw.memory.adjustments.get(record, ()))} if on_adjustment else {}
        return Ask(judge, path, body=body() if body else None)

    return trial


def deciding(body: Any) -> Any:
    """Return the trial of what a superior does with a forecast."""

    def trial(draw: Draw) -> Ask:
        record = draw.record()
        seat = draw.memory.records.get(record, "")
        judge = thing(sees(seat), lambda world, actor: world.may_decide(actor, seat))
        return Ask(judge, {"forecast_id": record}, body=body)

    return trial


def add_seat(draw: Draw) -> Ask:
    cycle, person = draw.cycle(), draw.person()
    superior = draw.below() if draw.either() else draw.actor.authority

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        held = [seat for seat, known in world.seats_of(cycle).items() if known.holder == superior]
        if not any(world.sees_seat(actor, seat) for seat in held):
            return expect(answer, 422)
        lines = [(seat, *world.seats[seat].above) for seat in held]
        if any(world.decides_on_seats(actor, line, {person}) for line in lines):
            return served(answer)
        return expect(answer, 403)

    async def effect(world: World, answer: Answer) -> None:
        above = answer.content["superior_seat_id"]
        line = (above, *world.seats[above].above)
        world.seats[answer.content["id"]] = Seat(cycle, person, line, answer.content["business_unit_id"])

    body = {"person_id": person, "superior_id": superior, "reason": REASON}
    return Ask(judge, {"cycle_id": cycle}, body=body, effect=effect)


def pass_seat(draw: Draw) -> Ask:
    cycle = draw.cycle()
    seat, successor = draw.seat(cycle), draw.person()

    def may(world: World, actor: Actor) -> bool:
        known = world.seats[seat]
        gains = {successor} & {actor.person} if actor.behalf else set()
        return world.decides_on_seats(actor, known.above, {known.holder} | gains)

    async def effect(world: World, answer: Answer) -> None:
        known = world.seats[seat]
        world.seats[seat] = Seat(known.cycle, successor, known.above, known.unit)

    body = {"successor_id": successor, "reason": REASON}
    return Ask(thing(sees(seat), may), {"cycle_id": cycle, "seat_id": seat}, body=body, effect=effect)


def publish_demand_plan(draw: Draw) -> Ask:
    cycle = draw.cycle()

    async def effect(world: World, answer: Answer) -> None:
        world.plans[answer.content["id"]] = cycle
        world.plan_lines |= {line["id"]: answer.content["id"] for line in answer.content["lines"]}

    return Ask(roles("marketing", "sales_operations", "admin"), {"cycle_id": cycle}, effect=effect)


def list_demand_plans(draw: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {plan for plan in world.plans if world.sees_plan(actor, plan)}

    return Ask(listing(visible), query={"limit": 500})


def in_plan(draw: Draw) -> Ask:
    plan = draw.seen(draw.world.plans, draw.world.sees_plan)
    return Ask(thing(lambda world, actor: world.sees_plan(actor, plan)), {"plan_id": plan})


def on_plan_line(draw: Draw) -> Ask:
    """Who sees a plan is told of what its figures consist; whose it is only who sees the forecasts (`leaks`)."""
    world = draw.world
    line = draw.seen(world.plan_lines, lambda actor, line: world.sees_plan(actor, world.plan_lines[line]))
    plan = world.plan_lines.get(line, line)
    path = {"plan_id": plan, "plan_line_id": line}
    return Ask(thing(lambda world, actor: world.sees_plan(actor, plan)), path)


def answering(body: Any) -> Any:
    """Return the trial of what an ERP says of a plan; who is no program and sees the plan may not."""

    def trial(draw: Draw) -> Ask:
        plan = draw.seen(draw.world.plans, draw.world.sees_plan)

        async def effect(world: World, answer: Answer) -> None:
            handover = answer.content["handover"]
            world.handovers[handover["id"]] = handover["receiver_id"]

        judge = thing(lambda world, actor: world.sees_plan(actor, plan), lambda world, actor: world.takes_plans(actor))
        return Ask(judge, {"plan_id": plan}, body=body(), effect=effect, is_local=True)

    return trial


def line_answers() -> dict[str, Any]:
    return {"answers": [{"line_id": str(new_id()), "verdict": "acknowledged"}]}


def list_handovers(_: Draw) -> Ask:
    def visible(world: World, actor: Actor) -> set[str]:
        return {handover for handover in world.handovers if world.sees_handover(actor, handover)}

    return Ask(listing(visible), query={"limit": 500})


def telling_now(draw: Draw) -> Ask:
    handover = draw.seen(draw.world.handovers, draw.world.sees_handover)
    judge = thing(
        lambda world, actor: world.sees_handover(actor, handover),
        lambda world, actor: world.has(actor, "production_planner", "sales_operations", "admin"),
    )
    return Ask(judge, {"handover_id": handover})


def in_handover(draw: Draw) -> Ask:
    handover = draw.seen(draw.world.handovers, draw.world.sees_handover)
    return Ask(thing(lambda world, actor: world.sees_handover(actor, handover)), {"handover_id": handover})


def adjustment() -> dict[str, Any]:
    return {"mode": "delta", "value": "-10.00", "reason": REASON}


TRIALS: dict[str, Any] = own("forecast", "forecast", lambda world: world.cycles) | {
    "list_forecast_cycles": list_forecast_cycles,
    "export_forecast_cycles": jobs.exporting("forecast", "list_forecast_cycles", list_forecast_cycles),
    "get_forecast_cycle": in_cycle,
    "list_frozen_rates": in_cycle,
    "create_forecast_cycle": create_forecast_cycle,
    "open_forecast_cycle": open_forecast_cycle,
    "list_seats": list_seats,
    "list_candidates": list_candidates,
    "confirm_opportunity": confirm_opportunity,
    "gather_forecast": gather_forecast,
    "list_forecasts": list_forecasts,
    "get_roll_up": get_roll_up,
    "list_missing_forecasts": list_missing_forecasts,
    "get_forecast_progress": get_forecast_progress,
    "list_forecast_reminders": of_seats,
    "get_forecast_accuracy": get_forecast_accuracy,
    "list_product_accuracy": list_product_accuracy,
    "list_suggested_revisions": list_seats,
    "get_forecast_track": get_forecast_track,
    "list_seat_accuracy": list_seat_accuracy,
    "suggest_figures": suggest_figures,
    "list_suggestions": in_cycle,
    "list_suggested_figures": of_seats,
    "list_forecast_snapshots": list_forecast_snapshots,
    "list_forecast_tops": list_forecast_tops,
    "list_unit_forecasts": list_unit_forecasts,
    "list_forecast_history": looking_back,
    "get_forecast_movement": looking_back,
    "get_forecast": get_forecast,
    "get_customer_forecast": get_customer_forecast,
    "confirm_adjustment": working(on_adjustment=True),
    "withdraw_adjustment": working(on_adjustment=True),
    "adjust_forecast": working(adjustment),
    "approve_forecast": deciding({}),
    "submit_forecast": working(),
    "list_forecast_lines": list_forecast_lines,
    "return_forecast": deciding({"comment": REASON}),
    "add_seat": add_seat,
    "pass_seat": pass_seat,
    "publish_demand_plan": publish_demand_plan,
    "list_demand_plans": list_demand_plans,
    "get_demand_plan": in_plan,
    "list_demand_plan_lines": in_plan,
    "trace_demand_plan_line": on_plan_line,
    "list_demand_plan_line_parts": on_plan_line,
    "acknowledge_demand_plan": answering(dict),
    "answer_demand_plan_lines": answering(line_answers),
    "list_demand_plan_handovers": list_handovers,
    "get_demand_plan_handover": in_handover,
    "tell_demand_plan_handover": telling_now,
    "list_demand_plan_handover_lines": in_handover,
    "list_demand_plan_answers": in_handover,
}
