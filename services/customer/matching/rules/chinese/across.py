"""What a Chinese name and one in Latin letters have in common: translated words and spelled characters."""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, product

from services.customer.matching.rules.chinese.english import EnglishName, Word
from services.customer.matching.rules.chinese.lexicon import Kind
from services.customer.matching.rules.chinese.names import ChineseName
from services.customer.matching.rules.chinese.pinyin import reading, readings, sound

_LONGEST_SPELLED = 6
_MOST_READINGS = 4
_MOST_WORDS_JOINED = 4
_SINGLE_SYLLABLE = 0.5
_BY_SIGN = 0.7
_BY_INITIALS = 0.5
_NEARLY = 0.7
_SAME_CONSONANTS = 0.5
_SAME_BEGINNING = 0.2
_SHORTEST_FUZZY = 5
_INITIALS = range(2, 6)
_SHARE_OF_ENGLISH = 0.55
_SKELETON = str.maketrans({"q": "k", "c": "k", "x": "s", "j": "z", "g": "k", **dict.fromkeys("aeiou")})


@dataclass(frozen=True, slots=True)
class Spelled:
    """A Chinese name as it may be spelled: spans of characters by sound, initials, and words by position."""

    spans: dict[str, tuple[int, int]]
    words: dict[str, tuple[int, int]]
    initials: str
    names: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class _Covering:
    """How far each word and each character is explained so far, in [0, 1]."""

    english: list[float]
    chinese: list[float]
    agreed: list[str] = field(default_factory=list)

    def note(self, words: range, span: tuple[int, int], share: float, what: str) -> None:
        for at in words:
            self.english[at] = max(self.english[at], share)
        for at in range(*span):
            self.chinese[at] = max(self.chinese[at], share)
        self.agreed.append(what)


@lru_cache(maxsize=256)
def spelled(name: ChineseName) -> Spelled:
    """Return how the name may be spelled."""
    end = max((segment.end for segment in name.segments if segment.kind is not Kind.FORM), default=0)
    spans: dict[str, tuple[int, int]] = {}
    for start in range(end):
        for stop in range(start + 1, min(end, start + _LONGEST_SPELLED) + 1):
            for syllables in islice(product(*map(readings, name.text[start:stop])), _MOST_READINGS):
                spans.setdefault(sound("".join(syllables)), (start, stop))
    words = {segment.word: (segment.start, segment.end) for segment in name.segments if segment.kind is not Kind.NAME}
    names = tuple(
        (segment.start, segment.end, skeleton("".join(map(reading, segment.word))))
        for segment in name.segments
        if segment.kind in {Kind.NAME, Kind.WORD}
    )
    return Spelled(spans, words, "".join(reading(character)[0] for character in name.text[:end]), names)


def skeleton(written: str) -> str:
    """Return the consonants of what is spelled, as far as spellings by ear keep them."""
    return sound(written).translate(_SKELETON)


def across(chinese: ChineseName, english: EnglishName) -> tuple[float, tuple[str, ...]]:
    """Return how far the names explain each other, in [0, 1], and the words that agree."""
    how = spelled(chinese)
    covering = _Covering([0.0] * len(english.words), [0.0] * len(chinese.text))
    _by_spelling(english, how, covering)
    for at, word in enumerate(english.words):
        if covering.english[at] < 1:
            _by_meaning(at, word, chinese, how, covering)
    for at, word in enumerate(english.words):
        if covering.english[at] == 0 and word.kind in {Kind.NAME, Kind.WORD}:
            _by_ear(at, word, how, covering)
    return _value(chinese, english, covering), tuple(covering.agreed)


def _by_spelling(english: EnglishName, how: Spelled, covering: _Covering) -> None:
    at = 0
    while at < len(english.words):
        for count in range(min(_MOST_WORDS_JOINED, len(english.words) - at), 0, -1):
            joined = sound("".join(word.text for word in english.words[at : at + count]))
            span = how.spans.get(joined)
            if span is not None and (count > 1 or english.words[at].kind is not Kind.FORM):
                single = span[1] - span[0] == 1 and len(joined) > 0
                if single and count == 1 and english.words[at].kind is not Kind.NAME:
                    continue
                covering.note(range(at, at + count), span, _SINGLE_SYLLABLE if single else 1.0, joined)
                at += count - 1
                break
        at += 1


def _by_meaning(at: int, word: Word, chinese: ChineseName, how: Spelled, covering: _Covering) -> None:
    found = False
    for meant in word.meanings:
        if meant in how.words:
            covering.note(range(at, at + 1), how.words[meant], 1.0, word.text)
            found = True
    if found:
        return
    for meant in word.meanings:
        if len(meant) == 1 and (position := chinese.text.find(meant)) >= 0 and covering.chinese[position] == 0:
            covering.note(range(at, at + 1), (position, position + 1), _BY_SIGN, word.text)
            return


def _by_ear(at: int, word: Word, how: Spelled, covering: _Covering) -> None:
    only = range(at, at + 1)
    if len(word.text) in _INITIALS and (position := how.initials.find(word.text)) >= 0:
        span = (position, position + len(word.text))
        if not any(covering.chinese[each] for each in range(*span)):
            covering.note(only, span, _BY_INITIALS, word.text)
            return
    if len(word.sound) >= _SHORTEST_FUZZY:
        for heard, span in how.spans.items():
            if span[1] - span[0] > 1 and heard[0] == word.sound[0] and _one_edit(heard, word.sound):
                covering.note(only, span, _NEARLY, word.text)
                return
    consonants = skeleton(word.text)
    for start, stop, bones in how.names:
        if covering.chinese[start] or not bones or not consonants:
            continue
        if bones == consonants and len(bones) > 1:
            covering.note(only, (start, stop), _SAME_CONSONANTS, word.text)
            return
        if bones[0] == consonants[0]:
            covering.english[at] = _SAME_BEGINNING
            return


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
    weight = sum(chinese.weights)
    if not said or not weight:
        return 0.0
    of_english = sum(word.weight * share for word, share in zip(english.words, covering.english, strict=True)) / said
    of_chinese = sum(each * share for each, share in zip(chinese.weights, covering.chinese, strict=True)) / weight
    return _SHARE_OF_ENGLISH * of_english + (1 - _SHARE_OF_ENGLISH) * of_chinese
