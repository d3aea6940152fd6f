"""What the first walk is given, and what it has to meet, whichever language it is done in."""

import json
from typing import Any

import httpx

from tests.system.instance import Instance, until

TOLD = {
    "seller_is_known": True,
    "replayed": [True, "true"],
    "stale": 412,
    "changed": [None, "walk.example.com", 2],
    "customers": [1, "1"],
    "refused": [422, "exit_criteria_unmet", ["contact_named", "budget_known"]],
    "stage": "shortlist",
    "amount": ["330.33", "USD"],
    "funnel": [1, "330.33", 0, 0],
    "confirmed": "330.33",
    "forecast": ["draft", "330.33", "submitted", "approved"],
    "levels": [[True, "330.33"]],
    "plan": ["330.33", [["33", "330.33"]]],
}


def given_to(instance: Instance) -> dict[str, Any]:
    """Return where to go, and by which sign-ins."""
    first = json.loads((instance.home / "secrets" / "first-sign-ins.json").read_text())
    return {"url": f"http://127.0.0.1:{instance.port}", **first}


def document_at(http: httpx.Client) -> dict[str, Any]:
    """Return the merged document, as soon as every service has its part in it."""

    def whole() -> dict[str, Any] | None:
        document: dict[str, Any] = http.get("/openapi.json").json()
        return None if "x-unavailable" in document else document

    return until(whole, "some service does not say what it offers")


def check(told: dict[str, Any]) -> None:
    """Refuse a walk that met anything else."""
    assert told == TOLD
