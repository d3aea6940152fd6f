"""What makes two Chinese names of one sound two companies: another place, a branch on one side."""

from dataclasses import dataclass

from services.customer.matching.rules.agreements import NameLevel
from services.customer.matching.rules.chinese.lexicon import places
from services.customer.matching.rules.chinese.names import ChineseName
from services.customer.matching.rules.legal_forms import BRANCHES

_BRANCHES = (*BRANCHES, "支行", "分行", "营业部", "分店", "分部", "分所", "代表处")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why the names are not one company's, and how far they can agree nevertheless."""

    words: str
    at_most: NameLevel


_ELSEWHERE = Conflict("of different places", NameLevel.SIMILAR)
_A_BRANCH = Conflict("only one is a branch", NameLevel.WEAK)


def conflict(one: ChineseName, other: ChineseName) -> Conflict | None:
    """Return what speaks against the names being one company's."""
    if is_branch(one) != is_branch(other):
        return _A_BRANCH
    if one.places and other.places and not _may_be_one_place(one.places, other.places):
        return _ELSEWHERE
    return None


def is_branch(name: ChineseName) -> bool:
    """Say whether the name is a branch's: 中国银行深圳分行."""
    return name.text.endswith(_BRANCHES)


def _may_be_one_place(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return any(_may_be_one(one, other) for one in ours for other in theirs)


def _may_be_one(one: str, other: str) -> bool:
    """A city and its province may be one place; two cities, or two provinces, are not."""
    if one == other:
        return True
    left, right = places()[one], places()[other]
    return left.within in (other, right.within) and (left.within == one or right.within == other)
