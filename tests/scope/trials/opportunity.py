"""Opportunities, their funnel, owners and teams."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.scope.asking import (
    Answer,
    Ask,
    Draw,
    Fits,
    batch,
    everybody,
    expect,
    listing,
    roles,
    same,
    served,
    thing,
    word,
)
from tests.scope.rule import Actor, Opportunity, World
from tests.scope.trials import jobs
from tests.scope.trials.every_service import own

REASON = "the lines are made anew"
operations = roles("admin", "sales_operations")


def sees(opportunity: str) -> Fits:
    return lambda world, actor: world.sees_opportunity(actor, opportunity)


def edits(opportunity: str) -> Fits:
    return lambda world, actor: world.may_edit(actor, opportunity)


def closes(opportunity: str) -> Fits:
    return lambda world, actor: world.may_close(actor, opportunity)


def leads(opportunity: str) -> Fits:
    return lambda world, actor: world.leads(actor, opportunity)


def create_opportunity(draw: Draw) -> Ask:
    name, actor = f"Opportunity {word()}", draw.actor
    body: dict[str, Any] = {"name": name, "currency": "USD", "amount": "1000.00"}
    body["expected_close"] = draw.memory.quarters_end
    form = draw.chance.choice(["plain", "customer", "principal"])
    principal = draw.below() if form == "principal" else actor.authority
    customer = draw.customer() if form == "customer" else None
    body |= {"principal_id": principal} if form == "principal" else {}
    body |= {"customer_id": customer} if customer else {}

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        may_name = world.has(actor, "admin", "sales_operations") or world.is_in_line(actor, principal)
        if customer and not world.sees_customer(actor, customer):
            return expect(answer, 422)
        if not may_name:
            return expect(answer, 403)
        told = answer.content.get("code") if answer.status == 422 else None
        return "told that there is no such customer" if told == "unknown_customer" else served(answer)

    async def effect(world: World, answer: Answer) -> None:
        world.opportunities[answer.content["id"]] = Opportunity(name, principal, customer, is_open=True, amount=1000)

    return Ask(judge, body=body, effect=effect)


def move_to_funnel_version(draw: Draw) -> Ask:
    opportunity = draw.opportunity()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        is_there = opportunity in world.opportunities or not world.has(actor, "admin", "sales_operations")
        return operations(world, actor, answer) if is_there else expect(answer, 404)

    return Ask(batch(judge), body={"items": [{"opportunity_id": opportunity, "to_version": 1, "reason": REASON}]})


def _imported(draw: Draw) -> tuple[str, dict[str, Any], Any]:
    name, principal = word(), draw.person()

    async def effect(world: World, answer: Answer) -> None:
        made = answer.content["items"][0]["id"] if "items" in answer.content else answer.content["id"]
        if made is not None:
            world.opportunities[made] = Opportunity(name, principal, None, is_open=True, amount=500)

    return name, {"name": name, "currency": "USD", "amount": "500.00", "principal_id": principal}, effect


def import_opportunities(draw: Draw) -> Ask:
    name, body, effect = _imported(draw)
    item = body | {"external_reference": {"system": "scope", "id": name}}
    return Ask(batch(operations), body={"items": [item]}, effect=effect)


def put_opportunity(draw: Draw) -> Ask:
    name, body, effect = _imported(draw)
    return Ask(operations, {"system": "scope", "external_id": name}, body=body, effect=effect)


def list_opportunities(draw: Draw) -> Ask:
    form = draw.chance.choice(["all", "all", "principal", "customer", "name"])
    principal, customer = draw.below(), draw.customer()
    chosen = draw.world.opportunities.get(draw.opportunity())
    name = chosen.name if chosen else word()

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.opportunities.items()
            if (form != "principal" or known.principal == principal)
            and (form != "customer" or known.customer == customer)
            and (form != "name" or known.name == name)
            and world.sees_opportunity(actor, each)
        }

    queries = {
        "principal": {"principal_id": principal},
        "customer": {"customer_id": customer},
        "name": {"search": name},
    }

    def counted(world: World, actor: Actor, answer: Answer) -> str | None:
        total = len(visible(world, actor))
        is_right = not answer.is_success or answer.content["total"] == str(total)
        return None if is_right else f"counts {answer.content['total']} of {total}"

    query = {"limit": 500, "total": "true"} | queries.get(form, {})
    return Ask(listing(visible), query=query, judge_too=counted, shows=visible)


def reading(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    return Ask(thing(sees(opportunity)), {"opportunity_id": opportunity})


def change_opportunity(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    known = draw.world.opportunities.get(opportunity)
    body = {"name": known.name if known else "nothing", "expected_close": draw.memory.quarters_end}
    judge = thing(sees(opportunity), edits(opportunity))
    return Ask(judge, {"opportunity_id": opportunity}, body=body, version_of=opportunity)


def mark_criterion(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    path = {"opportunity_id": opportunity, "criterion": "budget_known"}
    return Ask(thing(sees(opportunity), edits(opportunity)), path, body={"note": "seen"})


def unmark_criterion(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    path = {"opportunity_id": opportunity, "criterion": "budget_known"}
    return Ask(thing(sees(opportunity), edits(opportunity)), path)


def assign_duty(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    path = {"opportunity_id": opportunity, "criterion": "need_described"}
    return Ask(thing(sees(opportunity), edits(opportunity)), path, body={"due_on": draw.memory.quarters_end})


def withdraw_duty(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    path = {"opportunity_id": opportunity, "criterion": "need_described"}
    return Ask(thing(sees(opportunity), edits(opportunity)), path)


def list_duties(draw: Draw) -> Ask:
    """Whatever duties are listed are of opportunities that the actor sees, whoever owns them."""
    opportunity = draw.opportunity()

    def only_seen(world: World, actor: Actor, answer: Answer) -> str | None:
        if not answer.is_success:
            return served(answer)
        strange = {
            one["opportunity_id"]
            for one in answer.content["items"]
            if not world.sees_opportunity(actor, one["opportunity_id"])
        }
        return f"lists duties of {sorted(strange)}" if strange else None

    query = {"limit": 500} | ({"opportunity_id": opportunity} if draw.either() else {})
    return Ask(only_seen, query=query)


def create_stage_change(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    body = {"to_stage": draw.chance.choice(["find_contact", "confirm_need", "shortlist"]), "reason": REASON}
    if draw.either():
        return Ask(thing(sees(opportunity), edits(opportunity)), {"opportunity_id": opportunity}, body=body)
    body["override_reason"] = REASON
    above = thing(sees(opportunity), lambda world, actor: world.is_superior(actor, opportunity))
    return Ask(above, {"opportunity_id": opportunity}, body=body)


def create_probability_change(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    ratio = draw.chance.choice([None, "0", "0.4", "0.65"])
    body = {"probability": ratio, "reason": REASON}
    return Ask(thing(sees(opportunity), edits(opportunity)), {"opportunity_id": opportunity}, body=body)


def create_outcome(draw: Draw) -> Ask:
    opportunity = draw.opportunity()

    async def effect(world: World, answer: Answer) -> None:
        world.opportunities[opportunity] = replace(world.opportunities[opportunity], is_open=False)

    body = {"outcome": "lost", "loss_reason": "price"}
    judge = thing(sees(opportunity), closes(opportunity))
    return Ask(judge, {"opportunity_id": opportunity}, body=body, effect=effect)


def change_contract(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    judge = thing(sees(opportunity), closes(opportunity))
    return Ask(judge, {"opportunity_id": opportunity}, body={"contract_until": "2999-12-31"})


def create_reopening(draw: Draw) -> Ask:
    closed = {each for each, known in draw.world.opportunities.items() if not known.is_open}
    opportunity = draw.seen(closed, draw.world.sees_opportunity)

    async def effect(world: World, answer: Answer) -> None:
        world.opportunities[opportunity] = replace(world.opportunities[opportunity], is_open=True)

    body = {"to_stage": "find_contact", "reason": REASON}
    judge = thing(sees(opportunity), closes(opportunity))
    return Ask(judge, {"opportunity_id": opportunity}, body=body, effect=effect)


def create_principal_change(draw: Draw) -> Ask:
    opportunity, principal = draw.opportunity(), draw.below()

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        shown = world.sees_opportunity(actor, opportunity)
        if shown and world.opportunities[opportunity].principal == principal and answer.status == 422:
            return None  # they are the principal already
        may = lambda world, actor: world.may_replace(actor, opportunity, principal)  # noqa: E731
        return thing(sees(opportunity), may)(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        world.opportunities[opportunity] = replace(world.opportunities[opportunity], principal=principal)

    body = {"principal_id": principal, "reason": REASON}
    return Ask(judge, {"opportunity_id": opportunity}, body=body, effect=effect)


def add_sales_team_member(draw: Draw) -> Ask:
    opportunity, person = draw.opportunity(), draw.person()
    role = draw.chance.choice(["co_seller", "presales", "delivery"])

    async def effect(world: World, answer: Answer) -> None:
        present = [each for each in answer.content["members"] if each["id"] and not each["until_at"]]
        team = {each["id"]: (each["person_id"], each["role"]) for each in present}
        world.opportunities[opportunity] = replace(world.opportunities[opportunity], team=team)

    judge = thing(sees(opportunity), leads(opportunity))
    return Ask(judge, {"opportunity_id": opportunity}, body={"person_id": person, "role": role}, effect=effect)


def end_sales_team_membership(draw: Draw) -> Ask:
    world = draw.world
    staffed = {each for each, known in world.opportunities.items() if known.team}
    opportunity = draw.seen(staffed, world.sees_opportunity)
    known = world.opportunities.get(opportunity)
    member = draw.one(known.team if known else ())
    strict = thing(sees(opportunity), leads(opportunity))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        wrong = strict(world, actor, answer)
        known = world.opportunities.get(opportunity)
        return None if wrong and answer.status == 404 and known and member not in known.team else wrong

    async def effect(world: World, answer: Answer) -> None:
        team = {each: who for each, who in world.opportunities[opportunity].team.items() if each != member}
        world.opportunities[opportunity] = replace(world.opportunities[opportunity], team=team)

    return Ask(judge, {"opportunity_id": opportunity, "member_id": member}, effect=effect)


def set_splits(draw: Draw) -> Ask:
    opportunity = draw.opportunity()
    known = draw.world.opportunities.get(opportunity)
    body = {"shares": [{"person_id": known.principal if known else draw.person(), "share": "1"}]}
    return Ask(thing(sees(opportunity), leads(opportunity)), {"opportunity_id": opportunity}, body=body)


def adds_up_to(total: str) -> Callable[[Answer, list[int]], bool]:
    def says(answer: Answer, due: list[int]) -> bool:
        told = answer.content[total]
        return (told["count"], Decimal(told["amount"])) == (len(due), Decimal(sum(due)))

    return says


def get_funnel(draw: Draw) -> Ask:
    return report(draw, adds_up_to("open"))


def get_conversion(draw: Draw) -> Ask:
    return report(draw, lambda answer, due: answer.content["cohorts"][0]["count"] == len(due), decided_too=True)


def get_movement(draw: Draw) -> Ask:
    """What stands at the end is what the funnel says; the beginning was before the world."""
    return report(draw, adds_up_to("closing"), from_date="2020-12-31")


def list_moved_opportunities(draw: Draw) -> Ask:
    """What stands at the end in one's own line, or in everything, as far as one sees it."""
    scope = draw.chance.choice(["subtree", "everything"])

    def may(world: World, actor: Actor) -> bool:
        return scope == "subtree" or world.sees_all(actor) or world.has(actor, "marketing", "finance")

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.opportunities.items()
            if known.is_open
            and world.sees_opportunity(actor, each)
            and (scope == "everything" or world.is_in_line(actor, known.principal))
        }

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if not may(world, actor):
            return expect(answer, 403)
        return listing(visible)(world, actor, answer)

    query = {"scope": scope, "part": "closing", "from_date": "2020-12-31", "limit": "500"}
    return Ask(judge, query=query, shows=visible)


def report(draw: Draw, says: Callable[[Answer, list[int]], bool], *, decided_too: bool = False, **more: str) -> Ask:
    scope = draw.chance.choice(["person", "subtree", "subtree", "customer", "everything"])
    person = draw.below() if draw.either() else draw.person(there=False)
    customer = draw.customer()
    query = {"scope": scope} | more
    query |= {"person_id": person} if scope in {"person", "subtree"} else {}
    query |= {"customer_id": customer} if scope == "customer" else {}

    def everything(world: World, actor: Actor) -> bool:
        return world.sees_whole_base(actor)

    def shown(world: World, actor: Actor) -> bool:
        return scope == "everything" or world.sees_report(actor, scope, customer if scope == "customer" else person)

    def counted(world: World, actor: Actor) -> list[int]:
        seen = {
            each
            for each in (world.group_of(customer) if scope == "customer" else ())
            if everything(world, actor) or world.is_in_line(actor, world.customers[each].manager)
        }
        return [
            known.amount
            for known in world.opportunities.values()
            if (known.is_open or decided_too)
            and (scope != "person" or known.principal == person)
            and (scope != "subtree" or known.principal == person or person in world.above(known.principal))
            and (scope != "customer" or known.customer in seen)
        ]

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        may = everything if scope == "everything" else always
        wrong = thing(shown, may)(world, actor, answer)
        if wrong or not answer.is_success:
            return wrong
        due = counted(world, actor)
        return None if says(answer, due) else f"is not about {len(due)} of {sum(due)}: {answer.content}"

    return Ask(judge, query=query)


def _measured(draw: Draw) -> tuple[str, str, dict[str, Any]]:
    kind = draw.chance.choice(["person", "subtree", "subtree", "customer", "everything"])
    if kind == "customer":
        subject = draw.customer()
        return kind, subject, {"scope": kind, "customer_id": subject}
    subject = "" if kind == "everything" else draw.below()
    return kind, subject, {"scope": kind} | ({"person_id": subject} if subject else {})


def set_baseline(draw: Draw) -> Ask:
    kind, subject, scope = _measured(draw)

    async def effect(world: World, answer: Answer) -> None:
        world.baselines[answer.content["id"]] = (kind, subject)

    judge = thing(
        lambda world, actor: kind == "everything" or world.sees_report(actor, kind, subject),
        lambda world, actor: world.may_set_baseline(actor, kind, subject),
    )
    body = scope | {"stage": "shortlist", "count": "3", "from_date": "2999-01-01", "reason": REASON}
    return Ask(judge, body=body, effect=effect, is_local=True)


def list_baselines(draw: Draw) -> Ask:
    kind, subject, scope = _measured(draw)

    def visible(world: World, actor: Actor) -> set[str]:
        return {each for each, of in world.baselines.items() if of == (kind, subject)}

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        may = World.sees_whole_base if kind == "everything" else always
        sees = lambda world, actor: kind == "everything" or world.sees_report(actor, kind, subject)  # noqa: E731
        wrong = thing(sees, may)(world, actor, answer)
        if wrong or not answer.is_success:
            return wrong
        due = visible(world, actor) if world.sees_whole(actor, kind, subject) else set()
        return same(due, {each["id"] for each in answer.content["items"]})

    return Ask(judge, query=scope | {"limit": 500})


def list_health_notices(_: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := served(answer):
            return wrong
        about = {each["person_id"] for each in answer.content["items"]}
        hidden = {each for each in about if not (world.sees_all(actor) or world.is_in_line(actor, each))}
        return f"tells of {sorted(hidden)}" if hidden else None

    return Ask(judge, query={"limit": "500"})


def end_baseline(draw: Draw) -> Ask:
    baseline = draw.seen(
        draw.world.baselines, lambda actor, each: draw.world.sees_whole(actor, *draw.world.baselines[each])
    )

    def sees(world: World, actor: Actor) -> bool:
        return baseline in world.baselines and world.sees_whole(actor, *world.baselines[baseline])

    async def effect(world: World, answer: Answer) -> None:
        world.baselines[answer.content["id"]] = world.baselines[baseline]

    judge = thing(sees, lambda world, actor: world.may_set_baseline(actor, *world.baselines[baseline]))
    body = {"from_date": "2999-01-01", "reason": REASON}
    return Ask(judge, {"baseline_id": baseline}, body=body, effect=effect, is_local=True)


def always(_: World, __: Actor) -> bool:
    return True


def catalogue(draw: Draw) -> Ask:
    return Ask(everybody, {"product_id": draw.one(draw.memory.products), "line_id": draw.one(draw.memory.lines)})


def create_product(draw: Draw) -> Ask:
    return Ask(operations, body=_product(draw))


def _product(draw: Draw) -> dict[str, Any]:
    line = draw.one(draw.memory.lines)
    return {"code": word(), "name": word(), "product_line_id": line, "unit": "pair", "unit_is_whole": True}


def _rate(draw: Draw) -> dict[str, Any]:
    date = f"20{draw.chance.randrange(10, 20)}-01-{draw.chance.randrange(10, 28)}"
    return {"from_currency": "CHF", "to_currency": "SEK", "date": date, "rate": "9.5"}


def _new_line() -> dict[str, Any]:
    return {"name": f"Line {word()}", "external_reference": {"system": "scope", "id": word()}}


def change_product(draw: Draw) -> Ask:
    product = draw.one(draw.memory.products)
    return Ask(operations, {"product_id": product}, body={"name": word()}, version_of=product)


def change_product_line(draw: Draw) -> Ask:
    line = draw.one(draw.memory.lines)
    return Ask(operations, {"line_id": line}, body={"name": f"Line {word()}"}, version_of=line)


def import_products(draw: Draw) -> Ask:
    item = _product(draw) | {"external_reference": {"system": "scope", "id": word()}}
    return Ask(batch(operations), body={"items": [item]})


NEW_FUNNEL = {
    "name": "Two steps",
    "stages": [
        {"key": "talk", "name": "Talk", "task": "Talk with them.", "probability": "0.3"},
        {"key": "done", "name": "Done", "task": "All is agreed.", "probability": "1"},
    ],
}


def drafting(world: World, actor: Actor, answer: Answer) -> str | None:
    """Whoever defines the funnel is told how the draft stands: there may be none, or another than they read."""
    return (
        expect(answer, 200, 201, 404, 409, 412)
        if world.has(actor, "admin", "sales_operations")
        else expect(answer, 403)
    )


def moving_all(world: World, actor: Actor, answer: Answer) -> str | None:
    """Whoever defines the funnel is told that nothing leads from a version to itself: no other is published here."""
    return expect(answer, 422 if world.has(actor, "admin", "sales_operations") else 403)


TRIALS: dict[str, Any] = own("opportunity", "opportunity", lambda world: world.opportunities) | {
    "get_funnel_definition": lambda _: Ask(everybody, {"version": "1"}),
    "create_funnel_calibration": lambda _: Ask(operations, body={}),
    "list_funnel_calibrations": lambda _: Ask(everybody),
    "get_funnel_calibration": lambda draw: Ask(everybody, {"calibration_id": draw.one(draw.memory.calibrations)}),
    "create_probability_choice": lambda _: Ask(operations, body={"source": "stage", "reason": REASON}),
    "list_probability_choices": lambda _: Ask(everybody),
    "list_funnel_definitions": lambda _: Ask(everybody),
    "get_current_funnel_definition": lambda _: Ask(everybody),
    "create_funnel_draft": lambda _: Ask(drafting, body=NEW_FUNNEL),
    "get_funnel_draft": lambda _: Ask(drafting),
    "replace_funnel_draft": lambda _: Ask(drafting, body=NEW_FUNNEL),
    "discard_funnel_draft": lambda _: Ask(drafting),
    "move_to_funnel_version": jobs.also_later(
        "opportunity",
        "move_to_funnel_version",
        move_to_funnel_version,
    ),
    "move_all_to_funnel_version": lambda _: Ask(
        moving_all, {"version": "1"}, body={"from_version": 1, "reason": REASON}
    ),
    "publish_funnel_draft": lambda _: Ask(drafting, body={"draft_version": 0}),
    "list_product_lines": catalogue,
    "get_product_line": catalogue,
    "list_products": catalogue,
    "get_product": catalogue,
    "list_exchange_rates": catalogue,
    "create_product_line": lambda _: Ask(operations, body=_new_line()),
    "import_product_lines": jobs.also_later(
        "opportunity", "import_product_lines", lambda _: Ask(batch(operations), body={"items": [_new_line()]})
    ),
    "change_product_line": change_product_line,
    "create_product": create_product,
    "import_products": jobs.also_later("opportunity", "import_products", import_products),
    "export_products": jobs.exporting("opportunity", "list_products", lambda _: Ask(everybody)),
    "change_product": change_product,
    "set_exchange_rate": lambda draw: Ask(operations, body=_rate(draw)),
    "import_exchange_rates": jobs.also_later(
        "opportunity", "import_exchange_rates", lambda draw: Ask(batch(operations), body={"items": [_rate(draw)]})
    ),
    "export_exchange_rates": jobs.exporting("opportunity", "list_exchange_rates", lambda _: Ask(everybody)),
    "create_opportunity": create_opportunity,
    "import_opportunities": jobs.also_later("opportunity", "import_opportunities", import_opportunities),
    "export_opportunities": jobs.exporting("opportunity", "list_opportunities", list_opportunities),
    "put_opportunity": put_opportunity,
    "list_opportunities": list_opportunities,
    "get_opportunity": reading,
    "change_opportunity": change_opportunity,
    "list_criteria": reading,
    "mark_criterion": mark_criterion,
    "unmark_criterion": unmark_criterion,
    "assign_duty": assign_duty,
    "withdraw_duty": withdraw_duty,
    "list_duties": list_duties,
    "list_stage_history": reading,
    "create_stage_change": create_stage_change,
    "create_probability_change": create_probability_change,
    "list_probability_changes": reading,
    "get_sales_team": reading,
    "add_sales_team_member": add_sales_team_member,
    "end_sales_team_membership": end_sales_team_membership,
    "set_splits": set_splits,
    "list_principals": reading,
    "get_funnel": get_funnel,
    "get_conversion": get_conversion,
    "get_stage_times": lambda draw: report(draw, lambda _, __: True),
    "get_win_rate": lambda draw: report(draw, lambda _, __: True),
    "get_velocity": get_funnel,
    "get_ageing": lambda draw: report(
        draw, lambda answer, due: sum(stage["count"] for stage in answer.content["stages"]) == len(due)
    ),
    "get_movement": get_movement,
    "list_moved_opportunities": list_moved_opportunities,
    "set_baseline": set_baseline,
    "list_baselines": list_baselines,
    "end_baseline": end_baseline,
    "list_health_notices": list_health_notices,
    "create_outcome": create_outcome,
    "change_contract": change_contract,
    "create_reopening": create_reopening,
    "create_principal_change": create_principal_change,
}
