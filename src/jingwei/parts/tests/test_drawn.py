"""Charts, maps, figures and comparisons: what is drawn follows from what is declared, and nothing else."""

import json

import pytest

from jingwei.kernel.text import Text
from jingwei.parts import comparing
from jingwei.parts.charts import Chart, Series, spark
from jingwei.parts.maps import MARGIN, WIDTH, area_map

UNIT = Text("起", "events")
STEPS = (10, 15, 25, 35)


def chart(**facts):
    given = {"labels": ("一", "二"), "series": (Series(Text("甲", "A"), (3, None)),)}
    return Chart("c", Text("图", "Chart"), UNIT, **{**given, **facts})


@pytest.mark.parametrize(
    "facts",
    [
        {"series": (Series(Text("甲", "A"), (3,)),)},
        {"series": ()},
        {"series": (Series(Text("甲", "A"), (1, 2)),) * 6},
        {"kind": "pie"},
        {"floor": 90},
    ],
)
def test_a_chart_that_would_mislead_is_refused(facts):
    with pytest.raises(ValueError):
        chart(**facts)


def test_data_of_a_chart_cannot_end_the_element_it_stands_in():
    given = chart(labels=("</script><b>", "二"))
    assert "<" not in given.data
    assert json.loads(given.data)["labels"][0] == "</script><b>"


def test_a_gap_is_no_nought():
    assert json.loads(chart().data)["series"][0]["values"] == [3, None]
    assert "0" not in chart().summary()


def test_a_trend_stays_within_its_frame():
    points = [tuple(map(float, pair.split())) for pair in spark([5, 5, 9, 1])[1:].split("L")]
    assert all(0 <= x <= 110 and 0 <= y <= 32 for x, y in points)
    assert min(points, key=lambda point: point[1])[0] == points[2][0]
    assert spark([1]) == ""


def square(code, west, south, size=0.01):
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return {
        "properties": {"code": code, "name": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def drawn(values, **facts):
    features = {"features": [square("a", 120, 30), square("b", 120.01, 30.01)]}
    return area_map("m", Text("图", "Map"), UNIT, features, values, STEPS, **facts)


def test_north_is_up_and_east_is_right_and_the_picture_is_filled():
    first, second = drawn({}).areas
    assert first.x < second.x
    assert first.y > second.y
    points = [
        float(part) for area in (first, second) for part in area.d.strip("MZ").replace("L", " ").split()
    ]
    assert (min(points[::2]), max(points[::2])) == (MARGIN, WIDTH - MARGIN)


@pytest.mark.parametrize(("value", "shade"), [(None, 0), (0, 1), (9, 1), (10, 2), (34, 4), (35, 5), (900, 5)])
def test_a_value_has_the_shade_of_its_step(value, shade):
    assert drawn({} if value is None else {"a": value}).areas[0].shade == shade


def test_the_legend_says_every_step_and_that_a_figure_is_lacking():
    found = drawn({"a": 3})
    assert [words for _, words in found.legend] == ["35 以上", "25–34", "15–24", "10–14", "不到 10"]
    assert found.lacking
    with pytest.raises(ValueError, match="rising"):
        area_map("m", UNIT, UNIT, {"features": [square("a", 1, 1)]}, {}, (3, 2, 1, 0))


def test_what_differs_is_marked_within_the_value_and_nothing_is_lost():
    left, right = "溪尾路 18 号 1 层", "溪尾路 18 号 2 层"
    row, same, lacking = comparing.rows([(UNIT, left, right), (UNIT, "同", "同"), (UNIT, "有", "")])
    assert "".join(text for text, _ in row.left) == left
    assert [text for text, marked in row.right if marked] == ["2"]
    assert same.same and not row.same
    assert lacking.left == [("有", True)]
