"""Reading cases: of one entity, of one clerk, of a draft that is taken up again."""

from __future__ import annotations

from collections.abc import Mapping

from jingwei.kernel.models import Account
from jingwei.kernel.paging import Page, page_of
from jingwei.window.models import Case

SHOWN_BESIDE = 5
PAGE = 20


def cases_of(register: str, entity_id: str) -> list[Case]:
    """The newest cases of an entity, drafts included: what a clerk should know before beginning another."""
    return list(Case.objects.filter(register=register, entity_id=entity_id)[:SHOWN_BESIDE])


def cases_page(account: Account, state: str, number: str) -> Page[Case]:
    """The clerk's own cases, newest first."""
    rows = Case.objects.filter(created_by=account)
    if state in (Case.DRAFT, Case.SUBMITTED):
        rows = rows.filter(state=state)
    return page_of(rows.count(), number, PAGE, lambda offset, limit: list(rows[offset : offset + limit]))


def draft_texts(draft: Case) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What was on the clerk's screen when the draft was kept: texts that were touched, and choices."""
    return draft.typed.get("texts", {}), draft.typed.get("choices", {})
