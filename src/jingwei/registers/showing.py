"""What a page shows of a held value: the word of a code, numbers masked, words whole.

An element's mask says what may stay readable. Masks that keep an end of the value are those of numbers
(identity numbers, telephones): pages star them until someone asks. Masks of words (a name, an address)
are for lists and exports; whoever may open the record or serve at the window needs to read the words.
"""

from __future__ import annotations

from collections.abc import Sequence

from jingwei.catalog.codes import CodeList
from jingwei.catalog.elements import Element
from jingwei.packs.service import installed
from jingwei.registers.models import ServingState


def show(element: Element, value: str) -> str:
    codes = code_list(element)
    word = codes.title_of(value) if codes else None
    if word:
        return str(word)
    return element.mask_text(value) if is_number(element) else value


def is_number(element: Element) -> bool:
    return element.mask is not None and element.mask.last > 0


def choices(element: Element) -> list[tuple[str, str]]:
    """Codes and their words, where the element is coded."""
    codes = code_list(element)
    return [(entry.code, str(entry.title)) for entry in codes.entries] if codes else []


def ready(registers: Sequence[str]) -> list[str]:
    """Those of the registers that were linked and can answer; all of them where none was, so that asking
    says what is missing."""
    served = set(ServingState.objects.filter(register__in=registers).values_list("register", flat=True))
    return [name for name in registers if name in served] or list(registers)


def code_list(element: Element) -> CodeList | None:
    return installed().section("codes").get(element.codes) if element.codes else None


def element_called(name: str) -> Element:
    found: Element = installed().section("elements")[name]
    return found
