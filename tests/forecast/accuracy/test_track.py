"""Forecast against quota and actuals over several periods, as data and as a picture."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest

from services.forecast.accuracy.rules.drawing import FILLS, draw, period_name
from services.forecast.accuracy.rules.parts import HandedIn, SeatResult
from services.forecast.accuracy.rules.tracking import Track, TrackPoint, point_of
from services.forecast.cycles.rules.definition import Cycle
from tests.forecast.accuracy.past import forecast, past_cycle, win
from tests.forecast.world import Record, World
from tests.house import Client

SVG = "{http://www.w3.org/2000/svg}"
QUARTERS = (("2025-10-01", "2025-11-10"), ("2026-01-01", "2026-02-10"))
TO_COME = {"kind": "quarter", "start": "2099-01-01"}


async def track(by: Client, cycle: Record, **query: Any) -> Record:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    found: Record = await by.done("GET", f"/v1/forecast-cycles/{cycle['id']}/track?{asked}")
    return found


async def test_a_track_is_forecast_beside_won_period_by_period(world: World) -> None:
    top, seller = await world.line(2)
    for start, won in QUARTERS:
        past = await past_cycle(world, top, period={"kind": "quarter", "start": start})
        opportunity = await forecast(world, seller, past, "120.00", expected_close=won)
        await world.submit(top, past)
        await win(world, opportunity, "100.00", on=won)
    cycle = await past_cycle(world, top, period=TO_COME)
    await win(world, await forecast(world, seller, cycle, "70.00", expected_close="2099-02-01"), "50.00", "2099-02-01")
    await past_cycle(world, top, period=TO_COME, name="Opened later")

    found = await track(seller, cycle)
    marketing = await world.person(None, "marketing")
    whole = await track(marketing, cycle, periods=2)
    seat = found["seat_id"]

    assert [each["period_start"] for each in found["points"]] == ["2025-10-01", "2026-01-01", "2099-01-01"]
    assert [(each["forecast"], each["actual"]) for each in found["points"]] == [
        ("120.00", "100.00"),
        ("120.00", "100.00"),
        ("70.00", "50.00"),
    ]
    assert [each["bias"] for each in found["points"]] == ["0.2000", "0.2000", None]
    assert [(each["quota"], each["no_quota"]) for each in found["points"]] == [(None, "no_quotas")] * 3
    assert [each["is_over"] for each in found["points"]] == [True, True, False]
    assert (whole["seat_id"], whole["name"], len(whole["points"])) == (None, None, 2)
    assert (whole["points"][0]["forecast"], whole["points"][0]["in_time"]) == ("120.00", 1)
    assert (await track(top, cycle, seat_id=seat))["points"] == found["points"]
    headers = {"accept": "image/svg+xml"}
    answer = await top.get(f"/v1/forecast-cycles/{cycle['id']}/track?seat_id={seat}", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "There are no quotas yet" in answer.text
    assert "Won so far 50.00" in answer.text


async def test_who_sees_no_seat_sees_no_track(world: World) -> None:
    top, manager, seller = await world.line(3)
    other, stranger = await world.person(top), await world.person()
    cycle = await past_cycle(world, top)
    seat = (await track(seller, cycle))["seat_id"]
    path = f"/v1/forecast-cycles/{cycle['id']}/track"
    assert (await track(manager, cycle, seat_id=seat))["seat_id"] == seat
    for outsider in (other, stranger, await world.person(None, "finance")):
        assert (await outsider.get(f"{path}?seat_id={seat}")).status_code == 404
    refused = await stranger.get(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "no_seat")


async def test_a_past_period_is_shown_by_its_own_frozen_line(world: World) -> None:
    top = await world.person()
    former, present = await world.person(top), await world.person(top)
    seller = await world.person(former)
    await past_cycle(world, top)
    edge = next(each for each in world.peers.edges if each["person_id"] == seller.person_id)
    edge["superior_id"] = present.person_id
    world.peers.chart_version += 1
    world.house.chart_version = world.peers.chart_version
    cycle = await past_cycle(world, top, period=TO_COME)
    seat = (await track(seller, cycle))["seat_id"]
    starts = [
        [each["period_start"] for each in (await track(person, cycle, seat_id=seat))["points"]]
        for person in (top, present)
    ]
    assert starts == [["2026-04-01", "2099-01-01"], ["2099-01-01"]]


def a_cycle(start: date = date(2026, 4, 1), end: date = date(2026, 7, 1)) -> Cycle:
    given: dict[str, Any] = dict.fromkeys(Cycle.__dataclass_fields__)
    return Cycle(
        **given
        | {"id": uuid4(), "period_start": start, "period_end": end, "currency": "USD"}
        | {"period_kind": "quarter"}
    )


def a_point(forecast: str | None, actual: str, today: date = date(2026, 8, 1)) -> TrackPoint:
    state = HandedIn.MISSING if forecast is None else HandedIn.IN_TIME
    figure = None if forecast is None else Decimal(forecast)
    seat_id = uuid4()
    return point_of(a_cycle(), [SeatResult(seat_id, [seat_id], None, state, None, figure, Decimal(actual))], today)


def drawn(*points: TrackPoint, name: str | None = "Anna <Boots> & Co") -> ET.Element:
    return ET.fromstring(draw(Track(a_cycle(), uuid4(), name, points)))  # noqa: S314 (what we have written ourselves)


def test_each_kind_of_bar_has_a_hatching_of_its_own() -> None:
    picture = drawn(a_point("120", "100"))
    assert len({fill for fill, _ in FILLS.values()}) == len(FILLS)
    fills = re.findall(r"url\(#track-(\w+)\)", ET.tostring(picture, encoding="unicode"))
    assert fills == ["forecast", "quota", "won", "forecast", "won"], "the legend, then the bars that there are"
    assert {each.get("id") for each in picture.iter(f"{SVG}pattern")} == {f"track-{kind}" for kind in FILLS}


def test_words_say_what_the_bars_show_and_what_there_is_none_of() -> None:
    words = " ".join(drawn(a_point("120", "100"), a_point(None, "7")).itertext())
    for said in (
        "Forecast 120.00",
        "Won 100.00, forecast 20.00 % too high",
        "Forecast nothing handed in in time",
        "Quota none yet",
        "Anna <Boots> & Co",
        "2026-Q2",
    ):
        assert said in words


@pytest.mark.parametrize("points", [[], [a_point("0", "0")], [a_point("9999999999999999.99", "0.01")]])
def test_whatever_the_figures_are_nothing_leaves_the_picture(points: list[TrackPoint]) -> None:
    picture = drawn(*points)
    width = float(picture.get("width") or 0)
    for each in picture.iter(f"{SVG}rect"):
        assert float(each.get("x") or 0) + float(each.get("width") or 0) <= width


def test_periods_have_names() -> None:
    assert period_name(date(2026, 12, 1), date(2027, 1, 1)) == "2026-12"
    assert period_name(date(2026, 10, 1), date(2027, 1, 1)) == "2026-Q4"
