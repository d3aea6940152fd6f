import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.customer.matching.rules.names import NameWithoutLetters, normalise_name, without_legal_forms
from services.customer.matching.rules.text import fold, simplified, spaced

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(
            "aeiouABC éüßøŁİı.,&/-()（）·'’ ｱアカ゛ガ株式会社有限公司集团集團臺灣台湾華为ＡＢ１２한국주식회사№™ㅎ"
        ),
    ),
    max_size=40,
)
NAMES = st.sampled_from(
    [
        "Acme",
        "Müller & Söhne",
        "Ｓｏｎｙ",
        "华为技术",
        "臺灣積體電路",
        "Plan B",
        "I.B.M.",
        "3M",
        "O'Neill",
        "トヨタ自動車",
        "삼성전자",
        "Łódź",
    ]
)
ONE_COMPANY = [
    ["Acme Inc", "Acme Inc.", "Acme, Inc.", "ACME Incorporated", "Ａｃｍｅ　Ｉｎｃ．", "acme inc", "Acme® Inc"],
    ["Brown Co., Ltd.", "Brown Co.,Ltd", "Brown Company Limited", "Brown Ltd", "BROWN LTD.", "Brown Limited"],
    ["Müller GmbH", "Muller G.m.b.H.", "MÜLLER GmbH & Co. KG", "Müller Gesellschaft mit beschränkter Haftung"],
    [
        "华为技术有限公司",
        "華為技術有限公司",
        "华为技术有限责任公司",
        "华为技术股份有限公司",
        "华为技术",
        "华为技术（集团）有限公司",
    ],
    [
        "中国宝安集团股份有限公司",
        "中国宝安",
        "中國寶安集團",
        "中国宝安集团有限公司",
        "中国宝安（集团）股份有限公司",
        "中国 宝安",
    ],
    ["普华永道（中国）有限公司", "普华永道(中国)有限公司", "普华永道中国有限公司"],
    ["ＴＣＬ集团股份有限公司", "TCL 集团", "TCL集团有限公司"],
    ["トヨタ自動車株式会社", "トヨタ自動車(株)", "トヨタ自動車㈱", "株式会社トヨタ自動車", "ﾄﾖﾀ自動車株式会社"],
    ["삼성전자 주식회사", "(주)삼성전자", "㈜ 삼성전자", "주식회사 삼성전자"],
    ["International Business Machines S.A.", "International Business Machines SA"],
    ["I.B.M. Corp", "IBM Corporation", "I B M Corp.", "ibm"],
    ["J.P. Morgan", "J. P. Morgan", "JP Morgan"],
    ["Johnson & Johnson", "Johnson and Johnson", "JOHNSON & JOHNSON, INC."],
    ["Maersk A/S", "Maersk AS", "Mærsk A/S"],
    ["Sydney Shoes Pty. Ltd.", "Sydney Shoes Pty Limited"],
    ["PT Sepatu Bata Tbk", "PT. Sepatu Bata, Tbk.", "P.T. Sepatu Bata"],
    ["ООО «Ромашка»", "Ромашка ООО", "РОМАШКА"],
    ["Calzados S.A. de C.V.", "Calzados, SA de CV", "Calzados"],
    ["Buty Sp. z o.o.", "Buty spółka z ograniczoną odpowiedzialnością", "BUTY SP Z O O"],
    ["Plan B S.A.", "Plan B SA", "Plan B"],
    ["Scarpe S.à r.l.", "Scarpe SARL", "Scarpe S.àr.l."],
    ["O'Neill Ltd", "O’Neill Limited", "ONeill"],
]
DIFFERENT = [
    ("Acme Inc", "Acme Holdings Inc"),
    ("Acme Europe GmbH", "Acme Asia GmbH"),
    ("宝安控股有限公司", "宝安有限公司"),
    ("华为技术有限公司", "华为技术有限公司上海分公司"),
    ("普华永道（中国）有限公司", "普华永道有限公司"),
    ("ガス株式会社", "カス株式会社"),
    ("Fund IV LP", "Fund V LP"),
    ("Bridge A LLC", "Bridge B LLC"),
    ("Brown Group Ltd", "Brown Ltd"),
]


@pytest.mark.parametrize("names", ONE_COMPANY, ids=lambda names: names[0])
def test_spellings_of_one_name_are_equal(names: list[str]) -> None:
    assert {normalise_name(name) for name in names} == {normalise_name(names[0])}


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_tells_companies_apart_stays(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


def test_a_name_that_is_only_a_legal_form_keeps_it() -> None:
    assert normalise_name("Limited") == "limited"
    assert normalise_name("集团有限公司") == "集团"
    assert normalise_name("Co. Ltd.") == "co"


@pytest.mark.parametrize("name", ["", " ", "!!!", "™", "\u200b", "—"])
def test_a_name_without_letters_is_refused(name: str) -> None:
    with pytest.raises(NameWithoutLetters):
        normalise_name(name)


@given(TEXTS)
@example("ͅ")
@example("ᾳ")
@example("Å. b/ç")
@example("a & b")
@example("薴")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    if fold(text):
        assert normalise_name(normalise_name(text)) == normalise_name(text)


@given(
    NAMES,
    st.sampled_from(["", " Inc", ", Inc.", " G.m.b.H.", "（集团）股份有限公司", " 集團", " S.p.A."]),
)
def test_case_width_and_form_do_not_count(name: str, form: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name + form)
    assert normalise_name((name + form).swapcase()) == normalise_name(name)
    assert normalise_name(wide) == normalise_name(name)


@given(TEXTS)
def test_taking_forms_off_never_leaves_nothing(text: str) -> None:
    assert bool(without_legal_forms(fold(text))) == bool(fold(text))


@given(TEXTS)
def test_simplifying_keeps_the_number_of_characters(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_search_text_makes_each_chinese_character_a_word() -> None:
    assert spaced(fold("TCL集团")) == " tcl 集 团 "
    assert spaced(fold("华为 Technologies")) == " 华 为 technologies "
