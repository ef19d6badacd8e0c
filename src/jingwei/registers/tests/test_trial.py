"""Trying rules on a copy: what is told, and that nothing is written."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_q.models import OrmQ

from jingwei.engines import lake
from jingwei.kernel.models import LedgerEntry
from jingwei.kernel.text import Text
from jingwei.registers import readers, trial, trial_jobs

from .conftest import REGISTER, person

BACKEND = "django.contrib.auth.backends.ModelBackend"
ONE, TWO = person(1), person(2)
OLDEST = REGISTER.replace(
    "element: mobile_phone, survivorship: [newest]", "element: mobile_phone, survivorship: [oldest]"
)
UNIDENTIFIED = REGISTER[: REGISTER.index("identifiers:")] + REGISTER[REGISTER.index("search:") :]


@pytest.fixture
def two_tables(town):
    """Person one in two tables with two phones, person two in one."""
    town.put("a.person", [("1", *ONE, None, "2026-01-10"), ("2", *TWO, None, "2026-01-20")])
    town.put("b.person", [("9", *ONE[:3], "19977777777", None, "2026-03-01")])
    town.link()
    return town


def snapshot():
    with lake().read() as con:
        return lake().snapshot(con)


def test_the_rules_as_they_are_change_nothing(two_tables):
    found = trial.run_text("people", REGISTER)
    assert (found.before, found.after, found.merged, found.split, found.changed) == (2, 2, 0, 0, 0)
    assert found.fields == [] and found.examples == []


def test_a_change_of_survivorship_tells_field_entity_and_both_values_masked(two_tables):
    before = snapshot()
    found = trial.run_text("people", OLDEST)
    assert (found.before, found.after, found.changed) == (2, 2, 1)
    assert [(change.field, change.entities) for change in found.fields] == [("phone", 1)]
    (example,) = found.examples
    assert example.entity_id == two_tables.entities()["a.person/1"]
    assert (example.before[-4:], example.after[-4:]) == ("7777", ONE[3][-4:])
    assert "19977777777" not in example.before and ONE[3] not in example.after
    assert snapshot() == before


def test_without_identifiers_an_entity_falls_apart(two_tables):
    found = trial.run_text("people", UNIDENTIFIED)
    assert (found.before, found.after, found.merged, found.split) == (2, 3, 0, 1)


def test_rows_that_came_since_the_last_linking_are_nobodys_rule_change(two_tables):
    two_tables.put("c.person", [("5", *person(5))])
    found = trial.run_text("people", REGISTER)
    assert (found.before, found.after, found.changed) == (3, 3, 0)


def test_who_reads_a_field_that_would_change_is_told(two_tables):
    title = Text("老年人津贴", "Old-age allowance")
    readers.register_readers("test", reads)
    reads.found = [readers.Reader("people", "phone", title), readers.Reader("people", "name", title)]
    assert trial.run_text("people", OLDEST).fields[0].readers == [title]
    reads.found = []


def reads():
    return reads.found


reads.found = []


def test_two_sources_of_readers_of_one_name_are_refused():
    readers.register_readers("test", reads)
    with pytest.raises(ValueError, match="registered already"):
        readers.register_readers("test", lambda: [])


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        (REGISTER.replace("precision: 0.95", "precison: 0.95"), "precison", "unknown-key"),
        (REGISTER.replace("as: phone}", "as: phone, also: fax}"), "fax", "unknown-name"),
        (REGISTER.replace("register: people", "register: persons"), "persons", "other-register"),
        ("register: [people", "", "yaml"),
    ],
)
def test_faults_are_told_with_their_lines_before_anything_is_worked_out(town, text, mark, code):
    value, faults = trial.parse("people", text)
    assert value is None
    assert [(fault.code) for fault in faults] == [code]
    assert not mark or faults[0].line == text[: text.index(mark)].count("\n") + 1


@pytest.fixture
def steward(two_tables, account, client):
    client.force_login(account("steward"), backend=BACKEND)
    return client


TRIAL = "/registers/people/trial/"


def test_the_page_shows_the_rules_as_they_are(steward):
    assert "contradicted_by: [name, birth_date]" in steward.get(TRIAL).content.decode()


def test_a_faulty_text_comes_back_with_its_faults_and_is_not_queued(steward):
    answer = steward.post(TRIAL, {"text": REGISTER.replace("precision", "precison")})
    page = answer.content.decode()
    assert answer.status_code == 400 and "precison" in page and "是不是 precision" in page
    assert not OrmQ.objects.exists()


def test_unchanged_rules_are_not_queued(steward):
    answer = steward.post(TRIAL, {"text": REGISTER})
    assert answer.status_code == 400 and not OrmQ.objects.exists()


def test_a_text_beyond_the_limit_is_refused(steward):
    assert steward.post(TRIAL, {"text": REGISTER + "#" * 200_000}).status_code == 400


def test_a_trial_waits_for_the_worker_and_its_outcome_is_found_again(steward):
    file = SimpleUploadedFile("people.yaml", OLDEST.encode())
    address = steward.post(TRIAL, {"text": "", "file": file}).url
    assert OrmQ.objects.count() == 1
    assert "排队中" in steward.get(address).content.decode()
    (asked,) = trial_jobs.latest("people")
    assert trial_jobs.perform("people", asked.id) == trial_jobs.DONE
    page = steward.get(address).content.decode()
    assert "7777" in page and "19977777777" not in page and "[oldest]" in page
    last = LedgerEntry.objects.order_by("id").last()
    assert (last.action, last.fields) == ("register.try", ["phone"]) and len(last.subjects) == 1


def test_a_trial_that_fails_says_why(steward):
    asked = trial_jobs.ask("people", OLDEST, "steward")
    with lake().write("empty") as con:
        for name in ("a.person", "b.person"):
            con.execute(f"DROP TABLE {lake().table('standard', name)}")
    assert trial_jobs.perform("people", asked.id) == trial_jobs.FAILED
    page = steward.get(reverse("registers:trial-outcome", args=["people", asked.id])).content.decode()
    assert "jingwei collect a.person" in page


@pytest.mark.parametrize("name", ["nothing", "..%2F..%2Fdemo"])
def test_a_trial_that_is_not_there_is_told(steward, name):
    assert steward.get(f"{TRIAL}{name}/").status_code in (400, 404)


def test_only_the_last_trials_are_kept(steward):
    for _ in range(trial_jobs.KEPT + 2):
        trial_jobs.ask("people", OLDEST, "steward")
    assert len(trial_jobs.latest("people")) == trial_jobs.KEPT
