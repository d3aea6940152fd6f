"""What a Chinese name and one in Latin letters have in common: translated words and spelled characters."""

from dataclasses import dataclass, field

from services.customer.matching.rules.chinese.english import EnglishName, Joined, Word
from services.customer.matching.rules.chinese.lexicon import Kind
from services.customer.matching.rules.chinese.names import ChineseName
from services.customer.matching.rules.chinese.spelling import Span, Spelled, skeleton, spelled

_SINGLE_SYLLABLE = 0.5
_BY_SIGN = 0.7
_BY_INITIALS = 0.5
_IN_CANTONESE = 0.9
_NEARLY = 0.7
_SAME_CONSONANTS = 0.5
_SAME_BEGINNING = 0.2
_SHORTEST_FUZZY = 5
_INITIALS = range(2, 6)
_SHARE_OF_ENGLISH = 0.55
_TRADES = frozenset({Kind.INDUSTRY, Kind.PLAIN})
_MOST_OF_A_TRADE = 0.9
"""A trade of four characters says no more than one of two."""
_PROPER = frozenset({Kind.NAME, Kind.WORD})


@dataclass(slots=True)
class _Covering:
    """How far each word and each character is explained so far, in [0, 1]."""

    english: list[float]
    chinese: list[float]
    agreed: list[str] = field(default_factory=list)

    def note(self, words: range, span: Span, share: float, what: str) -> None:
        for at in words:
            self.english[at] = max(self.english[at], share)
        for at in range(*span):
            self.chinese[at] = max(self.chinese[at], share)
        self.agreed.append(what)

    def touches(self, span: Span) -> bool:
        return any(self.chinese[at] for at in range(*span))


def across(chinese: ChineseName, english: EnglishName) -> tuple[float, tuple[str, ...]]:
    """Return how far the names explain each other, in [0, 1], and the words that agree."""
    how = spelled(chinese)
    covering = _Covering([0.0] * len(english.words), [0.0] * len(chinese.text))
    _by_spelling(english, how, covering)
    for at, word in enumerate(english.words):
        if covering.english[at] < 1:
            _by_meaning(at, word, chinese, how, covering)
    for at, word in enumerate(english.words):
        if covering.english[at] == 0 and word.kind in _PROPER:
            _by_ear(at, word, how, covering)
    return _value(chinese, english, covering), tuple(covering.agreed)


def _by_spelling(english: EnglishName, how: Spelled, covering: _Covering) -> None:
    reached = 0
    for joined in english.joined:
        if joined.at.start >= reached and _spells(english, joined, how, covering):
            reached = joined.at.stop


def _spells(english: EnglishName, joined: Joined, how: Spelled, covering: _Covering) -> bool:
    """Note it if these words, joined, spell characters of the name; a name in it may be in Latin letters itself."""
    span, share = how.latin.get(joined.heard), 1.0
    if span is None and joined.mandarin:
        span = how.mandarin.find(joined.heard)
    if span is None and joined.cantonese:
        span, share = how.cantonese.find(joined.heard), _IN_CANTONESE
    if span is None or span[1] - span[0] < len(joined.at):
        return False
    if span[1] - span[0] == 1:
        if english.words[joined.at.start].kind is not Kind.NAME:
            return False
        share = _SINGLE_SYLLABLE
    covering.note(joined.at, span, share, " ".join(english.words[each].text for each in joined.at))
    return True


def _by_meaning(at: int, word: Word, chinese: ChineseName, how: Spelled, covering: _Covering) -> None:
    only = range(at, at + 1)
    for meant in word.meanings:
        if meant in how.words:
            covering.note(only, _part_meant(meant, word, how.words[meant]), 1.0, word.text)
    if covering.english[at]:
        return
    for meant in word.meanings:
        if len(meant) == 1 and (position := chinese.text.find(meant)) >= 0 and not covering.chinese[position]:
            covering.note(only, (position, position + 1), _BY_SIGN, word.text)
            return


def _part_meant(meant: str, word: Word, span: tuple[int, int]) -> tuple[int, int]:
    """Return what of a word composed of words is meant: `technology` is 技术 in 信息技术."""
    inner = max(
        (each for each in word.meanings if len(each) > 1 and each != meant and each in meant), key=len, default=""
    )
    at = meant.find(inner) if inner else -1
    return (span[0] + at, span[0] + at + len(inner)) if at >= 0 else span


def _by_ear(at: int, word: Word, how: Spelled, covering: _Covering) -> None:
    only = range(at, at + 1)
    found = _by_initials(word, how, covering)
    if found is not None:
        covering.note(only, found, _BY_INITIALS, word.text)
        return
    found = _nearly(word, how)
    if found is not None:
        covering.note(only, found, _NEARLY, word.text)
        return
    consonants = skeleton(word.text)
    for span, bones in how.names:
        if covering.touches((span[0], span[0] + 1)) or not bones or not consonants:
            continue
        if bones == consonants and len(bones) > 1:
            covering.note(only, span, _SAME_CONSONANTS, word.text)
            return
        if bones[0] == consonants[0]:
            covering.english[at] = _SAME_BEGINNING
            return


def _by_initials(word: Word, how: Spelled, covering: _Covering) -> Span | None:
    if len(word.text) not in _INITIALS:
        return None
    at = how.initials.find(word.text)
    span = (at, at + len(word.text))
    return span if at >= 0 and not covering.touches(span) else None


def _nearly(word: Word, how: Spelled) -> Span | None:
    """Return the characters, two or more, that sound like the word but for one letter."""
    if len(word.sound) < _SHORTEST_FUZZY:
        return None
    return next(
        (
            span
            for heard, span in how.mandarin.spans_like(word.sound)
            if span[1] - span[0] > 1 and _one_edit(heard, word.sound)
        ),
        None,
    )


def _one_edit(one: str, other: str) -> bool:
    """Say whether at most one letter differs, is missing or is added."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter, longer = sorted((one, other), key=len)
    same = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    if len(shorter) == len(longer):
        return shorter[same + 1 :] == longer[same + 1 :]
    return shorter[same:] == longer[same + 1 :]


def _value(chinese: ChineseName, english: EnglishName, covering: _Covering) -> float:
    said = sum(word.weight for word in english.words)
    of_english = sum(word.weight * share for word, share in zip(english.words, covering.english, strict=True))
    weight = of_chinese = 0.0
    for segment in chinese.segments:
        weighs = sum(chinese.weights[segment.start : segment.end])
        covered = sum(chinese.weights[at] * covering.chinese[at] for at in range(segment.start, segment.end))
        most = _MOST_OF_A_TRADE if segment.kind in _TRADES else weighs
        weight += min(weighs, most)
        of_chinese += covered * min(1.0, most / weighs) if weighs else 0.0
    if not said or not weight:
        return 0.0
    return _SHARE_OF_ENGLISH * of_english / said + (1 - _SHARE_OF_ENGLISH) * of_chinese / weight
