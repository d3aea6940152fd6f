"""Each mistake in a mapping is told with file, line, column and the way out, before anything is sent."""

import pytest

from keyaccount.importing.problems import FileUnreadable, MappingInvalid, NothingUsable
from tests.importing.conftest import Importing, WriteFolder
from tests.importing.stand_in import StandIn

HEAD = """\
name: trial
system: trial
files: {people: people.csv}
"""
PEOPLE = "name,boss,joined,country\nAnn,,31.12.2017,UK\nBob,Ann,01.02.2018,France\n"


def records(fields: str, more: str = "") -> str:
    people = "  - kind: people\n    from: people\n    id: name\n    fields:\n      name: name\n"
    return f"{HEAD}{more}records:\n{people}{fields}"


@pytest.mark.parametrize(
    ("mapping", "blamed", "message"),
    [
        (records("      email: mail\n"), "email", "people.csv has no column 'mail'; its columns are name, boss"),
        (records("      title: nam\n"), "title", "has no column 'nam'; did you mean 'name'?"),
        (records("      salary: name\n"), "salary", "there is no field 'salary' here; the fields are name, email"),
        (records("      title: {column: country, translate: lands}\n"), "translate", "there is no table 'lands'"),
        (records("      joined_on: joined\n"), "joined_on", "say how dates are written"),
        (records("      title: {column: name, colour: red}\n"), "colour", "'colour' is not a word that can be used"),
        (records("      title: {column: name, value: x}\n"), "title", "exactly one source"),
        (records("      title: {column: name, part: '(('}\n"), "part", "is not a regular expression"),
        (records("      title: {text: '{name:shout}'}\n"), "text", "'shout' is not one of slug, lower, title"),
        (records("      title: {column: name, when: {rank: x}}\n"), "rank", "has no column 'rank'"),
        (records("      title:\n        - {name: name}\n"), "title", "one value, not a list"),
        (records("      roles: name\n"), "roles", "this field holds a list"),
        (records("", "time_zone: Mars/Olympus\n"), "time_zone", "there is no time zone 'Mars/Olympus'"),
        (records("", "time_zone: UTC\ntime_zone: UTC\n"), "time_zone", "'time_zone' is given twice"),
        (
            HEAD + "records: [{kind: customer, id: name, fields: {}}]\n",
            "kind",
            "no kind 'customer'; the kinds are busi",
        ),
        (HEAD + "records: [{kind: people, id: x, fields: {}, from: y}]\n", "from", "no file 'y' in `files`"),
        (HEAD + "records: [{kind: people, id: name, fields: {}, from: people}]\n", "fields", "'name' is needed"),
        (HEAD + "records: []\n", "records", "at least 1 item"),
        (HEAD + "records: [\n", "", "not valid YAML"),
        (HEAD + "records: [{kind: people, id: {from: x}, fields: {}}]\n", "from", "'from' is not a word that can be"),
        ("name: trial\n", "name", "'system' is missing"),
        ("", "", "the file is empty"),
    ],
)
async def test_a_mistake_in_the_mapping(
    importing: Importing, write: WriteFolder, mapping: str, blamed: str, message: str
) -> None:
    path, folder = write(mapping, people=PEOPLE)

    with pytest.raises(MappingInvalid) as error:
        await importing(path, folder)

    before = mapping[: mapping.rindex(blamed)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert message in str(error.value)
    assert str(error.value).startswith(f"{path}:{line}:{column}: ")


async def test_references_point_backwards(importing: Importing, write: WriteFolder) -> None:
    mapping = """
        name: trial
        system: trial
        files: {people: people.csv}
        records:
          - {kind: people, from: people, id: name, fields: {name: name, business_unit_id: country}}
          - {kind: business-units, from: people, id: country, fields: {name: country}}
    """
    with pytest.raises(MappingInvalid, match=r":5:65: this refers to business-units, which come later"):
        await importing(*write(mapping, people=PEOPLE))


async def test_a_declared_format_that_fits_no_row_stops_everything(
    importing: Importing, stand_in: StandIn, write: WriteFolder
) -> None:
    mapping = records('      joined_on: {column: joined, date: "%Y-%m-%d"}\n')

    with pytest.raises(NothingUsable) as error:
        await importing(*write(mapping, people=PEOPLE))

    assert str(error.value).startswith(
        "people.csv:2: joined_on: '31.12.2017' is not a date like 2017-12-31 (declared in the mapping as %Y-%m-%d)."
    )
    assert not stand_in.batches


async def test_a_wrong_encoding_names_the_line(importing: Importing, stand_in: StandIn, write: WriteFolder) -> None:
    people = "name,boss,joined,country\nAnn,,,\nJosé,,,\n".encode("cp1252")
    path, folder = write(records(""), people=people)

    with pytest.raises(FileUnreadable, match=r"people\.csv:3: this is not utf-8 text \(byte 0xe9\)\. Say `encoding:`"):
        await importing(path, folder)
    assert not stand_in.batches

    declared = records("").replace("people: people.csv", "people: {path: people.csv, encoding: cp1252}")
    done = await importing(*write(declared, people=people))
    assert done.counts["people"]["created"] == 2
    assert "José" in stand_in.records["people"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"people\.csv:1: the first line must name the columns"),
        ("name,name\n", r"people\.csv:1: the column 'name' is there twice"),
        ('name,boss\nAnn,"unclosed\n', r"people\.csv:2: not well-formed CSV"),
        ("name\nA\x00b\n", r"people\.csv:2: a NUL character"),
    ],
)
async def test_files_that_are_not_what_they_should_be(
    importing: Importing, write: WriteFolder, content: str, message: str
) -> None:
    with pytest.raises(FileUnreadable, match=message):
        await importing(*write(records(""), people=content.encode()))


async def test_a_missing_file_says_which_there_are(importing: Importing, write: WriteFolder) -> None:
    path, folder = write(records(""), persons=PEOPLE)

    with pytest.raises(FileUnreadable, match=r"There is no people\.csv in .*; there are: persons\.csv\."):
        await importing(path, folder)
