"""What a mapping makes of rows, seen in what arrives at the API."""

from datetime import date
from typing import Any

import pytest

from keyaccount.importing.problems import FileUnreadable
from tests.importing.conftest import Importing, WriteFolder
from tests.importing.sheets import write_sheet
from tests.importing.stand_in import StandIn

MAPPING = """
    name: trial
    system: trial
    currency: USD
    date: "%d.%m.%Y"
    files:
      sales: {path: sales.csv, delimiter: ";"}
      lines: lines.csv
      stores: stores.csv
    tables:
      lands: {Philipines: PH, United States: US}
    records:
      - kind: people
        from: sales
        distinct: true
        id: boss
        fields: {name: boss, roles: {value: [auditor]}}
      - kind: people
        from: sales
        distinct: true
        id: seller
        fields: {name: seller, superior_id: boss, username: {text: "{seller:slug}"}}
      - kind: customers
        from: stores
        id: no
        skip: [{when: {name: {is: empty}}, because: a store without a name}]
        fields:
          legal_name: name
          country: {column: land, translate: lands}
          employees: {column: staff, default: 1}
          annual_revenue: {column: turnover, times: 1000, round: 2}
          attributes: {land_in_source: land, remark: {value: from the trial}}
      - kind: product-lines
        id: {value: everything}
        fields: {name: {value: Everything}}
      - kind: products
        from: lines
        distinct: true
        id: product
        fields:
          code: product
          name: product
          product_line_id: {value: everything}
          unit: {value: piece}
          unit_is_whole: {value: true}
      - kind: opportunities
        from: sales
        unless: {state: draft}
        join: {store: {file: stores, matching: {no: store}}}
        id: {text: "S-{no}"}
        fields:
          name: {first: [{column: title}, {text: "Sale {no} to {store.name}", note: no title of its own}]}
          customer_id: store
          principal_id: seller
          currency: {value: EUR}
          opened_on: {column: begun, shift_years: 4}
          amount: {column: value, unless: {state: lost}}
          lines:
            - {each: lines, matching: {sale: no}, when: {amount: {not: "0"}}, product_id: product, quantity: amount}
          history:
            - {when: {state: [won, lost]}, at: ended, outcome: state}
"""
FILES = {
    "sales": """
        no;title;seller;boss;store;state;begun;ended;value
        1;Big one;Ann Lee;Zoe;10;won;29.02.2016;01.03.2016;100.50
        2;;Bob Ray;Zoe;11;lost;01.03.2016;02.03.2016;0
        3;;Bob Ray;Zoe;;open;03.03.2016;;7
        4;;Bob Ray;Zoe;;draft;03.03.2016;;
    """,
    "lines": """
        sale,product,amount
        1,Shoe,5
        1,Boot,0
        2,Boot,7
        1,Boot,3
    """,
    "stores": """
        no,name,land,staff,turnover
        10,Óne  Shop ,Philipines,,1.5
        11,Other Shop,United States,20,
        12,,United States,20,
    """,
}


@pytest.fixture
async def sent(importing: Importing, stand_in: StandIn, write: WriteFolder) -> Any:
    done = await importing(*write(MAPPING, **FILES))
    assert [row for row in done.outcomes.rows if row.outcome == "rejected"] == []
    return {kind: {own: found["item"] for own, found in of.items()} for kind, of in stand_in.records.items()}


async def test_records_of_a_row_and_of_distinct_values(sent: Any, stand_in: StandIn) -> None:
    assert sent["people"]["Zoe"] == {
        "external_reference": {"system": "trial", "id": "Zoe"},
        "name": "Zoe",
        "roles": ["auditor"],
    }
    assert sent["people"]["Bob Ray"]["superior_id"] == stand_in.records["people"]["Zoe"]["id"]
    assert sent["people"]["Bob Ray"]["username"] == "bob.ray"
    assert list(sent["people"]) == ["Zoe", "Ann Lee", "Bob Ray"]


async def test_values(sent: Any) -> None:
    first, other = sent["customers"]["10"], sent["customers"]["11"]
    assert first["legal_name"] == "Óne  Shop"
    assert first["country"] == "PH"
    assert first["attributes"] == {"land_in_source": "Philipines", "remark": "from the trial"}
    assert first["employees"] == 1
    assert first["annual_revenue"] == {"amount": "1500.00", "currency": "USD"}
    assert other["employees"] == 20
    assert "annual_revenue" not in other


async def test_entries_joins_and_conditions(sent: Any, stand_in: StandIn) -> None:
    products = stand_in.records["products"]
    first, second, third = (sent["opportunities"][f"S-{number}"] for number in (1, 2, 3))
    assert first["name"] == "Big one"
    assert first["opened_on"] == "2020-02-29"
    assert first["amount"] == "100.50"
    assert first["lines"] == [
        {"product_id": products["Shoe"]["id"], "quantity": "5"},
        {"product_id": products["Boot"]["id"], "quantity": "3"},
    ]
    assert first["history"] == [{"at": "2016-03-01", "outcome": "won"}]
    assert second["name"] == "Sale 2 to Other Shop"
    assert "amount" not in second
    assert third["name"] == "Sale 3 to"
    assert "customer_id" not in third
    assert third["history"] == third["lines"] == []
    assert "S-4" not in sent["opportunities"]


async def test_rows_left_out_have_line_and_reason(importing: Importing, write: WriteFolder) -> None:
    files = FILES | {
        "stores": """
            no,name,land,staff,turnover
            10,One,Atlantis,,
            11,Other,United States,"1,5",
            16,Fine,United States,2,
            12,,United States,,
            ,No number,United States,,
            13,Too,many,cells,here,now
            14,"Two
            lines",United States,x,
            15,Last,United States,,n/a
        """
    }
    done = await importing(*write(MAPPING, **files))

    left_out = [(row.line, row.outcome, row.reason) for row in done.outcomes.rows if row.file == "stores.csv"]
    assert sorted(left_out) == [
        (2, "rejected", "country: 'Atlantis' is not in the table 'lands' of the mapping: add it there"),
        (3, "rejected", "employees: '1,5' is not a plain number like 1234.50"),
        (4, "created", None),
        (5, "skipped", "a store without a name"),
        (6, "rejected", "the id is empty: without it a second import could not know the record again"),
        (7, "rejected", "the line has 6 cells, the header has 5"),
        (8, "rejected", "employees: 'x' is not a plain number like 1234.50"),
        (10, "rejected", "annual_revenue: 'n/a' is not a plain number like 1234.50"),
    ]
    assert done.counts["customers"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 6, "skipped": 1}
    dependent = next(row for row in done.outcomes.rows if row.external_id == "S-1")
    assert dependent.outcome == "rejected"
    assert dependent.reason == "it refers to '10' of customers: unknown here and in the API"


async def test_an_id_that_comes_twice(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    done = await importing(*write(LOOSELY, products="name\nX\n", sales="no,product\n1,X\n1,X\n"))

    said = [(row.line, row.reason) for row in done.outcomes.rows if row.outcome == "rejected"]
    assert said == [(3, "the id is that of line 2 of sales.csv too")]
    assert len(stand_in.records["opportunities"]) == 1


async def test_a_join_takes_one_row(importing: Importing, write: WriteFolder) -> None:
    files = FILES | {"stores": "no,name,land,staff,turnover\n10,One,US,,\n10,Two,US,,\n"}
    with pytest.raises(FileUnreadable, match=r"stores\.csv:3: a second row with no = 10\. A join takes one row"):
        await importing(*write(MAPPING, **files))


async def test_rows_of_one_id_that_disagree(importing: Importing, write: WriteFolder) -> None:
    files = FILES | {"sales": FILES["sales"].replace("3;;Bob Ray;Zoe", "3;;Bob Ray;Ida")}
    done = await importing(*write(MAPPING, **files))

    said = [row.reason for row in done.outcomes.rows if row.kind == "people" and row.outcome == "rejected"]
    assert said == ["line 3 says otherwise about superior_id"]


async def test_remarks_come_once_for_a_value(importing: Importing, write: WriteFolder) -> None:
    done = await importing(*write(MAPPING, **FILES))

    assert done.plan.notes.lines() == ["opportunities: no title of its own (2 rows)"]
    noted = [row.reason for row in done.outcomes.rows if row.external_id == "S-2"]
    assert noted == ["no title of its own"]


LOOSELY = """
    name: trial
    system: trial
    files: {products: products.csv, sales: sales.csv}
    records:
      - {kind: people, id: {value: Ann}, fields: {name: {value: Ann}}}
      - {kind: product-lines, id: {value: all}, fields: {name: {value: All}}}
      - kind: products
        from: products
        id: name
        fields:
          code: name
          name: name
          product_line_id: {value: all}
          unit: {value: piece}
          unit_is_whole: {value: true}
      - kind: opportunities
        from: sales
        id: no
        fields:
          name: no
          principal_id: {value: Ann}
          currency: {value: USD}
          lines: [{product_id: {column: product, match: loosely}, quantity: {value: 1}}]
"""


async def test_matching_loosely(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    sales = "no,product\n1,GTXPro\n2,GTX Pro\n3,gtx PRO\n4,MGA\n5,Nothing\n"
    done = await importing(*write(LOOSELY, products="name\nGTX Pro\nMG A\nM GA\n", sales=sales))

    assert set(stand_in.records["opportunities"]) == {"1", "2", "3"}
    lines = [found["item"]["lines"][0]["product_id"] for found in stand_in.records["opportunities"].values()]
    assert set(lines) == {stand_in.records["products"]["GTX Pro"]["id"]}
    assert len(done.plan.notes.lines()) == 2
    assert "'GTXPro' read as 'GTX Pro'" in done.plan.notes.lines()[0]
    said = {row.external_id: row.reason for row in done.outcomes.rows if row.outcome == "rejected"}
    assert said["4"] == "lines: product_id: 'MGA' may mean any of the products MG A, M GA: write it as one of them"
    assert said["5"] == "it refers to 'Nothing' of products: unknown here and in the API"


SHEET = """
    name: trial
    system: trial
    date: "%d/%m/%Y"
    files: {people: {path: people.xlsx, sheet: Staff}}
    records:
      - {kind: people, from: people, id: number, fields: {name: name, joined_on: joined, left_on: left}}
"""


async def test_a_spreadsheet(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    path, folder = write(SHEET)
    rows: list[list[str | int | date]] = [["number", "name", "joined", "left"]]
    rows.append([7, "Ann", date(2017, 2, 1), "03/02/2017"])
    write_sheet(folder / "people.xlsx", rows)

    await importing(path, folder)

    assert stand_in.records["people"]["7"]["item"] == {
        "external_reference": {"system": "trial", "id": "7"},
        "name": "Ann",
        "joined_on": "2017-02-01",
        "left_on": "2017-02-03",
    }


async def test_a_sheet_that_is_not_there(importing: Importing, write: WriteFolder) -> None:
    path, folder = write(SHEET.replace("Staff", "Stuff"))
    write_sheet(folder / "people.xlsx", [["number", "name", "joined", "left"]])

    with pytest.raises(FileUnreadable, match=r"people\.xlsx has no sheet 'Stuff'; its sheets are Staff\."):
        await importing(path, folder)


async def test_something_else_than_a_spreadsheet(importing: Importing, write: WriteFolder) -> None:
    path, folder = write(SHEET)
    (folder / "people.xlsx").write_bytes(b"no sheet")

    with pytest.raises(FileUnreadable, match=r"people\.xlsx is not a spreadsheet that can be read"):
        await importing(path, folder)


async def test_times_of_day_are_read_in_the_time_zone(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    mapping = """
        name: trial
        system: trial
        time_zone: Asia/Shanghai
        date: "%Y-%m-%d %H:%M"
        files: {sales: sales.csv}
        records:
          - {kind: people, id: {value: Ann}, fields: {name: {value: Ann}}}
          - kind: opportunities
            from: sales
            id: no
            fields:
              name: no
              principal_id: {value: Ann}
              currency: {value: USD}
              history: [{at: won, outcome: {value: won}}]
    """
    await importing(*write(mapping, sales="no,won\n1,2017-03-01 07:30\n2,2017-03-01 00:00\n"))

    at = [found["item"]["history"][0]["at"] for found in stand_in.records["opportunities"].values()]
    assert at == ["2017-02-28T23:30:00Z", "2017-03-01"]
