"""The reference page tells what the declarations say."""

from jingwei.catalog.reference import current
from jingwei.packs.service import installed, shipped

PAGE = shipped().parent / "docs" / "reference" / "elements.md"


def test_the_page_in_the_repository_is_current():
    assert PAGE.read_text(encoding="utf-8") == current(), "python -m jingwei.catalog.reference > the page"


def test_the_page_names_every_element_and_every_refusal():
    text = current()
    own = [one.value for one in installed().declared["elements"].values() if one.pack == "standards"]
    assert own
    for element in own:
        assert f"`{element.element}`" in text
        for code, _ in element.reasons:
            assert f"`{code}`" in text
