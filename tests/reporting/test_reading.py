"""From the API's answers to the report."""

import json
from datetime import date
from typing import Any

import httpx
import pytest

from keyaccount.api_client import ApiClient, SignIn
from keyaccount.reporting.reading import Reader

TOTAL = {"count": 2, "amount": "30.00", "unknown_amount": 1}
FUNNEL = {
    "currency": "USD",
    "as_of": "2026-11-23",
    "rate_date": None,
    "simulated_count": 3,
    "unconverted": {},
    "won": TOTAL,
    "lost": TOTAL,
    "open": TOTAL,
    "stages": [{"stage": "close", "count": 2, "amount": "30.00", "health": None, "state": "unknown", "weighted": "1"}],
}
CYCLE = {"id": "c", "name": "any", "period_kind": "quarter", "period_start": "2026-10-01"}
LEVEL = {
    "name": "Ann",
    "level": 2,
    "state": "approved",
    "own": "5.00",
    "gathered": "20.00",
    "adjustment": "-1.00",
    "result": "24.00",
}
LINE = {
    "product_name": None,
    "product_line_id": "l",
    "month": "2026-12-01",
    "place": "unspecified",
    "quantity": "3",
    "amount": "24.00",
}
ANSWERS: dict[str, Any] = {
    "/v1/funnel": FUNNEL,
    "/v1/customers": {"items": [], "next": None, "total": "85"},
    "/v1/forecast-cycles": {"items": [CYCLE], "next": None},
    "/v1/forecast-cycles/c/roll-up": {"levels": [LEVEL]},
    "/v1/demand-plans": {"items": [{"id": "p", "version": 3}], "next": None},
    "/v1/demand-plans/p/lines": {"items": [LINE], "next": None},
}


def client_of(answers: dict[str, Any], asked: list[httpx.URL] | None = None) -> ApiClient:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/sign-in/token":
            return httpx.Response(200, json={"access_token": "t"})
        if asked is not None:
            asked.append(request.url)
        answer = answers[request.url.path]
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    sign_in = SignIn.of_client("import", "secret")
    return ApiClient("http://gateway", sign_in, transport_of=lambda: httpx.MockTransport(handler), patience=0.01)


async def test_everything() -> None:
    asked: list[httpx.URL] = []
    async with client_of(ANSWERS, asked) as client:
        report = (await Reader(client).read(date(2026, 11, 23))).as_dict()

    assert asked[0].params["as_of"] == "2026-11-23"
    total = {"count": 2, "amount": "30.00", "unknown_amount": 1}
    level = {"person": "Ann", "level": 2, "state": "approved", "own": "5.00"}
    assert json.loads(json.dumps(report)) == {
        "customers": 85,
        "currency": "USD",
        "as_of": "2026-11-23",
        "rate_date": None,
        "won": total,
        "lost": total,
        "open": total,
        "stages": [{"stage": "close", "count": 2, "amount": "30.00", "health": None, "state": "unknown"}],
        "simulated": 3,
        "unconverted": {},
        "forecast": {
            "period": "2026 Q4",
            "levels": [level | {"gathered": "25.00", "adjustment": "-1.00", "result": "24.00"}],
        },
        "demand_plan": {
            "version": 3,
            "lines": [
                {"product": "l", "month": "2026-12-01", "place": "unspecified", "quantity": "3", "amount": "24.00"}
            ],
        },
        "unavailable": [],
    }


async def test_before_there_is_a_forecast() -> None:
    async with client_of(ANSWERS | {"/v1/forecast-cycles": {"items": [], "next": None}}) as client:
        report = await Reader(client).read(None)

    assert report.forecast is None
    assert report.demand_plan is None


async def test_a_service_that_is_down_leaves_the_rest() -> None:
    down = httpx.Response(503, json={"detail": "The service 'forecast' is down."})
    async with client_of(ANSWERS | {"/v1/forecast-cycles": down}) as client:
        report = await Reader(client).read(None)

    assert report.unavailable == ("forecast",)
    assert report.won.count == 2


@pytest.mark.parametrize("kind", ["quarter", "month"])
async def test_periods(kind: str) -> None:
    cycle = CYCLE | {"period_kind": kind}
    async with client_of(ANSWERS | {"/v1/forecast-cycles": {"items": [cycle], "next": None}}) as client:
        report = await Reader(client).read(None)

    assert report.forecast is not None
    assert report.forecast.period == {"quarter": "2026 Q4", "month": "2026-10"}[kind]
