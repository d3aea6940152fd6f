import re
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from services.opportunity.baselines.rules import Basis
from services.opportunity.definitions.rules import Definitions
from services.opportunity.definitions.rules.standard import VERSION_1 as CURRENT
from services.opportunity.funnel.rules.drawing import FILLS, draw, names_of
from services.opportunity.funnel.rules.figures import Group
from services.opportunity.funnel.rules.health import HealthState, days_compared
from services.opportunity.funnel.rules.measures import Past
from services.opportunity.funnel.rules.report import FunnelReport, funnel_of
from services.opportunity.funnel.rules.standing import Standing, standing_of
from services.opportunity.scopes.rules import Scope, ScopeKind
from tests.house import House
from tests.make import Make
from tests.opportunity.histories import ago, batch, item

SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 11, 23)
USD = {"USD": Decimal(1)}


def standing(day: date, **counts: int) -> Standing:
    groups = [Group(place, "USD", count, Decimal(10 * count), 0) for place, count in counts.items()]
    return standing_of(day, ((date(1, 1, 1), group) for group in groups))


def report(now: dict[str, int], before: dict[str, int]) -> FunnelReport:
    compared, _ = days_compared(DAY, date.min)
    past = Past(standing(DAY, **now), [(each, standing(each.day, **before)) for each in compared.before])
    funnel = funnel_of(Definitions({1: CURRENT}), past, None, rates=USD, currency="USD", basis=Basis.COUNT)
    return FunnelReport(Scope(ScopeKind.EVERYTHING), DAY, "USD", Basis.COUNT, funnel, [], [], None)


def drawn(names: dict[str, str] | None = None) -> ET.Element:
    found = report(
        {"find_contact": 100, "confirm_need": 70, "map_organisation": 69, "set_target": 1},
        {"find_contact": 100, "confirm_need": 100, "map_organisation": 100},
    )
    return ET.fromstring(draw(found, "<Head & Co>", names or names_of(CURRENT)))  # noqa: S314 (our own)


def bars(picture: ET.Element) -> list[tuple[str, float]]:
    """Return the fill and width of each bar, from the top down."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        assert rect is not None
        fill = re.search(r"url\(#funnel-(\w+)\)", rect.get("style", ""))
        assert fill is not None
        found.append((fill[1], float(rect.get("width", "0"))))
    return found


def test_each_stage_is_a_bar_as_wide_as_it_holds_and_filled_by_its_health() -> None:
    fills = bars(drawn())
    assert [fill for fill, _ in fills[:5]] == ["excellent", "good", "warning", "unknown", "unknown"]
    assert fills[1][1] == pytest.approx(0.7 * fills[0][1])
    assert len(fills) == len(CURRENT.stages)


def test_it_reads_without_colour() -> None:
    picture = drawn()
    assert len({hatch for hatch, _ in FILLS.values()}) == len(FILLS) == len(HealthState)
    told = [text.text or "" for text in picture.iter(f"{SVG}text")]
    for state in HealthState:
        assert any(state in line for line in told)
    assert any("70 · 700.00 USD · 70.00 % good" in line for line in told)
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "Funnel of <Head & Co> as of 2026-11-23, by count"
    assert description is not None
    assert "3 Map the organisation: 69 · 690.00 USD · 69.00 % warning." in (description.text or "")


def test_chinese_names_are_shortened_by_their_width_and_nothing_leaves_the_picture() -> None:
    long = "寻找合适的联系人与具体需求并确认其真实性"
    picture = drawn({stage.key: long for stage in CURRENT.stages})
    names = [text.text or "" for text in picture.iter(f"{SVG}text") if text.get("class") == "name"]
    assert names == [f"{long[:11]}…"] * len(CURRENT.stages)
    width = float(picture.get("width", "0"))
    assert all(
        float(each.get("x", "0")) + float(each.get("width", "0")) <= width for each in picture.iter(f"{SVG}rect")
    )


async def test_who_asks_for_a_picture_gets_one_and_nobody_another_s(make: Make, house: House) -> None:
    manager, seller = await make.line(2)
    entry = {"at": ago(house, days=500), "to_stage": "selected"}
    await batch(await house.import_client(), item(seller, [entry], amount="1234.50"))
    headers = {"accept": "image/svg+xml"}

    answer = await seller.get("/v1/funnel?scope=person", headers=headers)
    data = await seller.get("/v1/funnel?scope=person")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    told = "".join(ET.fromstring(answer.text).itertext())  # noqa: S314 (our own)
    assert "6 Selected: 1 · 1234.50 USD · 100.00 % excellent, level." in told
    assert data.headers["content-type"].startswith("application/json")
    assert {answer.headers["vary"], data.headers["vary"]} == {"accept"}
    hidden = await seller.get(f"/v1/funnel?scope=subtree&person_id={manager.id}", headers=headers)
    assert hidden.status_code == 404
