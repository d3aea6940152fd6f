"""A version that only calls stages otherwise changes no figure, before running opportunities are moved to it or after.

Its stages have each other's keys, so that whoever compares keys alone tells every figure of a foreign stage.
"""

from typing import Any

from services.opportunity.definitions.rules.standard import VERSION_1
from tests.house import House
from tests.opportunity.definitions.test_definitions import publish, stage
from tests.opportunity.funnel.test_as_of_answers import LONG_AGO, MOVES, Enterprise, arrive, enterprise
from tests.opportunity.histories import codes

KEYS = [one.key for one in VERSION_1.open_stages]
AFTER = dict(zip(KEYS, [*KEYS[1:], KEYS[0]], strict=True))
"""What each open stage is called by the next version."""
CALLED = AFTER | {VERSION_1.close.key: "signed"}
FUNNEL = {
    "stages": [stage(CALLED[one.key], str(one.probability)) for one in VERSION_1.stages],
    "mapping": [{"from_stage": before, "to_stage": after} for before, after in AFTER.items()],
}
OF_VERSIONS = {"funnel_version", "calibration_id", "id", "made_at", "compared", "baseline_manual"}
"""What may differ; what a later calibration is compared with is the one before."""


async def answers(world: Enterprise) -> dict[str, Any]:
    """Return what is told of everything, of a subtree and of a person."""
    day = world.house.clock().date()
    past = day.replace(year=day.year - 1).isoformat()
    paths = [
        "/v1/funnel?",
        f"/v1/funnel?as_of={past}&",
        "/v1/funnel?basis=amount&",
        f"/v1/funnel/movement?from_date={past}&by=stage&",
        f"/v1/funnel/conversion?from_date={past}&",
        f"/v1/funnel/stage-times?from_date={past}&",
        "/v1/funnel/win-rate?",
        "/v1/funnel/velocity?",
        "/v1/funnel/ageing?",
    ]
    seller, manager = world.sellers[0], world.managers[0]
    scopes = ["scope=everything", f"scope=subtree&person_id={manager.id}", f"scope=person&person_id={seller.id}"]
    found = {"calibration": await world.operations.done("POST", "/v1/funnel-calibrations", {})}
    for path in paths:
        for scope in scopes:
            found[path + scope] = await world.operations.done("GET", path + scope)
    return found


def told(answer: Any, called: dict[str, str]) -> Any:
    """Return an answer without what is of a version, its stages called otherwise."""
    if isinstance(answer, list):
        return [told(one, called) for one in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        name: called.get(value, value) if name in {"stage", "from_stage", "to_stage"} else told(value, called)
        for name, value in answer.items()
        if name not in OF_VERSIONS
    }


async def test_no_figure_changes_with_what_stages_are_called(empty_house: House) -> None:
    world = await enterprise(empty_house, 4)
    while len(world.principal) < 40:
        await arrive(world)
    whose = {"scope": "person", "person_id": world.sellers[0].id, "stage": "shortlist", "count": "2"}
    said = {**whose, "from_date": empty_house.clock().date().isoformat(), "reason": "Two are enough."}
    await world.operations.done("POST", "/v1/funnel/baselines", said)
    before = await answers(world)
    shown = before[f"/v1/funnel?scope=person&person_id={world.sellers[0].id}"]
    assert [line["stage"] for line in shown["stages"] if line["baseline_kind"] == "manual"] == ["shortlist"]
    calibrated = before["calibration"]["stages"]
    assert sum(one["decided"] for one in calibrated) > 20, f"too little came to an end in {LONG_AGO} days"

    await publish(world.operations, **FUNNEL)
    published = await answers(world)
    for path, answer in before.items():
        assert told(published[path], {}) == told(answer, CALLED), path

    items = [{"opportunity_id": one, "to_version": 2, "reason": "All at once."} for one in sorted(world.principal)]
    outcomes = codes((await world.operations.done("POST", MOVES, {"items": items}))["items"])
    assert outcomes.count("updated") > 10
    moved = await answers(world)
    for path, answer in before.items():
        assert told(moved[path], {}) == told(answer, CALLED), path
