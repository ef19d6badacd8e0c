"""The picture of a balance: in proportion, never thinner than 4 px, nothing drawn that is not there."""

from itertools import pairwise

import pytest

from jingwei.collection import picture
from jingwei.collection.models import Run


def run(**counts):
    counts.setdefault(
        "read", counts.get("accepted", 0) + counts.get("quarantined", 0) + counts.get("repeated", 0)
    )
    counts.setdefault("new", counts.get("accepted", 0))
    return Run(**counts)


def test_a_run_that_read_nothing_has_no_picture():
    assert picture.draw(run()) is None


def test_heights_are_in_proportion_to_rows():
    heights, thinned = picture.share_out([75, 25], 100)
    assert (heights, thinned) == ([75, 25], False)


def test_a_thin_flow_is_lifted_and_the_widest_gives_way():
    heights, thinned = picture.share_out([999_999, 1], 100)
    assert (heights, thinned) == ([96, 4], True)


@pytest.mark.parametrize("rows", [[1, 1, 1], [10**9, 1, 1], [0, 5]])
def test_parts_fill_the_whole(rows):
    heights, _ = picture.share_out(rows, 112)
    assert sum(heights) == pytest.approx(112)


def test_parts_without_rows_are_not_drawn():
    drawn = picture.draw(run(accepted=10))
    assert len(drawn.blocks) == 3 and len(drawn.flows) == 2 and not drawn.thinned


def test_rows_that_did_not_arrive_are_drawn_in_red():
    drawn = picture.draw(run(accepted=10, declared=12))
    assert [label.rows for label in drawn.labels if label.bad] == [2]
    assert sum(flow.fill == "f-bad" for flow in drawn.flows) == 1
    read, missing = (label for label in drawn.labels if label.x == 238)
    assert missing.bad and read.y < missing.y


def test_labels_of_one_column_do_not_lie_on_each_other():
    drawn = picture.draw(run(accepted=100, quarantined=1, repeated=1))
    column = sorted(label.y for label in drawn.labels if label.x == 318)
    assert all(below - above >= 15 for above, below in pairwise(column))
    assert all(label.y <= picture.HEIGHT for label in drawn.labels)
