"""What Ctrl-K finds in the registers: entities, by the registers' own search."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from jingwei.kernel.models import Account
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.parts.finding import Finder, Hit, register_finder
from jingwei.registers import seeing, service
from jingwei.registers.models import ServingState


def entities(account: Account, text: str, limit: int) -> Sequence[Hit]:
    known = installed().section("registers")
    served = list(
        ServingState.objects.filter(register__in=seeing.seen(account, known)).values_list(
            "register", flat=True
        )
    )
    return [
        Hit(
            one.name,
            reverse("registers:record", args=[one.register, one.entity_id]),
            " · ".join(
                [str(known[one.register].title), *([one.masked_id] if one.masked_id else []), *one.facts[:2]]
            ),
            "register",
            one.exact and one.matched in ("identifier", "phone"),
            one.entity_id,
        )
        for one in service.search(served, text, limit=limit)
    ]


def register() -> None:
    register_finder(
        Finder("register", Text("人、企业、地方", "People, companies, places"), "register.read", entities)
    )
