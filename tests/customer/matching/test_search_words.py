"""Words that search looks for, in scripts with blanks and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.matching.rules.fingerprints import fingerprint
from services.customer.matching.rules.search_words import MOST_WORDS, after, asked_words, words_of


def test_a_script_with_blanks_has_words_and_others_have_what_follows_each_character() -> None:
    assert words_of(["Müller & Söhne GmbH"], ["DE 129273398"]) == ["and", "de129273398", "muller", "sohne"]
    assert words_of(["深圳市华为技术有限公司"], ()) == sorted(
        ["深圳市华", "圳市华为", "市华为技", "华为技术", "为技术", "技术", "术"]
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("华为", ["华为"]),
        ("華為技術有限公司", ["华为技术"]),
        ("深圳市华为技术", ["深圳市华", "华为技术"]),
        ("Huawei 技术", ["huawei", "技术"]),
        ("…", []),
    ],
)
def test_a_query_is_covered_by_few_of_them(query: str, words: list[str]) -> None:
    assert asked_words(query) == words


NAMES = st.text(st.sampled_from("abcé 深圳华为技术カ0-."), min_size=1, max_size=30)


@given(NAMES)
def test_whoever_asks_for_a_whole_name_asks_for_words_that_it_has(name: str) -> None:
    held = words_of([name], ())
    for asked in asked_words(name):
        assert any(asked <= word < after(asked) for word in held)


def test_words_of_one_company_are_bounded() -> None:
    assert len(words_of([f"name{number} of it" for number in range(1000)], ())) == MOST_WORDS


@given(st.text())
def test_a_fingerprint_fits_into_a_bigint(key: str) -> None:
    assert -(2**63) <= fingerprint(key) < 2**63
