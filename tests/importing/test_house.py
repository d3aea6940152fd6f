"""The shipped mappings against the services themselves."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from keyaccount.api_client import ApiClient, SignIn
from keyaccount.demo.loading import FOLDER
from keyaccount.importing.command import find_mapping, import_folder
from keyaccount.reporting.reading import Reader
from tests.house import House
from tests.importing.conftest import CRM_FOLDER
from tests.importing.doors import Door
from tests.importing.recomputed_flow import (
    Window,
    compare_conversions,
    compare_times,
    compare_win_rate,
    conversions,
    read_deals,
    times,
    win_rate,
)
from tests.opportunity.oracle import Whose, read_oracle, shown


@pytest.fixture
async def machine(empty_house: House) -> AsyncIterator[ApiClient]:
    sign_in = SignIn.of_imports(empty_house.secrets)
    async with ApiClient("http://gateway", sign_in, transport_of=lambda: Door(empty_house)) as client:
        yield client


def created(count: int, **more: int) -> dict[str, int]:
    return {"created": count, "updated": 0, "unchanged": 0, "rejected": 0, **more}


def rejected(outcomes: Any) -> list[tuple[str, str, str | None]]:
    return [(row.kind, row.external_id, row.reason) for row in outcomes.rows if row.outcome == "rejected"]


async def check_the_past(machine: ApiClient, house: House, days: list[date]) -> None:
    """Compare the funnel of past days, of every scope there is, with what the histories say."""
    oracle = await read_oracle(house)
    owners = Counter(rows[-1]["principal_id"] for rows in oracle.histories["principal_history"].values())
    edges = oracle.tables["orgchart_edge"]
    busiest = owners.most_common(1)[0][0]
    scopes = [Whose(), Whose(person=busiest)]
    scopes += [Whose(subtree=row["superior_id"]) for row in edges if row["person_id"] == busiest][-1:]
    scopes += [Whose(product_line=row["product_line_id"]) for row in oracle.tables["product"][:1]]
    scopes += [Whose(customer=row["id"]) for row in oracle.tables["customer_copy"][:1]]
    for day in days:
        for whose in scopes:
            asked: dict[str, Any] = {"as_of": day.isoformat(), "scope": "everything"}
            for name in ("person", "subtree", "customer", "product_line"):
                if (of := getattr(whose, name)) is not None:
                    asked |= {"scope": name, f"{'person' if name == 'subtree' else name}_id": str(of)}
            answer = await machine.get("/v1/funnel", asked)
            rates = {"USD": Decimal(1)} | {one["from_currency"]: Decimal(one["factor"]) for one in answer["rates"]}
            assert shown(answer) == oracle.told(oracle.funnel_on(day, whose), rates), f"{whose} on {day}"


def trailing(day: date) -> Window:
    after = day + timedelta(days=1)
    return Window(after - timedelta(days=365), after, after)


async def check_the_flow(machine: ApiClient) -> None:
    """Compare win rates, conversions and times of whoever there is with what the rows of the source say."""
    deals = read_deals(CRM_FOLDER)
    busiest = Counter(one.agent for one in deals).most_common()
    people = {one["name"]: one["id"] for one in (await machine.get("/v1/people", {"limit": 500}))["items"]}
    lines = {one["name"]: one["id"] for one in (await machine.get("/v1/product-lines", {"limit": 500}))["items"]}
    scopes = [({"scope": "everything"}, deals)]
    scopes += [
        ({"scope": "person", "person_id": people[name]}, [one for one in deals if one.agent == name])
        for name in (busiest[0][0], busiest[-1][0])
    ]
    manager = next(one.manager for one in deals if one.agent == busiest[0][0])
    below = [one for one in deals if one.manager == manager]
    scopes.append(({"scope": "subtree", "person_id": people[manager]}, below))
    scopes += [
        ({"scope": "product_line", "product_line_id": lines[name]}, [one for one in deals if one.line == name])
        for name in sorted({one.line for one in deals})
    ]
    late = date(2018, 1, 1)
    windows = [
        trailing(date(2017, 6, 30)),
        trailing(date(2017, 12, 31)),
        Window(date(2017, 4, 1), date(2017, 7, 1), late),
        Window(date(2016, 10, 1), date(2017, 1, 1), date(2017, 5, 1)),
    ]
    for window in windows:
        days = {"from_date": window.begin.isoformat(), "until_date": window.end.isoformat()}
        as_of = {"as_of": (window.told - timedelta(days=1)).isoformat()}
        for asked, own in scopes if window in windows[:2] else scopes[:2]:
            compare_win_rate(await machine.get("/v1/funnel/win-rate", {**asked, **days}), win_rate(own, window))
            compare_conversions(
                await machine.get("/v1/funnel/conversion", {**asked, **days, **as_of}), conversions(own, window)
            )
            compare_times(await machine.get("/v1/funnel/stage-times", {**asked, **days}), times(own, window))


async def test_adventureworks_twice(machine: ApiClient, empty_house: House, tmp_path: Path) -> None:
    mapping = find_mapping("adventureworks")
    done = await import_folder(machine, mapping, FOLDER, state=tmp_path)

    assert rejected(done.outcomes) == []
    assert done.counts == {
        "business-units": created(13),
        "people": created(19),
        "customers": created(701),
        "contacts": created(238, skipped=515),
        "product-lines": created(42),
        "products": created(504),
        "exchange-rates": created(360),
        "opportunities": created(406),
    }
    again = await import_folder(machine, mapping, FOLDER, state=tmp_path)
    assert sum(counts["unchanged"] for counts in again.counts.values()) == 2283
    assert sum(counts["created"] + counts["updated"] + counts["rejected"] for counts in again.counts.values()) == 0

    report = await Reader(machine).read(None)
    assert (report.customers, report.won.count, report.won.amount) == (701, 406, "8778552.06")
    await check_the_past(machine, empty_house, [date(2022, 5, 31), date(2022, 8, 14), date(2022, 12, 1)])


@pytest.mark.skipif(not CRM_FOLDER.is_dir(), reason=f"the data are not ours to ship and are not in {CRM_FOLDER}")
@pytest.mark.timeout(240)
@pytest.mark.long
async def test_crm_twice(machine: ApiClient, empty_house: House, tmp_path: Path) -> None:
    mapping = find_mapping("crm-sales-opportunities")
    done = await import_folder(machine, mapping, CRM_FOLDER, state=tmp_path)

    assert rejected(done.outcomes) == []
    assert {kind: counts["created"] for kind, counts in done.counts.items()} == {
        "business-units": 3,
        "people": 41,
        "customers": 85,
        "product-lines": 3,
        "products": 7,
        "opportunities": 8800,
    }
    again = await import_folder(machine, mapping, CRM_FOLDER, state=tmp_path)
    assert sum(counts["unchanged"] for counts in again.counts.values()) == 8939

    report = await Reader(machine).read(None)
    assert report.customers == 85
    assert (report.won.count, Decimal(report.won.amount)) == (4238, Decimal(10_005_534))
    assert (report.lost.count, report.lost.unknown_amount) == (2473, 2473)
    assert (report.open.count, report.open.unknown_amount) == (2089, 0)
    stages = {stage.stage: stage.count for stage in report.stages}
    assert (stages["find_contact"], stages["confirm_need"]) == (500, 1589)
    quarters = [date(2016, 10, 20), date(2016, 12, 31), date(2017, 3, 1), date(2017, 6, 30), date(2017, 10, 7)]
    await check_the_past(machine, empty_house, [*quarters, date(2017, 12, 31), empty_house.clock().date()])
    await check_the_flow(machine)
