"""Contracts that change under stored rows, and values and headers nobody thought of."""

from __future__ import annotations

import shutil

import pytest

from .conftest import HEADER, Node, line


def test_a_key_that_changes_moves_the_stored_rows_to_it(node: Node):
    node.deliver(line(1, "one", "甲"), line(2, "one", "乙"))
    node.json("collect", "trial.person")
    node.declare(by_name=True)
    node.deliver(line(1, "two", "甲"), line(3, "one", "丙"))
    run = node.json("collect", "trial.person")
    assert (run["new"], run["changed"], run["unchanged"]) == (1, 1, 0)
    assert node.standard() == {"甲": "two", "乙": "one", "丙": "one"}


def test_a_key_that_would_confuse_stored_rows_is_refused(node: Node):
    node.deliver(line(1, "one", "甲"), line(2, "one", "甲"))
    node.json("collect", "trial.person")
    node.declare(by_name=True)
    assert node.refused("collect", "trial.person") == "key-changed"
    assert node.standard() == {"1": "one", "2": "one"}


def test_a_full_refresh_that_empties_is_refused_or_held(node: Node):
    node.declare(refresh="full")
    node.deliver(*(line(n, "one") for n in range(10)))
    node.json("collect", "trial.person")
    node.deliver()
    assert node.refused("collect", "trial.person") == "no-rows"
    node.deliver(line(1, "one"))
    held = node.json("collect", "trial.person", code=2)
    assert (held["error"], held["removed"], len(node.standard())) == ("run-held", 9, 10)
    words = node.run("collect", "trial.person")
    assert words.code == 2 and words.err.startswith("run-held  ")


def test_a_row_too_broken_to_have_a_key_is_not_taken_for_gone(node: Node):
    node.declare(refresh="full", max_removed="1")
    node.deliver(line(1), line(2), line(3))
    node.json("collect", "trial.person")
    node.deliver(line(1), "2,沈云禾")
    run = node.json("collect", "trial.person")
    assert (run["quarantined"], run["removed"]) == (1, 1)
    assert set(node.standard()) == {"1", "2"}


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("CAST(name AS INTEGER) > 3", "rule-faulty"),
        ("error('x') IS NULL", "rule-faulty"),
        ("regexp_matches(name, '(')", "pack-faulty"),
        ("no_such(name)", "pack-faulty"),
        ("name >", "pack-faulty"),
        ("nmae = '1'", "pack-faulty"),
    ],
)
def test_a_rule_that_cannot_be_run_is_named(node: Node, rule: str, error: str):
    node.declare(rule=rule)
    node.deliver(line(1))
    told = node.json("collect", "trial.person", code=1)
    assert told["error"] == error and "not-before-1949" in told["what"]


def test_a_table_of_300_columns(node: Node):
    more = "\n".join(
        f"      - {{name: c{n}, physicalName: 列{n}, logicalType: string, required: true}}"
        for n in range(300)
    )
    node.declare(more=more)
    header = ",".join([HEADER, *(f"列{n}" for n in range(300))])
    node.deliver(
        *(",".join([line(k), *(f"v{n}" for n in range(300))]) for k in range(50)),
        ",".join([line("x"), *[""] * 300]),
        header=header,
    )
    run = node.json("collect", "trial.person", JINGWEI_MEMORY="800MB")
    assert (run["accepted"], run["quarantined"]) == (50, 1)
    [row] = node.json("quarantine", "trial.person")["rows"]
    assert len(row["reasons"]) == 300


ODD = [
    "[bold]x[/]", "[/x]", ":smile:", "\x1b[31mred\x1b[0m", "'; DROP TABLE stage; --", "{value}", "%s %(x)s", "a|b",
    "\u202egnp.exe", "𠮷野家", "e\u0301", "\ufeffbom", "\x85next", "1\u20282", "\\N", "${HOME}",
]  # fmt: skip


def test_odd_values_arrive_and_are_shown_without_harm(node: Node):
    node.deliver(*(f'{n},沈云禾,"{text}",2020-01-02' for n, text in enumerate(ODD)))
    run = node.json("collect", "trial.person")
    assert (run["read"], run["accepted"]) == (len(ODD), len(ODD))
    raw = node.query('SELECT 备注 FROM lake.raw."trial.person" ORDER BY _row')
    assert [text for (text,) in raw] == ODD
    node.deliver(*(f'"{n} {text}",,"{text}",x' for n, text in enumerate(ODD)), line("good"))
    node.json("collect", "trial.person")
    assert node.json("quarantine", "trial.person")["total"] == len(ODD)
    words = node.run("quarantine", "trial.person")
    assert words.code == 0 and "[bold]x[/]" in words.out and ":smile:" in words.out
    assert "\x1b[31m" not in words.out
    plain = node.run("quarantine", "trial.person", "--json", PYTHONIOENCODING="ascii")
    assert len(plain.json["rows"]) == len(ODD)


def test_odd_headers_are_names_and_nothing_else(node: Node):
    odd = [
        'x"; DROP TABLE stage; --',
        "it's",
        "_run",
        "_N",
        "select",
        "编 号2",
        "Note",
        "NOTE",
        "",
        "100%",
        "{0}",
        "[/b]",
    ]
    cells = ",".join("v" for _ in odd)
    header = ",".join([HEADER, *('"' + name.replace('"', '""') + '"' for name in odd)])
    node.deliver(f"{line(1)},{cells}", f"{line(2, name='')},{cells}", header=header)
    run = node.json("collect", "trial.person")
    assert (run["accepted"], run["quarantined"]) == (1, 1)
    assert node.run("quarantine", "trial.person").code == 0
    assert len(node.json("quarantine", "trial.person")["rows"][0]["original"]) == 4 + len(odd)


def test_a_header_written_in_another_case_is_the_same_column(node: Node):
    more = "      - {name: code, physicalName: Code, logicalType: string}"
    node.declare(more=more)
    for header in ("Code", "CODE", "code"):
        node.deliver(f"{line(1, header)},x", header=f"{HEADER},{header}")
        assert node.json("collect", "trial.person")["accepted"] == 1
    node.deliver(f"{line(1, 'last')},x,y", header=f"{HEADER},code,Extra")
    node.json("collect", "trial.person")
    node.deliver(f"{line(1, 'very last')},x,y", header=f"{HEADER},code,EXTRA")
    assert node.json("collect", "trial.person")["changed"] == 1
    assert len(node.query('SELECT * FROM lake.raw."trial.person"')) == 5


def test_a_home_that_was_moved_goes_on_where_it_was(node: Node):
    node.deliver(line(1, "one"), line(2, "one"))
    node.json("collect", "trial.person")
    moved = Node(node.home.with_name("elsewhere"), node.zygote)
    shutil.move(node.home, moved.home)
    moved.deliver(line(1, "two"), line(2, "one"))
    assert moved.json("collect", "trial.person")["changed"] == 1
    assert moved.standard() == {"1": "two", "2": "one"}
