"""Numbers in names and addresses: 7, VII, seventh and 七 are one number."""

import re

_ROMAN = re.compile(r"^(?=[ivxl])(?:xl|x{0,3})(?:ix|iv|v?i{0,3})$")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}
_HAN_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = re.compile(f"[{''.join(_HAN_DIGITS)}{''.join(_HAN_TENS)}]+")
_HAN_COUNTED = re.compile(
    f"([{''.join(_HAN_DIGITS)}{''.join(_HAN_TENS)}]+)(?=[期号號部分厂店院所中小区公队局矿库楼层室座栋幢单弄巷冶建航])"
)


def roman(word: str) -> int:
    """Return the value of a Roman numeral in small letters up to 49, 0 where it is none."""
    if not _ROMAN.match(word):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in word]
    return sum(-value if value < behind else value for value, behind in zip(values, [*values[1:], 0], strict=True))


def han_number(text: str) -> int:
    """Return the value of a Chinese number such as 十二 or 二〇一五."""
    if not any(sign in _HAN_TENS for sign in text):
        return int("".join(str(_HAN_DIGITS[sign]) for sign in text))
    total = digit = 0
    for sign in text:
        if sign in _HAN_TENS:
            total += (digit or 1) * _HAN_TENS[sign]
            digit = 0
        else:
            digit = _HAN_DIGITS[sign]
    return total + digit


def digits_of_han(text: str) -> str:
    """Return the text with Chinese numbers before a counting word (七期, 十二号) as digits."""
    return _HAN_COUNTED.sub(lambda match: str(han_number(match.group(1))), text)


def han_numbers(text: str) -> frozenset[str]:
    """Return the numbers of a Chinese name: those in digits, those counted and those behind 第."""
    spelled = re.sub(f"第({_HAN_NUMBER.pattern})", lambda match: f"第{han_number(match.group(1))}", digits_of_han(text))
    return frozenset(str(int(number)) for number in re.findall(r"\d{1,9}", spelled))


def numbers_contradict(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Say whether each name has a number that the other lacks: fund VII and fund VIII, store 12 and store 14."""
    return not (ours <= theirs or theirs <= ours)
