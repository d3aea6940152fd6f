"""Schemes and evaluations of customers."""

from typing import Any

from servicekit.values.ids import new_id
from tests.scope.asking import Answer, Ask, Draw, expect, listing, roles, served, thing, word
from tests.scope.asking import everybody as whoever
from tests.scope.rule import Actor, World
from tests.scope.trials.customer import REASON, keeps, reading, sees

KEEPING = ("admin", "sales_operations")
FAR = "2999-12-31"


def create_classification_scheme(_: Draw) -> Ask:
    body: dict[str, Any] = {
        "name": word(),
        "criteria": [{"key": "growth", "name": "Growth", "weight": "1", "levels": ["low", "high"]}],
        "bands": [{"tier": "standard", "from_score": "0"}],
    }
    return Ask(roles(*KEEPING), body=body)


def start_classification_scheme(_: Draw) -> Ask:
    """Of the first scheme, which has its start: who may is told so."""
    return Ask(roles(*KEEPING), {"number": "1"}, body={"from_date": FAR, "reason": REASON})


def open_to_all(_: Draw) -> Ask:
    return Ask(whoever, {"number": "1"})


def preview_classification_scheme(_: Draw) -> Ask:
    return Ask(roles(*KEEPING), {"number": "1"})


def list_customers_moved_by_scheme(_: Draw) -> Ask:
    return Ask(roles(*KEEPING), {"number": "1"}, query={"to": "not_evaluated"})


def evaluate_customer(draw: Draw) -> Ask:
    customer = draw.customer()

    async def effect(_: World, answer: Answer) -> None:
        draw.memory.evaluations[customer] = answer.content["id"]

    values = [{"criterion": "relationship", "value": draw.chance.randint(1, 5)}]
    body = {"scheme_number": 1, "values": values}
    return Ask(
        thing(sees(customer), keeps(customer)), {"customer_id": customer}, body=body, effect=effect, is_local=True
    )


def decide_on_customer_evaluation(draw: Draw) -> Ask:
    """Of the latest evaluation, mostly; one that is decided is told so, one that is not there is not there."""
    customer = draw.customer()
    evaluation = draw.memory.evaluations.get(customer)

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        if evaluation is None or not world.sees_customer(actor, customer):
            return expect(answer, 404)
        return served(answer) if world.may_classify(actor, customer) else expect(answer, 403)

    body = {"decision": "overridden", "tier": draw.chance.choice(["key", "growth"]), "reason": REASON}
    path = {"customer_id": customer, "evaluation_id": evaluation or str(new_id())}
    return Ask(judge, path, body=body)


def list_classification_gaps(draw: Draw) -> Ask:
    manager = draw.below()

    def visible(world: World, actor: Actor) -> set[str]:
        return {
            each
            for each, known in world.customers.items()
            if known.manager == manager and world.sees_customer(actor, each) and each not in draw.memory.evaluations
        }

    query = {"limit": 500, "gap": "never_evaluated", "account_manager_id": manager}
    return Ask(listing(visible), query=query)


TRIALS = {
    "create_classification_scheme": create_classification_scheme,
    "list_classification_schemes": open_to_all,
    "get_classification_scheme_in_force": open_to_all,
    "get_classification_scheme": open_to_all,
    "start_classification_scheme": start_classification_scheme,
    "preview_classification_scheme": preview_classification_scheme,
    "list_customers_moved_by_scheme": list_customers_moved_by_scheme,
    "evaluate_customer": evaluate_customer,
    "list_customer_evaluations": reading,
    "get_customer_summary": reading,
    "decide_on_customer_evaluation": decide_on_customer_evaluation,
    "list_classification_gaps": list_classification_gaps,
}
