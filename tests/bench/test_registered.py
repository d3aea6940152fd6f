"""Companies as registers know them: always the same ones, and what is typed for them is not what they are called."""

from random import Random

from bench.registered import CHUNK, misspelled, registered, with_slip


def test_the_same_numbers_are_the_same_companies_wherever_one_begins() -> None:
    some = list(registered(0, CHUNK + 10))
    assert [one.number for one in some] == list(range(CHUNK + 10))
    assert list(registered(CHUNK - 5, CHUNK + 10)) == some[CHUNK - 5 :]
    assert len({one.id for one in some}) == len(some)


def test_some_brands_are_everywhere_and_most_are_rare() -> None:
    latin = [one.name.split()[0] for one in registered(0, 5 * CHUNK) if one.country == "DE"]
    often = {word: latin.count(word) for word in set(latin)}
    assert max(often.values()) > len(latin) / 200
    assert sum(many == 1 for many in often.values()) > len(often) / 2


def test_what_is_typed_is_another_spelling() -> None:
    chance = Random(1)  # noqa: S311 (a test)
    spelled = [(one.name, misspelled(one, chance)) for one in registered(0, 200)]
    assert sum(name == typed for name, typed in spelled) < 20
    assert all(typed.strip() for _, typed in spelled)
    assert {len(with_slip("leder", chance)) for _ in range(50)} == {4, 5, 6}
