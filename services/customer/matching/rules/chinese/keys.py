"""Keys by which a name in Chinese is found, also by its name in Latin letters and the other way round.

| begins with | what it is | of which names |
| --- | --- | --- |
| `g:` | two characters: neighbours, or the first ones of two parts (中石 and 石化 of 中国石油化工) | Chinese |
| `s:` | how the name proper sounds (德赛, Desay and Desai: `s:desai`) | Chinese; Latin ones that may be Chinese |
| `c:` | two things that are translated, a place or a trade (深圳, 电池: `c:batter.shenzhen`) | the same |
"""

from functools import lru_cache
from itertools import combinations

from services.customer.matching.rules.chinese.english import EnglishName, Word, english_name
from services.customer.matching.rules.chinese.lexicon import Kind, places, stem, words
from services.customer.matching.rules.chinese.names import ChineseName, Segment, chinese_name
from services.customer.matching.rules.chinese.pinyin import reading, sound, syllables

_MOST_PARTS = 5
_MOST_MEANINGS = 3
_MOST_SOUNDS = 3
_MOST_PAIRS = 6
_MOST_PAIRS_MEANT = 12
_SHORTEST_SOUND = 3
_SAYS_SOMETHING = (Kind.PLACE, Kind.INDUSTRY, Kind.PLAIN, Kind.WORD)


@lru_cache(maxsize=4096)
def pairs_of_characters(name: str) -> tuple[str, ...]:
    """Return pairs of characters of a Chinese name, each once, neighbours first."""
    prepared = chinese_name(name)
    parts = _telling_parts(prepared)
    return tuple(dict.fromkeys((*_neighbours(prepared, parts), *_beginnings(parts))))


@lru_cache(maxsize=4096)
def keys_across(name: str, *, has_han: bool) -> tuple[str, ...]:
    """Return the keys that a company's names in both scripts share; none for a Latin one that does not look Chinese."""
    if has_han:
        parts = _telling_parts(chinese_name(name))
        return tuple(dict.fromkeys((*_sounds(parts), *_pairs(_concepts(parts)))))
    prepared = english_name(name)
    sounds = _possible_sounds(prepared)
    if not sounds and not any(word.kind is Kind.PLACE for word in prepared.words):
        return ()
    return tuple(dict.fromkeys((*sounds, *_meant_pairs(prepared))))


def _telling_parts(name: ChineseName) -> list[Segment]:
    return [segment for segment in name.segments if segment.kind is not Kind.FORM] or list(name.segments)


def _neighbours(name: ChineseName, parts: list[Segment]) -> list[str]:
    """Return pairs of neighbouring characters: forms are passed over, as are ends of places such as 市."""
    spoken = "".join(part.word for part in parts)
    return [spoken[at : at + 2] for at in range(len(spoken) - 1)] or [name.text]


def _beginnings(parts: list[Segment]) -> list[str]:
    return [one.word[0] + other.word[0] for one, other in combinations(parts[:_MOST_PARTS], 2)]


def _sounds(parts: list[Segment]) -> list[str]:
    found = []
    for part in parts:
        if part.kind in {Kind.NAME, Kind.WORD}:
            found.append("".join(map(reading, part.word)))
            if len(part.word) > 2:  # noqa: PLR2004
                found.append("".join(map(reading, part.word[:2])))
    return [f"s:{sound(each)}" for each in found if len(each) >= _SHORTEST_SOUND][:_MOST_SOUNDS]


def _concepts(parts: list[Segment]) -> list[str]:
    found = []
    for part in parts:
        if part.kind is Kind.PLACE:
            found.append(places()[part.word].english[0])
        elif part.kind in _SAYS_SOMETHING:
            found.append(words()[part.word][1][0])
    return found


def _pairs(concepts: list[str]) -> list[str]:
    pairs = (sorted(pair) for pair in combinations(dict.fromkeys(concepts), 2))
    return [f"c:{one}.{other}" for one, other in pairs][:_MOST_PAIRS]


def _possible_sounds(name: EnglishName) -> list[str]:
    own = [word.text for word in name.words if word.kind in {Kind.NAME, Kind.WORD}]
    return [f"s:{sound(text)}" for text in (*own, "".join(own)) if len(text) >= _SHORTEST_SOUND and syllables(text)]


def _meant_pairs(name: EnglishName) -> list[str]:
    """Return pairs of what the words of a name may mean, the likeliest first; each has up to three renderings."""
    meant = [list(_concepts_of(word))[:_MOST_MEANINGS] for word in name.words if word.kind in _SAYS_SOMETHING]
    found = [
        (first + second, f"c:{'.'.join(sorted((left, right)))}")
        for one, other in combinations(meant, 2)
        for first, left in enumerate(one)
        for second, right in enumerate(other)
        if left != right
    ]
    return [key for _, key in sorted(found, key=lambda each: each[0])][:_MOST_PAIRS_MEANT]


def _concepts_of(word: Word) -> dict[str, None]:
    """Return what Chinese names with such a word may have as a concept, its own stem first."""
    concepts = [
        places()[each].english[0] if each in places() else words()[each][1][0]
        for each in sorted(word.meanings, key=lambda each: (len(each), each))
        if each in places() or each in words()
    ]
    own = stem(word.text)
    return dict.fromkeys([own, *concepts] if own in concepts else concepts)
