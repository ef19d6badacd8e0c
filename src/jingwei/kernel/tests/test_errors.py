"""Every error of the house has a stable code of its own and says all three things in both languages."""

import importlib
import pkgutil

import jingwei
from jingwei.kernel.errors import EXIT_BAD_INPUT, EXIT_FAILED, EXIT_HELD, JingweiError


def every_error(base: type[JingweiError] = JingweiError) -> set[type[JingweiError]]:
    for module in pkgutil.walk_packages(jingwei.__path__, "jingwei."):
        if module.name.endswith(
            (".errors", ".faults", ".ports", ".frame", ".node", ".packing", ".collecting")
        ):
            importlib.import_module(module.name)
    found, waiting = set(), [base]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found.add(child)
            waiting.append(child)
    return found


def test_every_error_speaks_both_languages_and_leads_to_a_promised_exit_code():
    errors = every_error()
    assert len(errors) > 20
    for error in errors:
        assert error.exit_code in (EXIT_BAD_INPUT, EXIT_HELD, EXIT_FAILED), error
        for text in (error.what, error.means, error.do):
            assert text.zh.strip() and text.en.strip(), error


def test_codes_are_stable_names_used_once():
    seen = {}
    for error in every_error():
        if "code" not in vars(error):
            continue
        assert error.code not in seen, (error, seen.get(error.code))
        seen[error.code] = error
