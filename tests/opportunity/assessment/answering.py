"""Assessments, made through the API."""

from typing import Any

from tests.house import Client

DIMENSIONS = {
    "opportunity_exists": (
        "application_clear",
        "profit_known",
        "finances_strong",
        "budget_ready",
        "compelling_event",
    ),
    "we_can_compete": (
        "criteria_clear",
        "solution_fits",
        "resources_affordable",
        "relationship_strong",
        "unique_value",
    ),
    "we_can_win": (
        "inside_support",
        "executives_credible",
        "culture_compatible",
        "informal_criteria_known",
        "political_alignment",
    ),
    "worth_winning": ("near_revenue", "future_revenue", "profitable", "risk_low", "strategic"),
}
QUESTIONS = [key for keys in DIMENSIONS.values() for key in keys]


def answers(yes: int, no: int = 0) -> dict[str, str]:
    """Return the first so many questions answered with yes, the next with no, the others not at all."""
    told = ["yes"] * yes + ["no"] * no
    return dict(zip(QUESTIONS, told, strict=False))


async def assess(by: Client, opportunity_id: str, yes: int, no: int = 0, **given: Any) -> dict[str, Any]:
    """Assess an opportunity and return the assessment."""
    body = {"answers": answers(yes, no), **given}
    made: dict[str, Any] = await by.done("POST", f"/v1/opportunities/{opportunity_id}/assessments", body)
    return made
