"""`jingwei pack check | install`, `jingwei contract check`."""

from __future__ import annotations

from pathlib import Path

import click

from jingwei.catalog import contract_checks, contract_files
from jingwei.catalog.cases import check_cases
from jingwei.catalog.values import Standardizer
from jingwei.cli.frame import Output, command
from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text, listed
from jingwei.packs import service
from jingwei.packs.declarations import Fault, read
from jingwei.packs.errors import PackFaulty
from jingwei.packs.loader import Pack, values


class NotAFolder(BadInput):
    code = "no-such-pack"
    what = Text(
        "{path} 不是文件夹，也不是自带的应用包。",
        "{path} is neither a folder nor a pack that comes with Jingwei.",
    )
    do = Text(
        "给出应用包所在的文件夹；自带的有：{shipped}。",
        "Give the pack's folder; shipped ones are: {shipped}.",
    )


def _folder(path: str) -> Path:
    """A folder, or the name of a pack that comes with the software."""
    folder = Path(path)
    if folder.is_dir():
        return folder.resolve()
    shipped = service.shipped() / path
    if "/" not in path and (shipped / "pack.yaml").is_file():
        return shipped
    names = listed(sorted(p.name for p in service.shipped().iterdir() if (p / "pack.yaml").is_file()))
    raise NotAFolder(path=path, shipped=names)


def _standardizers(pack: Pack) -> dict[str, Standardizer]:
    """The node's elements and the pack's own, to try the pack's written cases on."""
    known = service.installed()
    elements = {**known.section("elements"), **values(pack.declared.get("elements", {}))}
    codes = {**known.section("codes"), **values(pack.declared.get("codes", {}))}
    return {name: Standardizer(one, codes.get(one.codes)) for name, one in elements.items()}


def add_to(group: click.Group) -> None:
    @group.group()
    def pack() -> None:
        """Applications as folders of declarations."""

    @group.group()
    def contract() -> None:
        """Data contracts."""

    @command(pack, "check", needs_home=False)
    @click.argument("path")
    def pack_check(out: Output, path: str) -> None:
        """Tell everything wrong with the pack in PATH at once."""
        folder = _folder(path)
        found, faults = service.check(folder)
        if found and not faults:
            faults = check_cases(folder, _standardizers(found))
        if faults or found is None:
            raise PackFaulty(folder.name, faults)
        counts = {section: len(declared) for section, declared in found.declared.items()}
        out.say(
            Text(
                "应用包 {name} {version} 没有问题：{counts}",
                "The pack {name} {version} is in order: {counts}",
            ).fill(
                name=found.manifest.pack,
                version=found.manifest.version,
                counts=", ".join(f"{k} {v}" for k, v in counts.items()),
            )
        )
        out.result(
            {"pack": found.manifest.pack, "version": found.manifest.version, "counts": counts, "faults": []}
        )

    @command(pack, "install")
    @click.argument("path")
    def pack_install(out: Output, path: str) -> None:
        """Install the pack in PATH, or a shipped one by name, into the home."""
        done = service.install(_folder(path))
        counts = {section: n for section, n in done.counts.items() if n}
        out.say(
            Text("已安装 {name} {version}：{counts}", "Installed {name} {version}: {counts}").fill(
                name=done.pack, version=done.version, counts=", ".join(f"{k} {v}" for k, v in counts.items())
            )
        )
        out.result({"pack": done.pack, "version": done.version, "counts": counts})

    @command(contract, "check", needs_home=False)
    @click.argument("file", type=click.Path(path_type=Path))
    def contract_check(out: Output, file: Path) -> None:
        """Check one data contract against the standard (ODCS v3.1) and the house's conventions."""
        faults: list[Fault] = []
        document, found = read(file)
        faults += found
        if document is not None:
            value, found = contract_files.read(document, ())
            faults += found
            if value is not None:
                elements = service.installed().section("elements")
                faults += contract_checks.wrong_elements(value, elements, file, document.line)
                if not faults:
                    out.say(
                        Text(
                            "契约 {id} {version} 没有问题，{count} 个字段。",
                            "The contract {id} {version} is in order, {count} fields.",
                        ).fill(id=value.id, version=value.version, count=len(value.fields))
                    )
                    out.result(
                        {
                            "contract": value.id,
                            "version": value.version,
                            "fields": len(value.fields),
                            "faults": [],
                        }
                    )
        if faults:
            raise PackFaulty(file.name, faults)
