"""The normalised name: what two names of one company have in common when habits and legal forms are taken away."""

from functools import cache

from servicekit.values.errors import RuleViolated
from services.customer.matching.rules.legal_forms import (
    BRANCHES,
    LISTED_BEGINNINGS,
    LISTED_ENDINGS,
    LISTED_UNSPACED_ENDINGS,
)
from services.customer.matching.rules.text import fold, is_spaceless

_MARKS_FOR_FORMS = {
    "㈱": "株式会社",
    "(株)": "株式会社",
    "（株）": "株式会社",
    "㈲": "有限会社",
    "(有)": "有限会社",
    "（有）": "有限会社",
}
_MARKS_FOR_FORMS |= {"㈜": "주식회사", "(주)": "주식회사", "（주）": "주식회사"}


class NameWithoutLetters(RuleViolated):
    """A company's name must hold something to know it by."""

    code = "name_without_letters"


@cache
def _forms() -> tuple[dict[str, frozenset[str]], tuple[str, ...], tuple[str, ...]]:
    """Return endings by their last word, unspaced endings longest first, and beginnings longest first."""
    endings: dict[str, set[str]] = {}
    for form in map(fold, LISTED_ENDINGS):
        endings.setdefault(form.rsplit(" ", 1)[-1], set()).add(form)
    unspaced = sorted(set(map(fold, LISTED_UNSPACED_ENDINGS)), key=len, reverse=True)
    beginnings = sorted(set(map(fold, LISTED_BEGINNINGS)), key=len, reverse=True)
    return {word: frozenset(forms) for word, forms in endings.items()}, tuple(unspaced), tuple(beginnings)


def _without_spaced_ending(name: str) -> str:
    last_word = name
    for position in range(len(name) - 1, -1, -1):
        if name[position] == " " or is_spaceless(name[position]):
            last_word = name[position + 1 :]
            break
    for form in sorted(_forms()[0].get(last_word, ()), key=len, reverse=True):
        rest = name.removesuffix(form)
        if rest != name and rest and (rest.endswith(" ") or is_spaceless(rest[-1])):
            return rest.rstrip()
    return name


def _without_unspaced_ending(name: str) -> str:
    if not name or not is_spaceless(name[-1]) or name.endswith(BRANCHES):
        return name
    for form in _forms()[1]:
        if name.endswith(form) and len(name) > len(form):
            return name.removesuffix(form).rstrip()
    return name


def _without_beginning(name: str) -> str:
    for form in _forms()[2]:
        rest = name.removeprefix(form)
        if rest != name and rest.strip() and (rest.startswith(" ") or is_spaceless(form[-1]) or is_spaceless(rest[0])):
            return rest.lstrip()
    return name


def without_legal_forms(folded: str) -> str:
    """Take legal forms off a folded name, one after the other, but never the whole of it."""
    name = folded
    while True:
        shorter = _without_beginning(_without_unspaced_ending(_without_spaced_ending(name)))
        if shorter == name:
            return name
        name = shorter


def normalise_name(name: str, field: str = "/name") -> str:
    """Return what must be equal, with country and city, for two names to be one company's.

    Idempotent: the normalised form of a normalised name is itself. A name of nothing but signs is refused.
    """
    spelled = name
    for mark, form in _MARKS_FOR_FORMS.items():
        spelled = spelled.replace(mark, f" {form} ")
    folded = fold(spelled)
    if not folded:
        raise NameWithoutLetters("A name needs at least one letter or digit.", field=field)
    return without_legal_forms(folded)
