"""Keys by which a name in Chinese is found, also by its name in Latin letters and the other way round.

| begins with | what it is | of which names |
| --- | --- | --- |
| `g:` | two characters: neighbours, or the first ones of two parts (中石 and 石化 of 中国石油化工) | Chinese |
| `s:` | how the name proper sounds (德赛, Desay and Desai: `s:desai`) | Chinese; Latin ones that may be Chinese |
| `c:` | two things that are translated, a place or a trade (深圳, 电池: `c:batter.shenzhen`) | the same |
| `c:` | the first letter of the name proper, in capitals, and one such thing (`c:D.batter`) | the same |
"""

from functools import lru_cache
from itertools import combinations

from services.customer.matching.rules.chinese.english import EnglishName, Word, english_name
from services.customer.matching.rules.chinese.lexicon import Kind, places, stem, words
from services.customer.matching.rules.chinese.names import ChineseName, Segment, chinese_name
from services.customer.matching.rules.chinese.pinyin import cantonese, may_be_mandarin, reading, sound
from services.customer.matching.rules.chinese.spelling import skeleton

CHINESE_COUNTRIES = frozenset({"CN", "HK", "MO", "TW", "SG"})
_CANTONESE = frozenset({"HK", "MO"})
_MOST_PARTS = 5
_MOST_MEANINGS = 3
_MOST_SOUNDS = 3
_MOST_SOUNDS_OF_LATIN = 8
_MOST_PAIRS = 5
_MOST_BEGINNINGS = 2
_MOST_PAIRS_MEANT = 12
_SHORTEST_SOUND = 3
_LONG_NAME = 4
_SAYS_SOMETHING = (Kind.INDUSTRY, Kind.WORD, Kind.PLACE, Kind.PLAIN)
"""What is translated, from what says most to what says least."""


@lru_cache(maxsize=256)
def pairs_of_characters(name: str) -> tuple[str, ...]:
    """Return pairs of characters of a Chinese name, each once, neighbours first."""
    prepared = chinese_name(name)
    parts = _telling_parts(prepared)
    return tuple(dict.fromkeys((*_neighbours(prepared, parts), *_beginnings(parts))))


@lru_cache(maxsize=256)
def keys_across(name: str, country: str, *, has_han: bool) -> tuple[str, ...]:
    """Return the keys that a company's names in both scripts share.

    A name in Latin letters has all of them only in a country where Chinese names are usual; elsewhere, or where the
    country is not known, it has some if it looks Chinese, and most names have none.
    """
    if has_han:
        return _across_of_chinese(_telling_parts(chinese_name(name)), country)
    prepared = english_name(name)
    usual = country in CHINESE_COUNTRIES
    sounds = _possible_sounds(prepared, usual=usual)
    if not usual and not sounds and not any(word.kind is Kind.PLACE for word in prepared.words):
        return ()
    begun = _beginnings_meant(prepared) if usual else ()
    return tuple(dict.fromkeys((*sounds, *_meant_pairs(prepared), *begun)))


def _across_of_chinese(parts: list[Segment], country: str) -> tuple[str, ...]:
    concepts = _concepts(parts)
    proper = next((part.word for part in parts if part.kind is Kind.NAME), "")
    beginning = _beginning("".join(map(reading, proper)))
    begun = [f"c:{beginning}.{concept}" for concept in concepts if beginning][:_MOST_BEGINNINGS]
    heard = _sounds_in_cantonese(parts) if country in _CANTONESE else []
    return tuple(dict.fromkeys((*_sounds(parts), *heard, *_pairs(concepts), *begun)))


def _beginning(written: str) -> str:
    """Return the first consonant of what is spelled, or its first vowel, in capitals to tell it from words."""
    return (skeleton(written)[:1] or written[:1]).upper()


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
            pieces = (
                [part.word, part.word[:2]]
                if len(part.word) < _LONG_NAME
                else [part.word, part.word[:2], part.word[-2:]]
            )
            found += ["".join(map(reading, piece)) for piece in pieces]
    return [f"s:{sound(each)}" for each in dict.fromkeys(found) if len(each) >= _SHORTEST_SOUND][:_MOST_SOUNDS]


def _sounds_in_cantonese(parts: list[Segment]) -> list[str]:
    pieces = [piece for part in parts if part.kind is Kind.NAME for piece in (part.word, part.word[:2])]
    spelled = ["".join(cantonese(character)[0] for character in piece) for piece in dict.fromkeys(pieces)]
    return [f"s:{sound(each)}" for each in spelled if len(each) >= _SHORTEST_SOUND][:_MOST_SOUNDS]


def _concepts(parts: list[Segment]) -> list[str]:
    """Return what is translated, what says most first."""
    telling = [part for part in parts if part.kind in _SAYS_SOMETHING]
    telling.sort(key=lambda part: _SAYS_SOMETHING.index(part.kind))
    return list(dict.fromkeys(_concept(part.word) for part in telling))


def _concept(word: str) -> str:
    return places()[word].english[0] if word in places() else words()[word][1][0]


def _pairs(concepts: list[str]) -> list[str]:
    pairs = (sorted(pair) for pair in combinations(concepts, 2))
    return [f"c:{one}.{other}" for one, other in pairs][:_MOST_PAIRS]


def _possible_sounds(name: EnglishName, *, usual: bool) -> list[str]:
    own = [word.text for word in name.words if word.kind in {Kind.NAME, Kind.WORD}]
    possible = [sound(text) for text in (*own, "".join(own)) if len(text) >= _SHORTEST_SOUND]
    if usual:
        possible += [joined.heard for joined in name.joined if len(joined.at) > 1]
    else:
        possible = list(filter(may_be_mandarin, possible))
    return [f"s:{heard}" for heard in dict.fromkeys(possible)][:_MOST_SOUNDS_OF_LATIN]


def _beginnings_meant(name: EnglishName) -> list[str]:
    proper = next((word.text for word in name.words if word.kind is Kind.NAME), "")
    concepts = [concept for word in name.words if word.kind in _SAYS_SOMETHING for concept in _concepts_of(word)]
    return [f"c:{_beginning(proper)}.{concept}" for concept in concepts if proper][:_MOST_PAIRS_MEANT]


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
    known = (each for each in word.meanings if each in places() or each in words())
    concepts = [_concept(each) for each in sorted(known, key=lambda each: (len(each), each))]
    own = stem(word.text)
    return dict.fromkeys([own, *concepts] if own in concepts else concepts)
