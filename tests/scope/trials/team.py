"""The directory, and who decides about it."""

from dataclasses import replace

import httpx

from tests.scope.asking import Answer, Ask, Draw, Judge, batch, everybody, expect, only, roles, served, word
from tests.scope.rule import Actor, Person, StandIn, World
from tests.scope.trials import jobs
from tests.scope.trials.every_service import own, reads_trail

REASON = "the line is made anew"
admin = roles("admin")
keepers = roles("admin", "sales_operations")


def not_on_oneself(person: str) -> Judge:
    return only(lambda world, actor: world.has(actor, "admin") and person not in actor.persons)


def reads_decisions(person: str) -> Judge:
    """Why somebody got another superior is between them, those above them, and who administers or audits."""
    return only(lambda world, actor: reads_trail(world, actor) or world.is_in_line(actor, person))


def create_person(draw: Draw) -> Ask:
    name = word()

    async def effect(world: World, answer: Answer) -> None:
        world.people[answer.content["id"]] = Person(name)

    return Ask(admin, body={"name": name}, effect=effect)


def create_person_batch(draw: Draw) -> Ask:
    name = word()

    async def effect(world: World, answer: Answer) -> None:
        for item in answer.content["items"]:
            if item["outcome"] == "created":
                world.people[item["id"]] = Person(name)

    item = {"name": name, "external_reference": {"system": "scope", "id": name}}
    return Ask(batch(admin), body={"items": [item]}, effect=effect)


def put_person(draw: Draw) -> Ask:
    name = word()

    async def effect(world: World, answer: Answer) -> None:
        world.people[answer.content["id"]] = Person(name)

    return Ask(admin, {"system": "scope", "external_id": name}, body={"name": name}, effect=effect)


def change_person(draw: Draw) -> Ask:
    person = draw.person()
    return Ask(admin, {"person_id": person}, body={"title": f"Senior {word()}"}, version_of=person)


def create_credentials(draw: Draw) -> Ask:
    body = {"username": f"user.{word()}", "password": f"a long one for {word()}"}
    return Ask(admin, {"person_id": draw.person()}, body=body)


def create_role_change(draw: Draw) -> Ask:
    person = draw.person()
    role = draw.chance.choice(["finance", "production_planner", "auditor", "marketing"])
    change = "withdrawn" if role in draw.world.people[person].roles else "granted"

    async def effect(world: World, answer: Answer) -> None:
        held = world.people[person].roles
        held = held - {role} if change == "withdrawn" else held | {role}
        world.people[person] = replace(world.people[person], roles=held)

    body = {"role": role, "change": change, "reason": REASON}
    return Ask(not_on_oneself(person), {"person_id": person}, body=body, effect=effect)


def create_superior_change(draw: Draw) -> Ask:
    person, superior = draw.person(), draw.person()

    async def effect(world: World, answer: Answer) -> None:
        world.superior[person] = superior

    body = {"superior_id": superior, "reason": REASON}
    return Ask(not_on_oneself(person), {"person_id": person}, body=body, effect=effect)


def create_departure(draw: Draw) -> Ask:
    person = draw.person()
    leaves_today = draw.chance.random() < 0.4

    async def effect(world: World, answer: Answer) -> None:
        if leaves_today:
            world.people[person] = replace(world.people[person], is_there=False)

    body = {"on": draw.memory.today if leaves_today else draw.memory.ten_days_on}
    return Ask(not_on_oneself(person), {"person_id": person}, body=body, effect=effect)


def create_business_unit(draw: Draw) -> Ask:
    head = draw.person()

    async def effect(world: World, answer: Answer) -> None:
        world.heads[answer.content["id"]] = head

    return Ask(admin, body={"name": f"Unit {word()}", "head_id": head}, effect=effect)


def create_business_unit_batch(draw: Draw) -> Ask:
    item = {"name": f"Unit {word()}", "external_reference": {"system": "scope", "id": word()}}
    return Ask(batch(admin), body={"items": [item]})


def put_business_unit(draw: Draw) -> Ask:
    return Ask(admin, {"system": "scope", "external_id": word()}, body={"name": f"Unit {word()}"})


def change_business_unit(draw: Draw) -> Ask:
    unit, head = draw.one(draw.world.heads), draw.person()

    async def effect(world: World, answer: Answer) -> None:
        world.heads[unit] = head

    return Ask(admin, {"unit_id": unit}, body={"head_id": head}, version_of=unit, effect=effect)


def create_stand_in(draw: Draw) -> Ask:
    person = draw.below() if draw.either() else draw.actor.authority
    if not draw.world.people[person].is_there or draw.world.people[person].is_machine:
        person = draw.person()
    known = draw.world.people
    others = (each for each in known if each != person and known[each].is_there and not known[each].is_machine)
    stand_in = draw.one(others)
    is_today = draw.either()

    def may(world: World, actor: Actor) -> bool:
        if actor.behalf is not None or actor.person == stand_in:
            return False
        return actor.person == person or actor.person in world.above(person) or world.has(actor, "admin")

    async def effect(world: World, answer: Answer) -> None:
        world.stand_ins[answer.content["id"]] = StandIn(person, stand_in, is_today)

    day = draw.memory.today if is_today else draw.memory.ten_days_on
    body = {"person_id": person, "stand_in_id": stand_in, "from_date": day, "until_date": draw.memory.quarters_end}
    return Ask(only(may), body=body, effect=effect)


def create_stand_in_ending(draw: Draw) -> Ask:
    ending = draw.one(draw.world.stand_ins)
    concerned = draw.world.stand_ins.get(ending)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if concerned is None:
            return expect(answer, 404)
        people = {concerned.person, concerned.stand_in, *world.above(concerned.person)}
        may = actor.behalf is None and (actor.person in people or world.has(actor, "admin"))
        return served(answer) if may else expect(answer, 403)

    async def effect(world: World, answer: Answer) -> None:
        world.stand_ins.pop(ending, None)

    return Ask(judge, {"stand_in_id": ending}, body={}, effect=effect)


def create_machine_client(draw: Draw) -> Ask:
    name, scopes = word(), ["customer:read", "forecast:read"]

    async def effect(world: World, answer: Answer) -> None:
        world.people[answer.content["id"]] = Person(name, scopes=frozenset(scopes))

    return Ask(admin, body={"name": name, "client_id": name, "scopes": scopes}, effect=effect)


def _machine(draw: Draw) -> str:
    return draw.one(person for person, known in draw.world.people.items() if known.is_machine)


def get_machine_client(draw: Draw) -> Ask:
    return Ask(only(reads_trail), {"client_id": _machine(draw)})


def change_machine_client(draw: Draw) -> Ask:
    client = _machine(draw)
    judge = not_on_oneself(client)
    return Ask(judge, {"client_id": client}, body={"name": f"Machine {word()}"}, version_of=client)


def create_machine_client_secret(draw: Draw) -> Ask:
    return Ask(admin, {"client_id": _machine(draw)}, body={})


def remove_machine_client_secret(draw: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, 404 if world.has(actor, "admin") else 403)

    return Ask(judge, {"client_id": _machine(draw), "secret_id": draw.one(())})


def create_machine_client_status_change(draw: Draw) -> Ask:
    """Machine clients that were made in this world are disabled and enabled; those that it begins with go on."""
    made = (each for each, known in draw.world.people.items() if known.scopes and "forecast:read" in known.scopes)
    client = draw.one(made)
    disabled = client in draw.world.people and draw.world.people[client].is_there

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if client not in world.people and world.has(actor, "admin"):
            return expect(answer, 404)
        return not_on_oneself(client)(world, actor, answer)

    async def effect(world: World, answer: Answer) -> None:
        world.people[client] = replace(world.people[client], is_there=not disabled)

    return Ask(judge, {"client_id": client}, body={"disabled": disabled, "reason": REASON}, effect=effect)


def get_me(draw: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if wrong := served(answer):
            return wrong
        told = answer.content
        due = {
            each.person
            for each in world.stand_ins.values()
            if each.stand_in == actor.person and each.is_today and world.people[each.person].is_there
        }
        if (told["person_id"], set(told["roles"])) != (actor.person, set(world.roles(actor))):
            return f"tells {told}"
        return None if set(told["may_stand_in_for"]) == due else f"stands in for {told}, not {due}"

    return Ask(judge)


def create_token(draw: Draw) -> Ask:
    """Signing in by a wrong form: a right one costs as much as fifty other requests, and is tried elsewhere."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, httpx.codes.BAD_REQUEST)

    return Ask(judge, form={"grant_type": "password", "username": "somebody"})


def sign_in_from_a_browser(draw: Draw) -> Ask:
    """Signing in from a browser by a wrong form; tried in earnest in `tests/team/browser_sign_in`."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, httpx.codes.BAD_REQUEST)

    return Ask(judge, form={"client_id": "nobody"})


def show_sign_in_page(draw: Draw) -> Ask:
    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        return expect(answer, httpx.codes.BAD_REQUEST)

    return Ask(judge, query={"client_id": "nobody"})


def about_somebody(draw: Draw) -> Ask:
    return Ask(everybody, {"person_id": draw.person(there=False)})


def list_superior_changes(draw: Draw) -> Ask:
    person = draw.below() if draw.either() else draw.person(there=False)
    return Ask(reads_decisions(person), {"person_id": person})


def create_assignment_rules(draw: Draw) -> Ask:
    async def effect(_: World, answer: Answer) -> None:
        draw.memory.rules.append(answer.content["id"])

    rule = {"name": word(), "person_ids": [draw.person()], "countries": ["ZA"]}
    return Ask(keepers, body={"rules": [rule]}, effect=effect, is_local=True)


def reading_rules(draw: Draw) -> Ask:
    return Ask(roles("admin", "sales_operations", "auditor"), {"rules_id": draw.one(draw.memory.rules)})


def preview_assignment_rules(draw: Draw) -> Ask:
    body = {"customers": [{"country": "DE"}]}
    return Ask(roles("admin", "sales_operations", "auditor"), {"rules_id": draw.one(draw.memory.rules)}, body=body)


def activate_assignment_rules(draw: Draw) -> Ask:
    """In force later than anything here happens; who is named in them cannot decide on them."""

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        is_own = answer.status == 403 and answer.content["code"] == "own_assignment"
        return None if is_own and world.has(actor, "admin", "sales_operations") else keepers(world, actor, answer)

    body = {"from_date": draw.memory.ten_days_on, "reason": REASON}
    return Ask(judge, {"rules_id": draw.one(draw.memory.rules)}, body=body)


def evaluate_assignments(_: Draw) -> Ask:
    return Ask(keepers, body={"customers": [{"country": "ZA"}]})


TRIALS = own("team", "person", lambda world: world.people) | {
    "create_assignment_rules": create_assignment_rules,
    "list_assignment_rules": lambda _: Ask(roles("admin", "sales_operations", "auditor")),
    "get_assignment_rules": reading_rules,
    "preview_assignment_rules": preview_assignment_rules,
    "activate_assignment_rules": activate_assignment_rules,
    "evaluate_assignments": evaluate_assignments,
    "list_keys": lambda _: Ask(everybody),
    "create_token": create_token,
    "get_sign_in_configuration": lambda _: Ask(everybody),
    "show_sign_in_page": show_sign_in_page,
    "sign_in_on_page": sign_in_from_a_browser,
    "create_browser_token": sign_in_from_a_browser,
    "revoke_browser_token": sign_in_from_a_browser,
    "get_me": get_me,
    "list_people": lambda _: Ask(everybody, query={"limit": 20}),
    "get_person": about_somebody,
    "list_superiors": about_somebody,
    "list_subordinates": about_somebody,
    "list_superior_changes": list_superior_changes,
    "list_business_units": lambda _: Ask(everybody),
    "get_business_unit": lambda draw: Ask(everybody, {"unit_id": draw.one(draw.world.heads)}),
    "get_org_chart": lambda _: Ask(everybody, query={"since": 1}),
    "list_stand_ins": lambda _: Ask(everybody),
    "create_person": create_person,
    "create_person_batch": jobs.also_later("team", "create_person_batch", create_person_batch),
    "export_people": jobs.exporting("team", "list_people", lambda _: Ask(everybody)),
    "put_person": put_person,
    "change_person": change_person,
    "create_credentials": create_credentials,
    "create_machine_client": create_machine_client,
    "list_machine_clients": lambda _: Ask(only(reads_trail)),
    "get_machine_client": get_machine_client,
    "change_machine_client": change_machine_client,
    "create_machine_client_secret": create_machine_client_secret,
    "remove_machine_client_secret": remove_machine_client_secret,
    "create_machine_client_status_change": create_machine_client_status_change,
    "create_role_change": create_role_change,
    "create_superior_change": create_superior_change,
    "create_departure": create_departure,
    "create_business_unit": create_business_unit,
    "create_business_unit_batch": jobs.also_later("team", "create_business_unit_batch", create_business_unit_batch),
    "put_business_unit": put_business_unit,
    "change_business_unit": change_business_unit,
    "create_stand_in": create_stand_in,
    "create_stand_in_ending": create_stand_in_ending,
}
