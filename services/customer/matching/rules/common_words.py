"""Words that are usual in names of companies anywhere, with the share of names that hold them, per thousand.

Written down by hand from general knowledge, coarse on purpose: what counts is that `international` is no evidence.
Words stand as `words.words_of` spells them: folded, abbreviations written out, without the plural's s.
"""

from functools import cache

_PER_THOUSAND = {
    60: "group holding international service center",
    30: "capital investment fund management trading technology industry solution global school system association "
    "partner property energy development association store shop restaurant cafe bar hotel bank care",
    15: "american china europe asia pacific north south east west national united general first new "
    "logistic transport food construction engineering electronic product material consulting finance insurance "
    "real estate medical health pharma chemical auto motor power digital media network software data "
    "import export manufacturing machinery equipment metal steel plastic textile trust foundation institute "
    "university college academy church hospital clinic community child children day preschool learning house home "
    "public society club corporation enterprise company supply wholesale distribution retail market sale",
    6: "city county state street park green blue red black white gold silver sun star best royal grand central "
    "modern smart pro plus one advanced precision premier quality universal world union alliance venture "
    "hong kong shanghai beijing shenzhen london york germany india france japan korea singapore "
    "industrial commercial agricultural farm water oil gas solar wind environment security travel tour "
    "entertainment sport game fashion shoe footwear clothing furniture paper packaging printing design "
    "marketing research laboratory science biotech gmbh parent family youth senior little kid early program "
    "head start neighborhood kitchen grill bistro pizza bakery coffee fish steak",
}


@cache
def _shares() -> dict[str, float]:
    return {word: many / 1000 for many, words in sorted(_PER_THOUSAND.items()) for word in words.split()}


def share_of(word: str) -> float:
    """Return the share of names that hold the word, in [0, 1]; 0 where it is not a common one."""
    return _shares().get(word, 0.0)
