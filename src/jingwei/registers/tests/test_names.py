from __future__ import annotations

import pytest

from jingwei.registers.matching.organization import parse, short
from jingwei.registers.matching.phonetics import fold, readings, syllables


@pytest.mark.parametrize(
    ("name", "place", "trade", "core"),
    [
        ("深圳市振业(集团)股份有限公司", "深圳", "振业", "振业"),
        ("江西耐普矿机新材料股份有限公司", "江西", "耐普", "耐普矿机新材料"),
        ("太龙（福建）商业照明股份有限公司", "福建", "太龙", "太龙商业照明"),
        ("内蒙古自治区蒙草生态环境有限责任公司", "内蒙古", "蒙草", "蒙草生态环境"),
        ("松涛区张记小吃店", "松涛", "张记小吃店", "张记小吃店"),
        # A place and an industry alone: together they are the name.
        ("北京银行股份有限公司", "北京", "北京银行", "北京银行"),
        ("中国石油化工股份有限公司", "", "中国石油化工", "中国石油化工"),
    ],
)
def test_a_company_name_is_taken_apart(name: str, place: str, trade: str, core: str):
    parsed = parse(name)
    assert (parsed.place, parsed.trade, parsed.core) == (place, trade, core)


@pytest.mark.parametrize("name", ["", "公司", "有限公司", "中国", "A", "((", "北京市"])
def test_a_name_without_parts_is_left_whole(name: str):
    assert parse(name).core == parse(name).trade


@pytest.mark.parametrize(
    ("listed", "plain"),
    [
        ("深振业A", "深振业"),
        ("*ST美丽", "美丽"),
        ("寒武纪-U", "寒武纪"),
        ("TCL科技", "TCL科技"),
        ("ST", "ST"),
        ("万科Ａ", "万科"),
    ],
)
def test_a_short_name_loses_the_marks_of_the_exchange(listed: str, plain: str):
    assert short(listed) == plain


def test_surnames_are_read_as_surnames():
    assert syllables("单雄信") == ["shan", "xiong", "xin"]
    assert syllables("尉迟恭") == ["yu", "chi", "gong"]
    assert list(readings("单雄信")) == ["shanxiongxin", "danxiongxin"]
    assert list(readings("王伟")) == ["wangwei"]
    assert list(readings("吕布")) == ["lvbu", "lubu", "lyubu"]


def test_sounds_that_dialects_confuse_fold_into_one():
    assert fold("zhang") == fold("zan")
    assert fold("ning") == fold("lin")
    assert fold("wang") != fold("huang")
