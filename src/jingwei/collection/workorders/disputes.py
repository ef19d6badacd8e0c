"""Values that somebody holds to be wrong: an order to the provider of the row they came from.

record page ─▶ raise (resource, key, field, what is said) ─▶ marked as disputed wherever the value is shown
provider ─▶ confirm (it is right, why)  or  mend (a repair of the row)   ─▶ the mark goes
or the source sends another value: `settle` closes it after that run
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from jingwei.catalog.contracts import Contract, Field
from jingwei.collection import todos
from jingwei.collection.models import Run, WorkOrder
from jingwei.collection.workorders import book
from jingwei.collection.workorders.errors import DisputedAlready, NotDisputable, NothingSaid
from jingwei.engines import lake
from jingwei.engines.duckdb.lake import quoted
from jingwei.inbox import working_days
from jingwei.kernel import ledger, permissions
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

RAISED = Text(
    "《{title}》有一个值被提出异议：{field}，{due} 前答复",
    "A value of “{title}” is disputed: {field}; answer by {due}",
)
DOUBTED = Text(
    "《{title}》有 {rows} 行的{field}与别处矛盾，{due} 前核对",
    "{rows} rows of “{title}” contradict others in {field}; check them by {due}",
)
ANSWERED = Text("对《{title}》{field}的异议有了答复", "The dispute about {field} of “{title}” was answered")
LONGEST = 500


@dataclass(frozen=True)
class Standing:
    """The row a dispute is about, as it stands in the lake now: where it came from, and the value."""

    run: str
    row: int
    value: str


@dataclass(frozen=True)
class Doubt:
    """A row whose value is doubted, and the entity it was seen at (`register/entity`)."""

    key: str
    subject: str


def start(
    account: Account, contract: Contract, key: str, field: str, said: str, subject: str = ""
) -> WorkOrder:
    """Opens the order. `subject` is the register and entity where the value was seen. Raises NothingSaid,
    DisputedAlready, NotDisputable; NotAllowed is on record."""
    permissions.require(account, "dispute.raise", subject or contract.id)
    said = said.strip()[:LONGEST]
    if not said:
        raise NothingSaid()
    named = next((f for f in contract.fields if f.name == field), None)
    standing = standing_of(contract, key, field) if named else None
    if named is None or standing is None:
        raise NotDisputable(field=named.title if named else field)
    same = _open(contract.id).filter(key=key, field=field).first()
    if same is not None:
        raise DisputedAlready(order=same.id)
    with transaction.atomic():
        order = _made(contract, key, field, said, standing.value, account.username, subject)
        record(account, "dispute.raise", order)
        told = RAISED.fill(title=contract.title, field=named.title, due=order.due.isoformat())
        book.tell(order, "dispute-raised", told)
        todos.opened(order)
    return order


def doubt(contract: Contract, field: str, said: str, rows: Sequence[Doubt], by: str) -> int:
    """Opens orders for values that a check of the platform itself holds to be wrong; one notice tells of all.

    A value that was disputed before, in these words, is not disputed again: its provider has answered, or
    will. Returns how many orders were opened.
    """
    before = WorkOrder.objects.filter(kind=WorkOrder.DISPUTE, resource=contract.id, field=field)
    known = set(before.values_list("key", "value"))
    open_keys = {key for key, _ in before.filter(state=WorkOrder.OPEN).values_list("key", "value")}
    values = standing_values(contract, field, [row.key for row in rows])
    made = []
    with transaction.atomic():
        for row in rows:
            value = values.get(row.key)
            if value is not None and row.key not in open_keys and (row.key, value) not in known:
                made.append(_made(contract, row.key, field, said, value, by, row.subject))
        if made:
            named = next(f for f in contract.fields if f.name == field)
            told = DOUBTED.fill(
                title=contract.title, field=named.title, rows=len(made), due=made[0].due.isoformat()
            )
            book.tell(made[0], "dispute-raised", told)
            todos.opened(made[0])
    return len(made)


def _made(
    contract: Contract, key: str, field: str, said: str, value: str, by: str, subject: str
) -> WorkOrder:
    """The order, under the next free number."""
    due = working_days.after(timezone.localdate(), contract.deadline)
    while True:
        try:
            with transaction.atomic():
                return WorkOrder.objects.create(
                    id=_next_id(),
                    kind=WorkOrder.DISPUTE,
                    resource=contract.id,
                    organization=contract.organization,
                    opened_by=by,
                    due=due,
                    rows=1,
                    remaining=1,
                    key=key,
                    field=field,
                    said=said,
                    value=value,
                    subject=subject,
                )
        except IntegrityError:
            # PostgreSQL lets two processes read the same last number; one of them has to count again.
            continue


def _next_id() -> str:
    day = timezone.localdate().strftime("%Y%m%d")
    today = WorkOrder.objects.filter(id__startswith=f"D-{day}-").annotate(length=Length("id"))
    last = today.order_by("-length", "-id").first()
    return f"D-{day}-{int(last.id.rsplit('-', 1)[1]) + 1 if last else 1:04d}"


def _open(resource: str) -> QuerySet[WorkOrder]:
    return WorkOrder.objects.filter(kind=WorkOrder.DISPUTE, state=WorkOrder.OPEN, resource=resource)


def open_for(rows: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, str]]:
    """Of these rows (resource, key): the fields that are disputed now, each with its order."""
    wanted = set(rows)
    found: dict[tuple[str, str], dict[str, str]] = {}
    if wanted:
        asked = WorkOrder.objects.filter(
            kind=WorkOrder.DISPUTE,
            state=WorkOrder.OPEN,
            resource__in={resource for resource, _ in wanted},
            key__in={key for _, key in wanted},
        )
        for order in asked:
            if (order.resource, order.key) in wanted:
                found.setdefault((order.resource, order.key), {})[order.field] = order.id
    return found


def open_about(subject: str) -> bool:
    """Whether anything about this register and entity is disputed: a cheap question before a dear one."""
    return WorkOrder.objects.filter(kind=WorkOrder.DISPUTE, state=WorkOrder.OPEN, subject=subject).exists()


def standing_of(contract: Contract, key: str, field: str) -> Standing | None:
    """The value of a row in the lake; None where the row or the column is not there."""
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "standard", contract.id) or field not in engine.columns(
            con, "standard", contract.id
        ):
            return None
        found = con.execute(
            f"SELECT _run, _row, CAST({quoted(field)} AS VARCHAR) FROM {engine.table('standard', contract.id)}"
            " WHERE _key = ?",
            [key],
        ).fetchone()
    return Standing(found[0], int(found[1]), found[2] or "") if found else None


def standing_values(contract: Contract, field: str, keys: Sequence[str]) -> dict[str, str]:
    """The values of a field in these rows of the lake, as text; rows and columns that are gone are left out."""
    engine = lake()
    with engine.read() as con:
        if not engine.exists(con, "standard", contract.id) or field not in engine.columns(
            con, "standard", contract.id
        ):
            return {}
        found = con.execute(
            f"SELECT _key, coalesce(CAST({quoted(field)} AS VARCHAR), '') FROM {engine.table('standard', contract.id)}"
            " WHERE _key IN (SELECT unnest($1::VARCHAR[]))",
            [list(keys)],
        ).fetchall()
    return dict(found)


def field_of(order: WorkOrder, contract: Contract) -> Field:
    found = next((f for f in contract.fields if f.name == order.field), None)
    if found is None:
        raise NotDisputable(field=order.field)
    return found


def confirm(account: Account, order_id: str, why: str) -> WorkOrder:
    """The provider says that the value is right as it stands; the mark goes and whoever disputed it is told."""
    order = book.order_of(account, order_id, "order.answer")
    book.still_open(order)
    why = why.strip()[:LONGEST]
    if not why:
        raise NothingSaid()
    with transaction.atomic():
        order.answer = why
        order.remaining = 0
        book.close(order, account.username)
        record(account, "dispute.confirm", order)
        _tell_answer(order)
    return order


def settle(run: Run, contract: Contract) -> None:
    """Closes the disputes about values that are others now, or whose row is gone. In the caller's transaction."""
    waiting: dict[str, list[WorkOrder]] = {}
    for order in _open(contract.id):
        waiting.setdefault(order.field, []).append(order)
    for field, orders in waiting.items():
        values = standing_values(contract, field, [order.key for order in orders])
        for order in orders:
            if values.get(order.key) == order.value:
                continue
            order.remaining = 0
            book.close(order, run.started_by if run.kind == Run.REPAIR else f"run {run.id}")
            if order.field in {f.name for f in contract.fields}:
                _tell_answer(order)


def _tell_answer(order: WorkOrder) -> None:
    """Whoever disputed the value is told through their post: stewards and clerks."""
    contract = book.contract_of(order)
    told = ANSWERED.fill(title=contract.title, field=field_of(order, contract).title)
    book.tell(order, "dispute-answered", told, role="steward")


def record(account: Account, action: str, order: WorkOrder) -> None:
    subjects: Collection[str] = [order.subject.partition("/")[2]] if order.subject else []
    ledger.record(
        account,
        action,
        order.id,
        subjects=list(subjects),
        fields=[f"{order.resource}.{order.field}"],
        purpose="dispute",
    )
