import logging

from django.utils.module_loading import import_string
from django_q.models import Schedule

from jingwei.kernel import ledger
from jingwei.kernel.ledger import schedule, signing


def test_the_worker_is_told_once_to_seal_and_seals(book):
    schedule.prepare()
    schedule.prepare()
    import_string(Schedule.objects.get(name=schedule.NAME).func)()
    assert ledger.status().unsealed == 0


def test_what_cannot_be_sealed_now_waits_and_is_logged(book, caplog):
    signing.path().unlink()
    with caplog.at_level(logging.ERROR):
        schedule.seal()
    assert ledger.status().unsealed == 3 and "ledger-key-lost" in caplog.text
