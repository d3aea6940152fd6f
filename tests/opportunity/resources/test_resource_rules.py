from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.opportunity.resources import rules
from services.opportunity.resources.rules import Decider, Matter, Wanted
from services.opportunity.vocabulary import State

SELLER, MANAGER, HEAD, CHIEF, STRANGER = (uuid4() for _ in range(5))
LINE = [MANAGER, HEAD, CHIEF]
LIMITS = [Decimal(100), Decimal(1000)]
TODAY = date(2026, 11, 26)


def level(by: UUID, *, behalf: UUID | None = None, waits_below: UUID = SELLER, admin: bool = False) -> int | None:
    matter = Matter(uuid4(), {SELLER}, LINE, waits_below)
    return rules.level_of(Decider(by, behalf, admin), matter, "approved")


def test_superiors_decide_each_at_their_level() -> None:
    assert [level(one) for one in LINE] == [1, 2, 3]
    assert level(STRANGER, behalf=HEAD) == 2


@pytest.mark.parametrize(("by", "behalf"), [(SELLER, None), (SELLER, MANAGER), (MANAGER, SELLER)])
def test_nobody_decides_on_their_own_matter(by: UUID, behalf: UUID | None) -> None:
    with pytest.raises(rules.OwnResources):
        level(by, behalf=behalf)


def test_who_is_not_above_or_was_asked_already_does_not_decide() -> None:
    with pytest.raises(rules.ResourcesNotYours):
        level(STRANGER)
    with pytest.raises(rules.ResourcesNotYours):
        level(STRANGER, admin=True)  # there are superiors
    for one in (MANAGER, HEAD):
        with pytest.raises(rules.ResourcesNotYours):
            level(one, waits_below=HEAD)
    assert level(CHIEF, waits_below=HEAD) == 3


def test_where_nobody_stands_above_an_admin_decides_in_their_own_name() -> None:
    alone = Matter(uuid4(), {CHIEF}, [], CHIEF)
    assert rules.level_of(Decider(STRANGER, None, is_admin=True), alone, "approved") is None
    for nobody in (Decider(STRANGER, None, is_admin=False), Decider(STRANGER, HEAD, is_admin=True)):
        with pytest.raises(rules.ResourcesNotYours):
            rules.level_of(nobody, alone, "approved")
    with pytest.raises(rules.OwnResources):
        rules.level_of(Decider(CHIEF, None, is_admin=True), alone, "approved")


@pytest.mark.parametrize(
    ("at", "amount", "limits", "enough"),
    [
        (1, "5000", [], True),
        (1, "100", LIMITS, True),
        (1, "100.01", LIMITS, False),
        (2, "1000", LIMITS, True),
        (2, "1000.01", LIMITS, False),
        (3, "1000.01", LIMITS, True),
        (1, None, LIMITS, True),
        (1, "Infinity", LIMITS, False),
        (2, "Infinity", [*LIMITS, Decimal(9), Decimal(9)], False),
        (3, "Infinity", [*LIMITS, Decimal(9), Decimal(9)], True),  # the top of the line
        (None, "5000", LIMITS, True),
    ],
)
def test_a_level_decides_up_to_its_limit(
    at: int | None, amount: str | None, limits: list[Decimal], enough: bool
) -> None:
    assert rules.suffices(at, LINE, None if amount is None else Decimal(amount), limits) is enough


def test_a_principal_above_who_asks_is_passed_by() -> None:
    assert rules.line_begins(SELLER, MANAGER, LINE) == MANAGER
    assert rules.line_begins(SELLER, STRANGER, LINE) == SELLER
    assert rules.line_begins(SELLER, SELLER, LINE) == SELLER


def test_a_request_says_how_much() -> None:
    def check(amount: str | None, quantity: str | None, unit: str | None) -> None:
        decimals = [None if one is None else Decimal(one) for one in (amount, quantity)]
        wanted = Wanted("x", decimals[0], "USD" if amount else None, decimals[1], unit, TODAY, "y")
        rules.check_request(State.OPEN, wanted, TODAY)

    check("1", None, None)
    check(None, "2", "days")
    for wrong in ((None, None, None), ("0", None, None), (None, "2", None), ("1", None, "days")):
        with pytest.raises(rules.ResourceUnspecified):
            check(*wrong)
