"""What makes two Chinese names that are much alike two companies': another place or trade, a branch on one side."""

from dataclasses import dataclass

from services.customer.matching.rules.agreements import NameLevel
from services.customer.matching.rules.chinese.alignment import Alignment
from services.customer.matching.rules.chinese.lexicon import Kind, may_be_one_place
from services.customer.matching.rules.chinese.names import ChineseName
from services.customer.matching.rules.legal_forms import BRANCHES

_BRANCHES = (*BRANCHES, "支行", "分行", "营业部", "分店", "分部", "分所", "代表处")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why the names are not one company's, and how far they can agree nevertheless."""

    words: str
    at_most: NameLevel


_PROPER = frozenset({Kind.NAME, Kind.WORD})
_TELLING = _PROPER | {Kind.INDUSTRY, Kind.PLAIN}
_ELSEWHERE = Conflict("of different places", NameLevel.SIMILAR)
_OTHER_TRADE = Conflict("of different trades", NameLevel.WEAK)
_A_BRANCH = Conflict("only one is a branch", NameLevel.WEAK)


def conflict(found: Alignment) -> Conflict | None:
    """Return what speaks against the two names that were aligned being one company's."""
    one, other = found.names
    if is_branch(one) != is_branch(other):
        return _A_BRANCH
    if one.places and other.places and not _may_be_one_place(one.places, other.places):
        return _ELSEWHERE
    if not _share_the_name_proper(found) and all(map(_leaves_a_trade, found.names, found.agreeing)):
        return _OTHER_TRADE
    return None


def _share_the_name_proper(found: Alignment) -> bool:
    return any(
        segment.kind in _PROPER and not agreeing.isdisjoint(range(segment.start, segment.end))
        for name, agreeing in zip(found.names, found.agreeing, strict=True)
        for segment in name.segments
    )


def _leaves_a_trade(name: ChineseName, agreeing: frozenset[int]) -> bool:
    """Say whether a trade or something of the name proper is in this name only."""
    return any(
        segment.kind in _TELLING and not agreeing.issuperset(range(segment.start, segment.end))
        for segment in name.segments
    )


def is_branch(name: ChineseName) -> bool:
    """Say whether the name is a branch's: 中国银行深圳分行."""
    return name.text.endswith(_BRANCHES)


def _may_be_one_place(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return any(may_be_one_place(one, other) for one in ours for other in theirs)
