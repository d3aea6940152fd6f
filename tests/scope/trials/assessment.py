"""Assessment models, assessments of opportunities, and what is reported of them."""

from typing import Any

from servicekit.values.ids import new_id
from tests.scope.asking import Answer, Ask, Draw, batch, everybody, thing, word
from tests.scope.rule import Actor, World
from tests.scope.trials import jobs
from tests.scope.trials.opportunity import REASON, edits, operations, reading, report, sees


def assess_opportunity(draw: Draw) -> Ask:
    """One that was decided is told so to who may assess it."""
    opportunity = draw.opportunity()
    strict = thing(sees(opportunity), edits(opportunity))

    def judge(world: World, actor: Actor, answer: Answer) -> str | None:
        wrong = strict(world, actor, answer)
        known = world.opportunities.get(opportunity)
        is_told = answer.status == 409 and known is not None and not known.is_open
        return None if wrong and is_told and world.may_edit(actor, opportunity) else wrong

    async def effect(_: World, answer: Answer) -> None:
        draw.memory.assessments[opportunity] = answer.content["id"]

    body = {"answers": {"budget_ready": draw.chance.choice(["yes", "no"])}}
    return Ask(judge, {"opportunity_id": opportunity}, body=body, effect=effect)


def get_assessment(draw: Draw) -> Ask:
    """Of an opportunity that was assessed, mostly; an assessment that is not there is not there for anybody."""
    opportunity = draw.seen(set(draw.memory.assessments), draw.world.sees_opportunity)
    assessment = draw.memory.assessments.get(opportunity)

    def shown(world: World, actor: Actor) -> bool:
        return assessment is not None and world.sees_opportunity(actor, opportunity)

    return Ask(thing(shown), {"opportunity_id": opportunity, "assessment_id": assessment or str(new_id())})


def create_assessment_model(_: Draw) -> Ask:
    question = {"key": "recycled", "meaning": "it is recycled"}
    dimension = {"key": "green", "name": "Is it green?", "questions": [question]}
    return Ask(operations, body={"name": word(), "dimensions": [dimension], "threshold": 0})


def publish_assessment_model(_: Draw) -> Ask:
    """The first one, which is current: who may is told so."""
    return Ask(operations, {"number": "1"}, body={"reason": REASON})


def first_model(_: Draw) -> Ask:
    return Ask(everybody, {"number": "1"})


def import_assessments(draw: Draw) -> Ask:
    """For who may; the item may be rejected, as one of what was decided is."""
    reference = {"system": "scope", "id": word()}
    item = {"external_reference": reference, "opportunity_id": draw.opportunity(), "answers": {"budget_ready": "no"}}
    return Ask(batch(operations), body={"items": [item]})


def get_score_distribution(draw: Draw) -> Ask:
    """It counts what is open in the scope, assessed or not."""
    return report(draw, lambda answer, due: bool(answer.content["count"] == len(due)))


def get_rates(draw: Draw) -> Ask:
    return report(draw, lambda _, __: True)


TRIALS: dict[str, Any] = {
    "assess_opportunity": assess_opportunity,
    "list_assessments": reading,
    "get_current_assessment": get_assessment,
    "get_assessment": get_assessment,
    "create_assessment_model": create_assessment_model,
    "list_assessment_models": first_model,
    "get_current_assessment_model": first_model,
    "get_assessment_model": first_model,
    "publish_assessment_model": publish_assessment_model,
    "import_assessments": jobs.also_later("opportunity", "import_assessments", import_assessments),
    "get_score_distribution": get_score_distribution,
    "get_score_win_rates": get_rates,
    "get_question_win_rates": get_rates,
}
