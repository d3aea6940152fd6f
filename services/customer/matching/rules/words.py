"""The words of a folded name: abbreviations written out, fillers left out, no plural, numbers as digits."""

from functools import lru_cache

from services.customer.matching.rules.numerals import roman
from services.customer.matching.rules.street_words import ORDINALS

_FILLERS = """
the and of for in at on a an de la le les los las el du des der die das und et y e del di da do dos van von zu
"""
FILLERS = frozenset(_FILLERS.split())
_OUTLETS = """
cafe restaurant bar grill dining lounge hotel spa pub bistro brasserie pizzeria bakery pharmacy shop store museum
warehouse factory plant showroom workshop garage
"""
OUTLETS = frozenset(_OUTLETS.split())
"""Kinds of places of which one house, and one company, often has several under one name."""
_SERIES = "fund store phase series class plant unit branch spv portfolio tranche trust number no lot outlet shop site"
SERIES = frozenset(_SERIES.split())
"""Words of things that come in numbers: who leaves the number out means another, or all of them."""
_WRITTEN_OUT = """
ctr center, cntr center, cent center, centre center, centr center, centrum center, svc service, svcs service,
serv service, intl international, int international, internatl international, mfg manufacturing,
mfr manufacturing, mfrs manufacturing, assn association, assoc association, asso association, dept department,
univ university, natl national, nat national, acad academy, comm community, bros brothers, tech technology,
technol technology, technologies technology, ind industry, inds industry, indus industry, industries industry,
industrial industry, mgmt management, mgt management, dev development, devel development, developmental development,
ed education, educ education, edu education, educational education,
elem elementary, sch school, hosp hospital, med medical,
mkt market, mktg marketing, dist distribution, distrib distribution, distributors distribution, eng engineering,
engg engineering, engrg engineering, grp group, gruppe group, groupe group, gruppo group, grupo group,
hldg holding, hldgs holding, inst institute, lab laboratory, labs laboratory, laboratories laboratory, amer american,
am american, comp computer, elec electric, electr electric, equip equipment, fin financial, fdn foundation,
found foundation, govt government, ins insurance, inv investment, invs investment, invest investment,
investments investment, pharm pharma, pharmaceutical pharma, pharmaceuticals pharma, prod product, prods product,
props property, prop property, properties property, rest restaurant, ristorante restaurant, sys system, syst system,
trans transport, transp transport, transportation transport, whse warehouse, wksp workshop, chem chemical,
chems chemical, constr construction, const construction, corp corporation, cap capital, mtl material, matl material,
matls material, auto automotive, dc daycare, cdc childdevelopmentcenter, neigh neighborhood, neighbourhood neighborhood,
mt mount, ft fort, saint st, sankt st, brewing brewery, deli delicatessen, companies company
"""
_SPELLINGS = {pair.split()[0]: pair.split()[1] for pair in _WRITTEN_OUT.replace("\n", " ").split(",")}
_SHORTEST_PLURAL = 4


@lru_cache(maxsize=100_000)
def word_of(word: str) -> str:
    """Return the one spelling of a folded word: `svcs` and `services` are `service`."""
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        stem = word[:-3] + "y" if word.endswith("ies") and len(word) > _SHORTEST_PLURAL else word[:-1]
        return _SPELLINGS.get(stem, stem)
    return word


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a folded name in order, each once, without fillers unless there is nothing else.

    An s that stands alone is what a lost apostrophe leaves (`children?s`).
    """
    given = name.split()
    possessive = (place > 0 and word == "s" and place + 1 < len(given) for place, word in enumerate(given))
    spelled = [word_of(word) for word, left_out in zip(given, possessive, strict=True) if not left_out]
    kept = [word for word in spelled[:-1] if word not in FILLERS]
    if spelled and (len(spelled[-1]) == 1 or spelled[-1] not in FILLERS):  # the A of Fund A is no article
        kept.append(spelled[-1])
    return tuple(dict.fromkeys(_as_digits(word, place) for place, word in enumerate(kept or spelled)))


def _as_digits(word: str, place: int) -> str:
    """Return `7` for `vii` and `007`, the word itself where it is no number."""
    if word[0] == "0":
        return word.lstrip("0") or "0"
    value = roman(word) if place and len(word) > 1 else 0
    return str(value) if value else word


def number_of(word: str, *, last: bool) -> str:
    """Return the number that a word of a name stands for, or ''.

    A Roman numeral of one letter, but for V, counts only as the last word, as does any other single letter (fund A).
    """
    if word[0].isdigit():
        return _counted(word)
    if word in ORDINALS:
        return ORDINALS[word]
    if word[-1].isdigit():
        return word  # CH17 is not CH16
    if len(word) > 1 or last or word == "v":
        value = roman(word)
        if value:
            return str(value)
    return word if last and len(word) == 1 and word.isascii() else ""


def _counted(word: str) -> str:
    """`12`, `12th` and `012` are one number; `12b` is another."""
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyz")
    if not (digits.isascii() and digits.isdigit()):
        return word
    behind = word[len(digits) :]
    return digits.lstrip("0") + ("" if behind in ("st", "nd", "rd", "th") else behind) or "0"
