"""What a person may do with a table they hand in: begin, assign columns, correct cells, submit, drop.

Whose table it is follows from the contract: an officer hands in what their own organization provides, a steward
whatever there is. The file is kept in `HOME/files/uploads/<id>/` under its own name; every step is a command
that checks the right, changes the upload and goes on record.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.utils import timezone
from django_q.tasks import async_task

from jingwei.catalog.contracts import Contract
from jingwei.collection import service as collection
from jingwei.collection.connectors.base import Source
from jingwei.collection.connectors.errors import FormatUnknown, HeaderMissing, NotDatabase, SheetAmbiguous
from jingwei.collection.connectors.headers import enough, matched, plain
from jingwei.collection.connectors.resolve import open_source, resolve
from jingwei.collection.models import Run, Upload
from jingwei.collection.uploads import checking
from jingwei.collection.uploads.errors import (
    ResourceNotYours,
    UploadClosed,
    UploadNotATable,
    UploadNothingChosen,
    UploadNotReady,
    UploadNotYours,
    UploadOtherTable,
    UploadTooLarge,
)
from jingwei.collection.uploads.reading import opened, path_of, place_of
from jingwei.kernel import ledger, permissions, standing
from jingwei.kernel.errors import Busy, JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

log = logging.getLogger(__name__)
LIMIT = 20
"""Megabytes of a file; a workbook of that size holds some 300,000 rows."""
FOLDER = "files/uploads"
NAME_LENGTH = 120
CELL = 20_000
"""Characters of a corrected cell; Excel's own limit is 32,767."""
TURNS, PAUSE = 120, 5.0
"""While somebody else reads the resource: so often, and so many seconds between, the worker asks again."""


def resources_for(account: Account) -> dict[str, Contract]:
    """The tables somebody may hand in: all for whoever may start collections, else their organization's."""
    permissions.require(account, "upload.submit")
    everything = collection.resources()
    if permissions.allowed(account, "run.start"):
        return everything
    own = standing.names_today(account, "upload.submit")
    return {name: contract for name, contract in everything.items() if contract.organization in own}


def resource_for(account: Account, resource: str) -> Contract:
    contract = collection.contract_of(resource)
    if resource not in resources_for(account):
        ledger.record(account, "upload.submit", resource, outcome="refused")
        raise ResourceNotYours(title=contract.title, organization=contract.organization)
    return contract


def mine(account: Account) -> list[Upload]:
    """What somebody handed in, newest first."""
    permissions.require(account, "upload.submit")
    return list(Upload.objects.filter(by=account.username))


def find(account: Account, number: str) -> Upload:
    permissions.require(account, "upload.submit", number)
    found = Upload.objects.filter(pk=number, by=account.username).first()
    if found is None:
        if Upload.objects.filter(pk=number).exists():
            ledger.record(account, "upload.submit", number, outcome="refused")
        raise UploadNotYours(upload=number)
    return found


def begin(account: Account, resource: str, name: str, size: int, chunks: Iterable[bytes]) -> Upload:
    """Keeps a file and makes sure that it is a table with this resource's header; else nothing is kept."""
    if not resource:
        raise UploadNothingChosen(what=Text("哪张表", "table"))
    contract = resource_for(account, resource)
    name = Path(name.replace("\\", "/")).name.translate(dict.fromkeys(range(32))).strip() or "-"
    if size > LIMIT * 1_000_000:
        raise UploadTooLarge(name=name, size=f"{size / 1e6:,.0f}", limit=LIMIT)
    upload = _make(account, contract, name)
    try:
        _keep(upload, chunks)
        _look_inside(account, upload, contract)
    except BaseException:
        drop_files(upload)
        upload.delete()
        raise
    ledger.record(account, "upload.begin", f"{upload.id} {contract.id}")
    return upload


def _make(account: Account, contract: Contract, name: str) -> Upload:
    day = timezone.localdate().strftime("%Y%m%d")
    while True:
        today = Upload.objects.filter(id__startswith=f"U-{day}-").annotate(length=Length("id"))
        last = today.order_by("-length", "-id").first()
        number = f"U-{day}-{int(last.id.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
        try:
            with transaction.atomic():
                return Upload.objects.create(
                    id=number,
                    resource=contract.id,
                    name=_shortened(name),
                    path=f"{FOLDER}/{number}/{_shortened(name)}",
                    by=account.username,
                    organization=account.organization.name_zh if account.organization else "",
                )
        except IntegrityError:
            # Two people at once read the same last number; one of them counts again.
            continue


def _shortened(name: str) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix[:10]
    return stem[: NAME_LENGTH - len(suffix)] + suffix


def _keep(upload: Upload, chunks: Iterable[bytes]) -> None:
    path = path_of(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("wb") as file:
        for chunk in chunks:
            written += len(chunk)
            if written > LIMIT * 1_000_000:
                raise UploadTooLarge(name=upload.name, size=f">{LIMIT}", limit=LIMIT)
            file.write(chunk)


def _look_inside(account: Account, upload: Upload, contract: Contract) -> None:
    """Raises, in words about the file as its person knows it, for what is no table or another table."""
    try:
        with opened(upload, contract):
            return
    except SheetAmbiguous:
        return  # the page asks which sheet is meant
    except (FormatUnknown, NotDatabase) as exc:
        raise UploadNotATable(name=upload.name, found=exc.values.get("found", "-")) from None
    except HeaderMissing as exc:
        other = _likeliest(account, upload, contract)
        if other is not None:
            title, found = other
            raise UploadOtherTable(
                name=upload.name, title=contract.title, found=found, likely=title
            ) from None
        raise named(exc, upload) from None
    except JingweiError as exc:
        raise named(exc, upload) from None


def named(exc: JingweiError, upload: Upload) -> JingweiError:
    """The same error about the file's own name instead of its place on this machine."""
    return type(exc)(**{**exc.values, "location": upload.name}) if "location" in exc.values else exc


def _likeliest(account: Account, upload: Upload, contract: Contract) -> tuple[Text, int] | None:
    """Another table this file fits, and how many columns of the chosen one it has."""
    source: Source = resolve(str(path_of(upload)))
    with open_source(source) as reader:
        present = reader.columns

    def found(one: Contract) -> int:
        return matched(present, [field.headers for field in one.fields])

    best = max(collection.resources().values(), key=lambda one: found(one) / max(1, len(one.fields)))
    fits = best.id != contract.id and enough(found(best), [field.headers for field in best.fields])
    return (best.title, found(contract)) if fits else None


def assign(account: Account, upload: Upload, columns: Mapping[str, str], sheet: str | None = None) -> None:
    """Says which column of the file answers to a field (an empty text: none), and which sheet is meant."""
    contract = _open(account, upload)
    fields = {field.name for field in contract.fields}
    kept = {**upload.corrections.get("columns", {}), **columns}
    upload.corrections["columns"] = {n: h for n, h in kept.items() if h and n in fields}
    if sheet is not None:
        upload.corrections["sheet"] = sheet
    upload.save(update_fields=["corrections"])


def correct(account: Account, upload: Upload, row: int, texts: Mapping[str, str]) -> None:
    """Puts new text into cells of a row, by field; the file's own text takes a correction back."""
    contract = _open(account, upload)
    found = checking.verdict(upload, contract)
    shown = checking.wrong_row(upload, found, contract, row)
    said = found.replaced.get(str(row), {})
    with transaction.atomic():
        fresh = Upload.objects.select_for_update().get(pk=upload.pk)
        every = fresh.corrections.setdefault("cells", {})
        cells = dict(every.get(str(row), {}))
        for field in contract.fields:
            text = texts.get(field.name)
            before = cells.get(field.name, (shown.cells or {}).get(field.name) if shown else None)
            if text is None or text == before:
                continue
            if text == said.get(field.name):
                cells.pop(field.name, None)
            else:
                cells[field.name] = text[:CELL]
        every[str(row)] = cells
        fresh.corrections["cells"] = {number: one for number, one in every.items() if one}
        fresh.save(update_fields=["corrections"])
    upload.corrections = fresh.corrections


def _open(account: Account, upload: Upload) -> Contract:
    if upload.state != Upload.OPEN:
        raise UploadClosed(upload=upload.id)
    return resource_for(account, upload.resource)


def submit(account: Account, upload: Upload) -> None:
    """Hands the upload in: the worker collects it. Refused while the file cannot be judged at all."""
    contract = _open(account, upload)
    found = checking.verdict(upload, contract)
    if found.fault:
        raise UploadNotReady(name=upload.name, why=Text(**found.fault["what"]))
    if not found.balance["accepted"]:
        raise UploadNotReady(name=upload.name, why=Text("一行也通不过。", "not a row would pass."))
    with transaction.atomic():
        mine = Upload.objects.filter(pk=upload.pk, state=Upload.OPEN).update(state=Upload.SUBMITTED)
        if not mine:
            raise UploadClosed(upload=upload.id)
        ledger.record(account, "upload.submit", f"{upload.id} {contract.id}")
        async_task("jingwei.collection.uploads.service.take", upload.id, group=f"upload {upload.id}")
    upload.refresh_from_db()


def take(number: str) -> None:
    """Collects a submitted upload; the worker may call it twice, it is collected once."""
    upload = Upload.objects.get(pk=number)
    if upload.state != Upload.SUBMITTED or upload.run:
        return
    for _ in range(TURNS):
        run = run_of(upload)
        if run is not None and run.state in (Run.DONE, Run.HELD):
            break
        try:
            collection.collect(upload.resource, place_of(upload), started_by=upload.by)
        except Busy:
            time.sleep(PAUSE)
            continue
        except JingweiError as exc:
            # The run keeps the error, and the upload's page shows it.
            log.info("upload %s was not taken: %s", number, exc.code)
        break
    run = run_of(upload)
    if run is None:
        Upload.objects.filter(pk=number).update(state=Upload.OPEN)
    else:
        Upload.objects.filter(pk=number).update(run=run.id)


def run_of(upload: Upload) -> Run | None:
    """The run that collected, or is collecting, the upload."""
    return Run.objects.filter(resource=upload.resource, location=place_of(upload)).first()


def drop(account: Account, upload: Upload) -> None:
    """Takes an upload back that was not handed in, with its file."""
    _open(account, upload)
    drop_files(upload)
    upload.state = Upload.DROPPED
    upload.save(update_fields=["state"])
    ledger.record(account, "upload.drop", upload.id)


def again(account: Account, upload: Upload) -> Upload:
    """A fresh upload of the same file with the same corrections, to go on after a run that was not published."""
    contract = resource_for(account, upload.resource)
    fresh = _make(account, contract, upload.name)
    with path_of(upload).open("rb") as file:
        _keep(fresh, iter(lambda: file.read(1 << 20), b""))
    fresh.corrections = upload.corrections
    fresh.save(update_fields=["corrections"])
    ledger.record(account, "upload.begin", f"{fresh.id} {contract.id}")
    return fresh


def drop_files(upload: Upload) -> None:
    folder = path_of(upload).parent
    if folder.parent == home() / FOLDER:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Stage:
    """How far an upload is: `code` is open, waiting, running, done, held, failed or dropped."""

    code: str
    run: Run | None = None


def stage_of(upload: Upload) -> Stage:
    if upload.state == Upload.OPEN:
        return Stage("open")
    if upload.state == Upload.DROPPED:
        return Stage("dropped")
    run = run_of(upload)
    if run is None:
        return Stage("waiting")
    return Stage(run.state, run)


def sheets_of(upload: Upload) -> list[str]:
    """Sheets of a workbook whose headers fit equally well; empty where the file leaves no choice."""
    try:
        with opened(upload, collection.contract_of(upload.resource)):
            return []
    except SheetAmbiguous as exc:
        said = exc.values["sheets"]
        return [name for name in said.zh.split("、") if plain(name)]
