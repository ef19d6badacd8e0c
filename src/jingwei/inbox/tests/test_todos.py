"""To-dos: asked once, seen by those they are meant for, taken, handed over, done, escalated when late."""

import pytest
from django.utils import timezone

from jingwei.inbox import due, escalating, todos
from jingwei.inbox.errors import NotAColleague, TextRefused, ToDoDone, ToDoOfOthers
from jingwei.inbox.models import Notice, Step, ToDo
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text

from .conftest import DISTRICT, STREET, TAX, days


def seen_by(account):
    return [one.key for one in todos.open_for(account)]


def test_it_stands_once_however_often_it_is_asked_and_is_brought_up_to_date(asked):
    first = asked(due=days(3))
    again = asked(due=days(5), title=Text("还剩一半", "half is left"))
    assert again.pk == first.pk and ToDo.objects.get().due == days(5) and again.title.zh == "还剩一半"
    assert [step.what for step in again.steps.all()] == [Step.ASKED]


def test_it_is_done_once_and_open_again_when_asked_again(asked, person):
    person("zhou", TAX)
    one = asked()
    todos.take(person("wu", TAX), one.pk)
    assert todos.done("trial:1", by="wu") and not todos.done("trial:1") and not todos.done("unknown")
    asked()
    one.refresh_from_db()
    assert one.done is None and one.holder == ""
    assert [step.what for step in one.steps.all()] == [Step.ASKED, Step.TAKEN, Step.DONE, Step.ASKED]


@pytest.mark.parametrize(
    "meant", [{"organization": ""}, {"organization": TAX, "role": "steward"}, {"kind": "unheard-of"}]
)
def test_it_is_meant_for_exactly_one_and_of_a_known_kind(asked, meant):
    with pytest.raises(ValueError):
        asked(**({"organization": TAX} | meant))
    assert not ToDo.objects.exists()


def test_only_those_it_is_meant_for_see_it(asked, person):
    asked(1), asked(2, role="steward"), asked(3, account="zhou")
    assert seen_by(person("zhou", TAX)) == ["trial:1", "trial:3"]
    assert seen_by(person("wu", STREET)) == []
    assert seen_by(person("steward", "", "steward")) == ["trial:2"]
    assert seen_by(person("resident", TAX, "resident")) == []


def test_others_are_refused_in_the_same_words_whether_there_is_one_or_not(asked, person):
    stranger, one = person("wu", STREET), asked()
    told = set()
    for number in (one.pk, one.pk + 1):
        for deed in (
            lambda n: todos.todo_of(stranger, n),
            lambda n: todos.take(stranger, n),
            lambda n: todos.hand_over(stranger, n, "wu"),
        ):
            with pytest.raises(ToDoOfOthers) as refused:
                deed(number)
            told.add(str(refused.value))
    assert len(told) == 1
    assert LedgerEntry.objects.filter(account="wu", outcome="refused").count() == 6


def test_it_is_handed_to_a_colleague_with_a_note_and_the_record_says_who_had_it_when(asked, person):
    zhou, wu, one = person("zhou", TAX), person("wu", TAX), asked()
    todos.take(zhou, one.pk)
    todos.hand_over(zhou, one.pk, "wu", " 你熟这张表 ")
    one.refresh_from_db()
    assert one.holder == wu.username and one.taken
    steps = [(step.what, step.by, step.to, step.note) for step in one.steps.all()][1:]
    assert steps == [(Step.TAKEN, "zhou", "zhou", ""), (Step.HANDED, "zhou", "wu", "你熟这张表")]
    assert set(LedgerEntry.objects.values_list("action", flat=True)) == {"todo.take", "todo.hand_over"}


@pytest.mark.parametrize("to", ["stranger", "resident", "nobody", "zhou", ""])
def test_it_is_handed_to_nobody_it_is_not_meant_for(asked, person, to):
    zhou, one = person("zhou", TAX), asked()
    person("stranger", STREET), person("resident", TAX, "resident")
    with pytest.raises(NotAColleague):
        todos.hand_over(zhou, one.pk, to)
    assert ToDo.objects.get().holder == ""


@pytest.mark.parametrize("note", ["长" * 501, "right\u202eleft", "bell\x07"])
def test_a_note_that_is_too_long_or_deceives_is_refused_not_cut(asked, person, note):
    zhou, one = person("zhou", TAX), asked()
    person("wu", TAX)
    with pytest.raises(TextRefused):
        todos.hand_over(zhou, one.pk, "wu", note)
    assert ToDo.objects.get().holder == "" and not Step.objects.filter(what=Step.HANDED)


def test_nothing_is_taken_that_is_done(asked, person):
    zhou, one = person("zhou", TAX), asked()
    todos.done(one.key)
    with pytest.raises(ToDoDone):
        todos.take(zhou, one.pk)


def test_who_may_not_hand_over_is_refused(asked, person):
    worker, one = person("wang", TAX, "grid_worker"), asked()
    person("zhou", TAX)
    with pytest.raises(NotAllowed):
        todos.hand_over(worker, one.pk, "zhou")
    assert LedgerEntry.objects.get().outcome == "refused"


def test_a_late_one_is_told_above_once(asked, person):
    asked(1, due=days(-1)), asked(2, due=days(0)), asked(3)
    asked(4, organization=STREET, due=days(-1)), asked(5, account="zhou", due=days(-2))
    zhou, chief = person("zhou", TAX), person("chief", DISTRICT)
    steward = person("steward", "", "steward")
    assert escalating.escalate() == 3 and escalating.escalate() == 0
    assert seen_by(chief) == ["trial:1"]
    assert seen_by(steward) == ["trial:4"]
    assert set(seen_by(zhou)) == {"trial:1", "trial:2", "trial:3", "trial:5"}
    assert Notice.objects.filter(organization=DISTRICT, kind="late").count() == 1
    assert LedgerEntry.objects.filter(action="todo.escalate", account="(node)").count() == 3


def test_one_that_got_another_deadline_can_be_late_again(asked, offices):
    asked(due=days(-1))
    escalating.escalate()
    asked(due=days(-3))
    assert escalating.escalate() == 1


def test_a_deadline_says_its_day_and_the_working_days_left(db):
    friday, monday = timezone.datetime(2025, 9, 26).date(), timezone.datetime(2025, 9, 29).date()
    told = due.said(monday, friday)
    # Sunday 28 September 2025 is worked in return for the National Day.
    assert (str(told.day), str(told.left), told.colour) == ("09-29（周一）", "还有 2 个工作日", "")
    assert due.said(friday, friday).colour == "warn" and due.said(friday, friday).word.en == "today"
    over = due.said(friday, monday)
    assert (over.colour, over.word.zh, str(over.left)) == ("bad", "逾期", "过了 2 个工作日")
    assert due.said(None) is None
