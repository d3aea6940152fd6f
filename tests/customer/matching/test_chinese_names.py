"""Companies by their Chinese names, as a user would look them up."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.customer.matching.rules.agreements import NameAgreement, NameLevel
from services.customer.matching.rules.chinese.keys import keys_across, pairs_of_characters
from services.customer.matching.rules.chinese.names import chinese_name
from services.customer.matching.rules.company import Company, Name
from services.customer.matching.rules.comparing_names import compare_names
from services.customer.matching.rules.deciding import Outcome, decide
from services.customer.matching.rules.name_profiles import name_profile
from services.customer.matching.rules.profiles import profile_of
from services.customer.matching.rules.scoring import score
from services.customer.matching.rules.statistics import Statistics

NOTHING_KNOWN = Statistics()


def compared(one: str, other: str) -> NameAgreement:
    left, right = name_profile(Name(one)), name_profile(Name(other))
    assert left is not None
    assert right is not None
    return compare_names(left, right, NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国石油化工股份有限公司", "中石化"),
        ("中国平安保险(集团)股份有限公司", "中国平安"),
        ("珠海格力电器股份有限公司", "格力电器"),
        ("內蒙古伊利實業集團股份有限公司", "伊利股份"),
        ("青岛海尔智能家居股份有限公司", "海尔智家"),
        ("比亚迪股份有限公司", "比亞迪"),
        ("贵州茅台酒股份有限公司", "贵州茅台"),
        ("上海浦东发展银行股份有限公司", "浦发银行"),
        ("*ST海航", "海航控股集团有限公司"),
        ("中国移动通信集团有限公司", "中国移动"),
        ("中国铁建股份有限公司", "中鐵建"),
        ("上海汽车集团股份有限公司", "上汽集团"),
        ("華為技術有限公司 Huawei Technologies Co., Ltd.", "华为技术有限公司"),
        ("腾讯", "深圳市腾讯计算机系统有限公司"),
        ("万科企业股份有限公司", "万科Ａ"),
    ],
)
def test_a_short_name_comes_before_a_person_beside_its_full_name(one: str, other: str) -> None:
    assert compared(one, other).level >= NameLevel.SIMILAR


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("中国石油天然气股份有限公司", "中国石油化工股份有限公司"),
        ("北京华联超市有限公司", "上海华联超市有限公司"),
        ("第一拖拉机股份有限公司", "第二拖拉机股份有限公司"),
        ("中国工商银行股份有限公司", "中国农业银行股份有限公司"),
        ("中国银行股份有限公司", "中国银行股份有限公司深圳分行"),
        ("南京钢铁股份有限公司", "重庆钢铁股份有限公司"),
        ("上海电气集团股份有限公司", "东方电气股份有限公司"),
        ("中国人寿保险股份有限公司", "新华人寿保险股份有限公司"),
        ("中国移动通信集团有限公司", "中国联合网络通信集团有限公司"),
        ("浙江大学", "浙江大华技术股份有限公司"),
        ("北京大学第一医院", "北京大学第三医院"),
        ("长安汽车", "长城汽车股份有限公司"),
        ("江苏银行股份有限公司", "南京银行股份有限公司"),
        ("国泰君安证券股份有限公司", "国信证券股份有限公司"),
        ("海尔集团公司", "海信集团有限公司"),
    ],
)
def test_companies_with_near_names_are_not_taken_for_one(one: str, other: str) -> None:
    assert compared(one, other).level < NameLevel.SAME_WORDS


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("青岛啤酒股份有限公司", "Tsingtao Brewery Company Limited"),
        ("深圳市汇川技术股份有限公司", "Shenzhen Huichuan Technology Co., Ltd."),
        ("招商银行股份有限公司", "China Merchants Bank Co., Ltd."),
        ("宁波银行股份有限公司", "Bank of Ningbo"),
        ("華為技術有限公司", "HUAWEI TECHNOLOGIES CO LTD"),
        ("西安隆基硅材料股份有限公司", "Xi'an Longji Silicon Materials Corp."),
        ("张家界旅游集团股份有限公司", "Zhang Jia Jie Tourism Group Co., Ltd"),
    ],
)
def test_the_english_name_comes_near_the_chinese_one_and_shares_a_key(chinese: str, english: str) -> None:
    assert compared(chinese, english).level >= NameLevel.WEAK
    assert set(keys_across(chinese, "CN", has_han=True)) & set(keys_across(english, "", has_han=False))


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("周大福珠寶集團有限公司", "Chow Tai Fook Jewellery Group Limited"),
        ("李錦記有限公司", "Lee Kum Kee Company Limited"),
        ("恒生銀行有限公司", "Hang Seng Bank Limited"),
        ("新鴻基地產發展有限公司", "Sun Hung Kai Properties Limited"),
    ],
)
def test_hong_kong_spells_in_cantonese(chinese: str, english: str) -> None:
    assert compared(chinese, english).level >= NameLevel.SIMILAR
    assert set(keys_across(chinese, "HK", has_han=True)) & set(keys_across(english, "HK", has_han=False))


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("鴻海精密工業股份有限公司", "Hon Hai Precision Industry Co., Ltd."),
        ("元大金融控股股份有限公司", "Yuanta Financial Holding Co., Ltd."),
        ("台新銀行", "Taishin Bank"),
    ],
)
def test_taiwan_spells_by_ear(chinese: str, english: str) -> None:
    assert compared(chinese, english).level >= NameLevel.SAME_WORDS


def test_a_translated_brand_says_nothing_about_the_company() -> None:
    assert compared("京东方科技集团股份有限公司", "BOE Technology Group Co., Ltd.").level <= NameLevel.WEAK


def test_a_name_in_other_places_is_another_companys_however_like_it_is() -> None:
    assert compared("北京华联超市有限公司", "上海华联超市有限公司").words == "names similar, but of different places"


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("中国宝安集团股份有限公司", "中國寶安集團股份有限公司", Outcome.MATCHED),
        ("深圳市特力(集团)股份有限公司", "深圳市特力（集團）股份有限公司", Outcome.MATCHED),
        ("ＴＣＬ科技集团股份有限公司", "TCL科技集团股份有限公司", Outcome.MATCHED),
        ("中国宝安集团股份有限公司", "中国宝安", Outcome.REVIEW),
        ("中国宝安集团股份有限公司", "中国宝安集团有限公司", Outcome.REVIEW),
        ("深圳市德赛电池科技股份有限公司", "德赛电池", Outcome.REVIEW),
        ("深圳市汇川技术股份有限公司", "Shenzhen Huichuan Technology Co., Ltd.", Outcome.REVIEW),
        ("招商银行股份有限公司", "招商银行股份有限公司深圳分行", Outcome.NEW),
        ("北京华联超市有限公司", "上海华联超市有限公司", Outcome.NEW),
        ("京东方科技集团股份有限公司", "BOE Technology Group Co., Ltd.", Outcome.NEW),
    ],
)
def test_a_name_alone_decides_only_if_it_is_the_registered_one(one: str, other: str, outcome: Outcome) -> None:
    scored = score(profile_of(Company((Name(one),))), profile_of(Company((Name(other),))), NOTHING_KNOWN)
    assert decide([("it", scored)]).outcome is outcome


def test_a_registered_name_in_another_city_comes_before_a_person() -> None:
    name = (Name("中国宝安集团股份有限公司"),)
    found = score(profile_of(Company(name, "CN", "深圳")), profile_of(Company(name, "CN", "武汉")), NOTHING_KNOWN)
    assert decide([("it", found)]).outcome is Outcome.REVIEW


WORDS = """
中国 北京 上海市 深圳 浙江省 华联 德赛 石油 化工 科技 药业 集团 股份 有限公司 *ST ST （ ） ( ) Ａ B 第一 第二
12 desai of Ltd
"""
ODD = ["é", "ß", "ﬁ", "²", "١", "㈱", "\u200b", "𠀀", "々", "あ", "ア", "한", "'", "&", ".", "-", "/", "\t", "0", "Z"]
NAMES = some.lists(some.sampled_from([*WORDS.split(), *ODD]), max_size=8).map("".join)


@given(NAMES, NAMES)
def test_comparing_is_the_same_both_ways_and_never_fails(one: str, other: str) -> None:
    left, right = name_profile(Name(one)), name_profile(Name(other))
    if left and right:
        there, back = compare_names(left, right, NOTHING_KNOWN), compare_names(right, left, NOTHING_KNOWN)
        assert (there.level, there.similarity) == (back.level, back.similarity)
        assert 0 <= there.similarity <= 1


@given(NAMES)
def test_the_parts_of_a_name_are_the_whole_name(text: str) -> None:
    name = chinese_name(text)
    assert "".join(name.text[part.start : part.end] for part in name.segments) == name.text
    assert len(name.weights) == len(name.text)


@given(NAMES)
def test_a_name_taken_apart_twice_is_the_same(text: str) -> None:
    once = chinese_name(text).text
    assert chinese_name(once).text in {once, chinese_name(once).text}
    assert chinese_name(chinese_name(once).text) == chinese_name(once)


@given(
    some.lists(
        some.sampled_from(["中国", "华联", "德赛", "广东", "科技", "集团", "股份有限公司"]), min_size=1, max_size=6
    ).map("".join)
)
def test_habits_of_writing_change_no_key(name: str) -> None:
    wide = name.replace("集团", "（集團）").replace("广东", "廣東").replace("国", "國")
    assert pairs_of_characters(name) == pairs_of_characters(wide)
    assert keys_across(name, "", has_han=True) == keys_across(wide, "", has_han=True)
