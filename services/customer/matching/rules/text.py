"""Folding: what is the same to a reader becomes the same text.

Steps, in order: trade mark signs dropped · NFKC (width, ligatures, circled and compatibility forms) · case folded ·
accents of Latin, Greek and Cyrillic removed (marks of other scripts carry meaning and stay) · letters that Unicode
does not decompose (ø, ł, æ …) spelled plainly · traditional Chinese to simplified, one by one (OpenCC `t2s`) ·
punctuation and symbols to single blanks · apostrophes dropped · initials joined (`I.B.M.`, `I B M` → `ibm`) ·
blanks beside Chinese characters and kana dropped.

Characters are converted one at a time, not by phrase, so that what stands beside one cannot change it: folding a part
of a name gives the same part of the folded name, and folding twice changes nothing. German `ü` becomes `u`, not `ue`.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
KANA = "\u3040-\u30ff\u31f0-\u31ff"
_SPACELESS = f"[{HAN}{KANA}]"

_TRADE_MARKS = str.maketrans("", "", "™®©℠℗")
_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼ＇\u200b\u200c\u200d\ufeff\u00ad")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_BESIDE_SPACELESS = re.compile(f"(?<={_SPACELESS}) | (?={_SPACELESS})")
_DOTTED_INITIALS = re.compile(r"(?<!\w)[^\W\d_](?:[./][^\W\d_])+(?![^\W_])")
_INITIALS = re.compile(r"(?<!\S)[^\W\d_](?: [^\W\d_](?!\S))+")
_SPACELESS_CHARACTER = re.compile(_SPACELESS)


@cache
def _conversion() -> OpenCC:
    return OpenCC("t2s")


@cache
def _simplified_character(character: str) -> str:
    once: str = _conversion().convert(character)
    twice: str = _conversion().convert(once)
    return twice


def is_spaceless(character: str) -> bool:
    """Say whether a character belongs to a script written without blanks between words."""
    return _SPACELESS_CHARACTER.match(character) is not None


def simplified(text: str) -> str:
    """Return the text with each traditional Chinese character replaced by its simplified one."""
    if text.isascii():
        return text
    return _SPACELESS_CHARACTER.sub(lambda match: _simplified_character(match.group()), text)


def _blank_unless_word(character: str) -> str:
    return character if unicodedata.category(character)[0] in "LMN" else " "


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN_LETTERS)
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)).translate(_PLAIN_LETTERS)
    return unicodedata.normalize("NFKC", bare).casefold()


def fold(text: str) -> str:
    """Return what is left of a text when writing habits are taken away; empty if nothing but signs was there."""
    plain = simplified(_plain(text.translate(_TRADE_MARKS))).translate(_APOSTROPHES).replace("&", " and ")
    plain = _DOTTED_INITIALS.sub(lambda match: re.sub("[./]", "", match.group()), plain)
    words = " ".join("".join(map(_blank_unless_word, plain)).split())
    joined = _INITIALS.sub(lambda match: match.group().replace(" ", ""), words)
    return _BESIDE_SPACELESS.sub("", joined)


def spaced(folded: str) -> str:
    """Return folded text as search keeps it: each Chinese character or kana a word of its own, blanks around.

    pg_trgm makes trigrams of words: written so, a single character is found by the index, where `华为` inside a
    longer run of characters would not be.
    """
    words = _SPACELESS_CHARACTER.sub(lambda match: f" {match.group()} ", folded)
    return f" {' '.join(words.split())} "
