"""Forecasts of channels by a mapping: the lines of a source are one record, each fault names file, line and field."""

from typing import Any

import pytest

from tests.importing.conftest import Importing, WriteFolder
from tests.importing.stand_in import StandIn

CYCLE = "01a21847-4cfc-73fb-b1cf-e6d44bcbe232"
MAPPING = f"""
    name: channels
    system: erp
    date: "%d.%m.%Y"
    files: {{sources: sources.csv, figures: figures.csv, catalogue: catalogue.csv}}
    records:
      - {{kind: business-units, from: sources, distinct: true, id: unit, fields: {{name: unit}}}}
      - {{kind: product-lines, from: catalogue, id: line, fields: {{name: line}}}}
      - kind: forecast-sources
        from: sources
        id: code
        fields: {{name: name, kind: {{value: distributor}}, business_unit_id: unit}}
      - kind: channel-forecasts
        from: sources
        id: code
        fields:
          source_id: code
          cycle_id: {{value: {CYCLE}}}
          lines:
            - each: figures
              matching: {{source: code}}
              product_line_id: line
              month: month
              quantity: pairs
              amount: value
              currency: {{value: EUR}}
"""
SOURCES = "code,name,unit\nN,Nordic,Outdoor\nS,South,Outdoor\n"
CATALOGUE = "line\nBoots\nShoes\n"
FIGURES = """source,line,month,pairs,value
N,Boots,01.11.2026,10,1000.00
N,Shoes,01.11.2026,0,0
S,Boots,01.11.2025,,5.50
"""


async def test_lines_become_one_forecast_of_each_source(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    sent: list[dict[str, Any]] = []
    stand_in.refuse = lambda kind, item: sent.append(item) if kind == "channel-forecasts" else None
    done = await importing(*write(MAPPING, sources=SOURCES, catalogue=CATALOGUE, figures=FIGURES))
    assert done.counts["forecast-sources"]["created"] == 2
    nordic, south = sent
    assert nordic["cycle_id"] == CYCLE
    assert nordic["source_id"] == stand_in.records["forecast-sources"]["N"]["id"]
    said = [(line["month"], line.get("quantity"), line.get("amount"), line["currency"]) for line in nordic["lines"]]
    assert said == [("2026-11-01", "10", "1000.00", "EUR"), ("2026-11-01", "0", "0", "EUR")]
    (line,) = south["lines"]
    assert (line["month"], line.get("quantity"), line["amount"]) == ("2025-11-01", None, "5.50")


async def test_what_cannot_be_read_names_file_line_and_field(importing: Importing, write: WriteFolder) -> None:
    figures = FIGURES + "S,Boots,soon,1,2\nX,Boots,01.11.2026,1,2\n"
    done = await importing(*write(MAPPING, sources=SOURCES, catalogue=CATALOGUE, figures=figures))
    reasons = [str(row.reason) for row in done.outcomes.rows if row.outcome == "rejected"]
    assert len(reasons) == 2
    assert any("figures.csv:5" in reason or "line 5" in reason for reason in reasons), reasons
    assert any("month" in reason for reason in reasons), reasons


async def test_every_line_that_is_refused_is_named(
    importing: Importing, stand_in: StandIn, write: WriteFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [
        {"pointer": "/lines/0/amount", "field": "amount", "message": "EUR has 2 decimals."},
        {"pointer": "/lines/1/unit", "field": "unit", "message": "say which: box, pair."},
    ]
    problem = {"detail": "Line 1, amount: EUR has 2 decimals.", "lines": faults, "errors": faults[:1]}
    plain = stand_in.take

    def take(kind: str, number: int, item: dict[str, Any]) -> dict[str, Any]:
        taken = plain(kind, number, item)
        is_refused = kind == "channel-forecasts" and len(item["lines"]) > 1
        return taken | {"outcome": "rejected", "id": None, "problem": problem} if is_refused else taken

    monkeypatch.setattr(stand_in, "take", take)
    done = await importing(*write(MAPPING, sources=SOURCES, catalogue=CATALOGUE, figures=FIGURES))
    (reason,) = [row.reason for row in done.outcomes.rows if row.outcome == "rejected"]
    said = "figures.csv:2: amount: EUR has 2 decimals.; figures.csv:3: unit: say which: box, pair."
    assert reason == said
