from django.utils import translation

from jingwei.kernel.text import Text


def test_a_text_speaks_the_readers_language_and_so_do_the_texts_put_into_it():
    text = Text("看{what}", "look at {what}").fill(what=Text("批次", "runs"))
    with translation.override("zh-hans"):
        assert str(text) == "看批次"
    with translation.override("en"):
        assert str(text) == "look at runs"
