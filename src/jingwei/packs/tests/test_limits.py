"""What the house does not keep of people cannot be declared, under none of its usual names."""

import pytest

from jingwei.packs.limits import refused


@pytest.mark.parametrize(
    "name",
    ["民族", "民族代码", "宗教信仰", "信仰", "重点人员类别", "维稳等级", "居民轨迹", "个人信用分", "居民积分", "社交关系",
     "ethnicity", "ethnic_group", "Religion", "watch_list", "whereabouts", "personal_score", "person score"],
)  # fmt: skip
def test_names_of_what_is_not_kept_are_refused(name):
    assert refused(name)


@pytest.mark.parametrize(
    "name",
    ["姓名", "住址", "民族路", "民族小学", "与户主关系", "信用代码", "统一社会信用代码", "企业信用评分", "积分入学批次",
     "household_relation", "credit_code", "trace", "score", "embrace", "faithful_copy", "grace_period"],
)  # fmt: skip
def test_ordinary_names_are_not(name):
    assert not refused(name)
