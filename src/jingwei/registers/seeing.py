"""Who sees a register: the roles its declaration names (`seen_by`), asked at every door that shows entities.

An action says what a post may do with registers; this says with which. A register that names no role is seen by
everybody who has the action.
"""

from __future__ import annotations

from collections.abc import Iterable

from jingwei.kernel import ledger
from jingwei.kernel.models import Account
from jingwei.kernel.standing import standings
from jingwei.packs.service import installed
from jingwei.registers.declaration import Register
from jingwei.registers.errors import RegisterNotSeen


def sees(account: Account, register: Register) -> bool:
    if not register.seen_by:
        return True
    return any(role in register.seen_by for one in standings(account) for role in one.roles)


def seen(account: Account, names: Iterable[str]) -> list[str]:
    """Those of these registers that the account sees, in their order."""
    known = installed().section("registers")
    return [name for name in names if name in known and sees(account, known[name])]


def require(account: Account, action: str, object: str) -> None:
    """Raises RegisterNotSeen, and puts the refusal on record, where `object` (`register` or `register/entity`)
    lies in a register that the account does not see."""
    register = installed().section("registers").get(object.partition("/")[0])
    if register is not None and not sees(account, register):
        ledger.record(account, action, object, outcome="refused")
        raise RegisterNotSeen(register=register.title)
