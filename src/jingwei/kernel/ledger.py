"""Every look and every deed goes on record, refused ones included."""

from __future__ import annotations

from collections.abc import Sequence

from jingwei.kernel.models import Account, LedgerEntry


def record(
    account: Account | None,
    action: str,
    object: str,
    *,
    subjects: Sequence[str] = (),
    fields: Sequence[str] = (),
    purpose: str = "",
    outcome: str = "done",
) -> None:
    """Appends an entry in the caller's transaction. `subjects` are entity ids, never identity
    numbers; `account` None is the node itself (a job, the command line)."""
    LedgerEntry.objects.create(
        account=account.username if account else "(node)",
        organization=str(account.organization or "") if account else "",
        action=action,
        object=object,
        subjects=list(subjects),
        fields=list(fields),
        purpose=purpose,
        outcome=outcome,
    )
