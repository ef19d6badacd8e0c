"""Which column of a source is which field of the contract, and what became of those that do not fit.

headers ──named──▶ found · missing · extra
                     missing and extra ──renames.likely──▶ is one of them the other, renamed?
found, renames, the contract's drift ──settle──▶ Columns, or a refusal that says what to do
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jingwei.catalog.contracts import Contract, Field
from jingwei.collection.connectors.headers import plain
from jingwei.collection.drifted import ADDED, REMOVED, RENAMED, Drifted
from jingwei.collection.errors import ColumnsAdded, ColumnsMissing, ColumnsTwice
from jingwei.collection.renames import Likely
from jingwei.kernel.text import Text, listed
from jingwei.packs.declarations import nearest


@dataclass(frozen=True)
class Named:
    """What the names alone say."""

    found: dict[str, str]
    missing: tuple[Field, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """Field name → header (fields whose column is gone are left out), headers nobody declared, what changed."""

    found: dict[str, str]
    added: tuple[str, ...]
    drift: tuple[Drifted, ...] = ()


def named(contract: Contract, present: tuple[str, ...]) -> Named:
    """Fields and columns matched by name and alias. A field that answers to two columns is refused."""
    by_plain: dict[str, list[str]] = {}
    for header in present:
        by_plain.setdefault(plain(header), []).append(header)
    found: dict[str, str] = {}
    missing: list[Field] = []
    for field in contract.fields:
        wanted = dict.fromkeys(plain(header) for header in field.headers)
        candidates = [header for name in wanted for header in by_plain.get(name, [])]
        if len(candidates) > 1:
            raise ColumnsTwice(field=field.name, columns=listed(candidates))
        if candidates:
            found[field.name] = candidates[0]
        else:
            missing.append(field)
    taken = set(found.values())
    return Named(found, tuple(missing), tuple(header for header in present if header not in taken))


def settle(
    contract: Contract, present: tuple[str, ...], by_name: Named, likely: Mapping[str, Likely]
) -> Columns:
    """What the contract's drift makes of it. `likely`: fields whose column was perhaps renamed."""
    found, drift = dict(by_name.found), []
    refused: list[Text] = []
    for field in by_name.missing:
        guess = likely.get(field.name)
        if guess and guess.sure and contract.drift.renamed == "evolve":
            found[field.name] = guess.header
            drift.append(_renamed(field, guess))
        elif guess:
            refused.append(_perhaps(field, guess))
        elif contract.drift.removed == "evolve" and not field.required and not field.key:
            drift.append(_removed(field))
        else:
            refused.append(_missing(field, by_name.extra))
    if refused:
        guesses = {name: guess.header for name, guess in likely.items()}
        raise ColumnsMissing(missing=listed(refused), present=listed(present), guesses=guesses)
    taken = {*found.values(), *(header for header in present if header.casefold() in _reading(contract))}
    added = tuple(header for header in present if header not in taken)
    if added and contract.drift.added == "freeze":
        raise ColumnsAdded(added=listed(added))
    drift += [_added(header) for header in added]
    return Columns(found, added, tuple(drift))


def _reading(contract: Contract) -> set[str]:
    """Columns by which the source is read, which need not be fields: cursor, and those of a change table."""
    changes, cursor = contract.changes, contract.cursor
    names = [cursor.column] if cursor else []
    names += [changes.sequence, changes.operation, changes.acknowledge or ""] if changes else []
    return {name.casefold() for name in names}


def _renamed(field: Field, guess: Likely) -> Drifted:
    detail = Text(
        "“{old}”改名为“{new}”，按新名读取（{why}）", "“{old}” was renamed “{new}” and is read so ({why})"
    ).fill(old=field.header, new=guess.header, why=guess.why)
    return Drifted(RENAMED, field.name, guess.header, detail, {"was": field.header, **guess.evidence})


def _removed(field: Field) -> Drifted:
    detail = Text(
        "“{header}”没有了，{title}从此为空", "“{header}” is gone; {title} is empty from now on"
    ).fill(header=field.header, title=field.title)
    return Drifted(REMOVED, field.name, field.header, detail)


def _added(header: str) -> Drifted:
    detail = Text(
        "多了一列“{header}”，契约里没有，只留在原始层",
        "there is a new column “{header}”; the contract does not know it, it is kept in raw only",
    ).fill(header=header)
    return Drifted(ADDED, "", header, detail)


def _perhaps(field: Field, guess: Likely) -> Text:
    return Text("{old}（多半改名为“{new}”：{why}）", "{old} (most likely renamed “{new}”: {why})").fill(
        old=field.header, new=guess.header, why=guess.why
    )


def _missing(field: Field, extra: tuple[str, ...]) -> Text:
    near = nearest(field.header, extra)
    pattern = (
        Text("{header}（是不是 {near}？）", "{header} ({near}?)") if near else Text("{header}", "{header}")
    )
    return pattern.fill(header=field.header, near=near)
