from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jingwei.registers import keys, mistyped, service
from jingwei.registers.errors import NoSuchEntity
from jingwei.registers.models import Forwarding
from jingwei.registers.tests.conftest import Town, number

ROWS = [
    ("1", number("1980-05-06", 1), "张伟", "1980-05-06", "19911112222"),
    ("2", number("1990-05-06", 2), "张伟", "1990-05-06", "19911113333"),
    ("3", number("1970-05-06", 3), "张伟民", "1970-05-06", "19933334444"),
    ("4", number("1960-05-06", 4), "单雄信", "1960-05-06", None),
    ("5", number("1950-05-06", 5), "章薇", "1950-05-06", None),
]


@pytest.fixture
def found(town: Town, once):
    def linked() -> None:
        town.put("a.person", ROWS)
        town.put("b.person", [("2", *ROWS[1][1:])])
        town.link()

    once("linked", linked)

    def names(text: str, limit: int = 20) -> list[tuple[str, str]]:
        return [(c.name, c.matched) for c in service.search(["people"], text, limit)]

    return names


def test_an_exact_name_stands_before_a_longer_one(found):
    assert found("张伟") == [("张伟", "name"), ("张伟", "name"), ("张伟民", "name")]
    assert found("张") == [("张伟", "name"), ("张伟", "name"), ("张伟民", "name")]


def test_namesakes_are_told_apart_and_the_best_attested_comes_first(town: Town, found):
    first, second = service.search(["people"], "张伟", 2)
    # The one born in 1990 stands in two sources.
    assert (first.facts, second.facts) == (["1990"], ["1980"])
    assert first.masked_id != second.masked_id
    assert ROWS[1][1] not in first.masked_id
    assert "*" in first.masked_id


@pytest.mark.parametrize("typed", ["zhangwei", "ZhangWei", "zhang wei", "zhang'wei", "ｚｈａｎｇｗｅｉ"])
def test_pinyin_is_found_however_it_is_typed(found, typed: str):
    # 张伟 and 章薇 sound alike; 张伟民 begins so.
    assert sorted(found(typed)) == sorted(
        [("张伟", "pinyin")] * 2 + [("章薇", "pinyin"), ("张伟民", "pinyin")]
    )
    assert found(typed)[-1] == ("张伟民", "pinyin")


def test_initials_and_a_surname_with_its_own_reading_are_found(found):
    assert found("sxx") == [("单雄信", "initials")]
    assert found("shanxiongxin") == [("单雄信", "pinyin")]
    assert found("danxiongxin") == [("单雄信", "pinyin")]


def test_numbers_are_found_whole_by_their_beginning_and_in_old_form(found):
    whole = ROWS[0][1]
    assert found(whole) == [("张伟", "identifier")]
    assert found(f" {whole[:6]} {whole[6:]} ") == [("张伟", "identifier")]
    assert found(whole[:10]) == [("张伟", "identifier")]
    assert found(whole[:6] + whole[8:17]) == [("张伟", "identifier")]
    assert len(found("990101")) == 5


def test_phones_are_found_whole_and_by_their_beginning(found):
    assert found("19911112222") == [("张伟", "phone")]
    assert found("+86 199-1111-2222") == [("张伟", "phone")]
    assert len(found("1991111")) == 2


@pytest.mark.parametrize(
    "typed", ["", "  ", "·", "1", "12", "z", "%", "_", "'; DROP TABLE registers_entity; --"]
)
def test_what_says_nothing_finds_nothing(found, typed: str):
    assert found(typed) == []


def test_a_limit_is_kept_and_every_walk_along_the_index_has_one(found):
    assert len(found("zhang", 2)) == 2
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found("zhang", 2)
    walks = [q["sql"] for q in captured if "searchkey" in q["sql"]]
    assert walks
    assert all("LIMIT 2" in walk for walk in walks)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + walks[-1])
        plan = " ".join(str(row) for row in cursor.fetchall())
    # A walk that sorted or scanned would cost more the larger the register is.
    assert "SEARCH" in plan
    assert "TEMP B-TREE" not in plan


def test_a_company_is_found_by_its_trade_name_wherever_it_begins():
    entries = keys._entry("云溪汇泰川装饰设计有限公司", True)
    assert (keys.SHORT, "汇泰川装饰设计有限公司") in entries
    assert (keys.PINYIN, "huitaichuanzhuangshishejiyouxiangongsi") in entries
    entries = keys._entry("深圳市振业(集团)股份有限公司", True)
    assert (keys.SHORT, "振业") in entries
    assert (keys.INITIALS, "zy") in entries


def nearly(typed: str) -> list[tuple[str, str]]:
    """Names and what answered, all of them marked as no more than likely."""
    answers = service.search(["people"], typed)
    assert all(one.fuzzy and not one.exact for one in answers)
    return [(one.name, one.matched) for one in answers]


MISTYPED = [
    ("张韦民", "张伟民"),  # written with another character of the same sound
    ("张大民", "张伟民"),  # another character
    ("单雄心", "单雄信"),
    ("张民伟", "张伟民"),  # two swapped
    ("张伟国民", "张伟民"),  # one too many
    ("張偉民", "张伟民"),  # as it is written in Hong Kong
    ("shangxiongxin", "单雄信"),  # a letter too many
    ("shanxongxin", "单雄信"),
    ("shanxiangxin", "单雄信"),  # a wrong letter
    ("shanlongxin", "单雄信"),  # a wrong syllable
]


@pytest.mark.parametrize(("typed", "meant"), MISTYPED)
def test_a_slip_of_the_hand_or_the_ear_still_finds_the_name(found, typed: str, meant: str):
    assert meant in [name for name, _ in nearly(typed)]


def test_a_missing_character_is_found_behind_those_who_bear_the_shorter_name(found):
    assert [name for name, _ in nearly("单信")] == ["单雄信"]
    assert not any(one.fuzzy for one in service.search(["people"], "张伟"))


def test_numbers_with_a_digit_swapped_wrong_missing_or_extra_are_found(found):
    whole, phone = ROWS[2][1], ROWS[2][4]
    for typed in (
        whole[:8] + whole[9] + whole[8] + whole[10:],
        whole[:16] + ("0" if whole[16] != "0" else "1") + whole[17:],
        whole[:12] + whole[13:],
        whole[:12] + "7" + whole[12:],
    ):
        assert ("张伟民", "identifier") in nearly(typed)
    assert phone == "19933334444"
    assert nearly("19933343444") == [("张伟民", "phone")]
    assert nearly(phone[:-1] + "5") == [("张伟民", "phone")]


def test_an_exact_answer_is_never_accompanied_by_guesses(found):
    assert found("章薇") == [("章薇", "name")]
    assert found(ROWS[3][1]) == [("单雄信", "identifier")]


def test_a_guess_reads_a_bounded_number_of_keys(found):
    for typed in ("张大民", "shanlongxin", "199999999999", "张大民有限责任公司分公司", "zhuangshuangchuang"):
        with CaptureQueriesContext(connection) as captured:
            found(typed)
        walks = [q["sql"] for q in captured if "searchkey" in q["sql"]]
        assert len(walks) < 80
        assert all("LIMIT" in walk for walk in walks)


def test_a_company_is_found_though_a_character_is_wrong_missing_or_extra():
    name = keys.fold("云溪汇泰川装饰设计有限公司")
    for typed in ("云溪汇太川装饰设计有限公司", "云溪汇川装饰设计有限公司", "云溪汇泰川装饰设计有限公同", "云溪汇泰山川装饰"):  # fmt: skip
        assert mistyped.is_near(typed, name)
    assert not mistyped.is_near("云溪汇太山装饰设计", name)


def forward(**chain: str) -> None:
    for old, new in chain.items():
        Forwarding.objects.create(register="people", entity_id=old, to=new, build="b", at=timezone.now())


def test_an_identifier_that_vanished_leads_through_every_merge_to_the_entity_of_today(found):
    entity = service.search(["people"], "单雄信", 1)[0].entity_id
    forward(Pfirst="Psecond", Psecond=entity)
    answer = service.golden("people", "Pfirst")
    assert (answer.entity_id, answer.forwarded_from) == (entity, "Pfirst")
    assert service.golden("people", entity).forwarded_from is None


@pytest.mark.parametrize("asked", ["Pgone", "Pround", "Pnowhere", "Pnever"])
def test_an_identifier_that_leads_to_nobody_is_refused(found, asked: str):
    forward(Pgone="", Pround="Pabout", Pabout="Pround", Pnowhere="Pvanished")
    with pytest.raises(NoSuchEntity):
        service.golden("people", asked)
