"""`jingwei backup | restore | upkeep | upgrade`: what keeps a node safe, beside its daily work."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.db import connection

from jingwei.cli.frame import HomeMissing, Output, command, known_migrations, refuse_file, refuse_newer
from jingwei.kernel.errors import EXIT_DONE, EXIT_FAILED
from jingwei.kernel.home import home
from jingwei.kernel.text import Text, listed
from jingwei.operations import upgrading
from jingwei.operations import upkeep as keeping
from jingwei.operations.backup import service as backups
from jingwei.settings import options, secret

FOLDER = click.Path(path_type=Path)


class Backup(click.Group):
    """`backup FOLDER` takes one; `backup verify FOLDER` and `backup list FOLDER` look at what was taken."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, args if args and args[0] in self.commands else ["take", *args])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        helps = ctx.help_option_names
        if args and args[0] not in self.commands and args[0] not in helps:
            args = ["take", *args]
        return super().parse_args(ctx, args)


def add_to(group: click.Group) -> None:
    @group.group(cls=Backup)
    def backup() -> None:
        """Back all three stores up to one point in time, beside a running node: backup FOLDER."""

    @command(backup)
    @click.argument("folder", type=FOLDER)
    @click.option(
        "--keep", default=0, help="Remove all but so many of the newest.", type=click.IntRange(0, 1000)
    )
    @click.option("--no-secrets", is_flag=True, help="Leave the keys out; you keep them apart.")
    @click.option(
        "--whole", is_flag=True, help="Copy also what the last backup there holds, instead of linking it."
    )
    def take(out: Output, folder: Path, keep: int, no_secrets: bool, whole: bool) -> None:
        """Take a backup into FOLDER."""
        taken = backups.take(folder, keep=keep, secrets=not no_secrets, whole=whole, say=out.progress)
        made = taken.manifest
        out.say(
            Text(
                "{folder}：{n} 个文件，{mb:,.1f} MB，{s:.1f} 秒（写入者等了 {held:.3f} 秒）",
                "{folder}: {n} files, {mb:,.1f} MB, {s:.1f} s (writers waited {held:.3f} s)",
            ).fill(
                folder=taken.folder, n=len(made.files), mb=made.size / 1e6, s=taken.seconds, held=made.held
            )
        )
        if made.secrets:
            out.progress(_about_secrets(made.secrets, no_secrets))
        out.result({
            "backup": str(taken.folder), "made": made.made, "files": len(made.files), "bytes": made.size,
            "linked": taken.linked, "seconds": round(taken.seconds, 2), "held_seconds": made.held,
            "secrets": made.secrets if not no_secrets else [], "removed": taken.removed,
        })  # fmt: skip

    @command(backup, needs_home=False)
    @click.argument("folder", type=FOLDER)
    def verify(out: Output, folder: Path) -> None:
        """Read a backup wholly and compare it with its manifest."""
        made = backups.verify(folder, out.progress)
        text = Text("{made} 的备份完好：{n} 个文件", "the backup of {made} is whole: {n} files")
        out.say(text.fill(made=made.made, n=len(made.files)))
        out.result({"whole": True, "made": made.made, "files": len(made.files), "bytes": made.size})

    @command(backup, "list", needs_home=False)
    @click.argument("folder", type=FOLDER)
    def list_(out: Output, folder: Path) -> None:
        """The backups in FOLDER, newest first."""
        found = backups.kept(folder)
        out.table(
            folder.name,
            [Text("备份", "backup"), Text("时间", "made"), "MB", Text("版本", "version")],
            [
                [one.folder.name, f"{one.made:%Y-%m-%d %H:%M}", one.size // 1_000_000, one.version]
                for one in found
            ],
        )
        out.result({
            "backups": [
                {"backup": str(o.folder), "made": o.made, "bytes": o.size, "version": o.version} for o in found
            ]
        })  # fmt: skip

    @command(group, needs_home=False)
    @click.argument("folder", type=FOLDER)
    @click.option(
        "--to", "target", required=True, metavar="HOME", help="The new home: an empty or a new folder."
    )
    @click.option("--secrets", type=FOLDER, help="Folder the keys were kept apart in.")
    def restore(out: Output, folder: Path, target: str, secrets: Path | None) -> int:
        """Make a home from a backup (the newest in FOLDER, or FOLDER itself)."""
        # The command line has taken --to for the home of this process.
        done = backups.restore(folder, home(), known_migrations(), secrets=secrets, say=out.progress)
        if not options.SECRET_KEY.value:
            settings.SECRET_KEY = secret.keep(home(), settings.SECRET_KEY)
        connection.close()
        said = {} if done.older else backups.answers()
        silent = [name for name, answered in said.items() if not answered]
        text = Text("{home} 恢复到 {made} 的样子，{s:.1f} 秒", "{home} is as it was at {made}, {s:.1f} s")
        out.say(text.fill(home=done.home, made=done.manifest.made, s=done.seconds))
        if done.older:
            out.say(
                Text("备份较旧：先运行 jingwei upgrade。", "The backup is older: run jingwei upgrade first.")
            )
        if silent:
            out.progress(
                Text("查不到人：{names}", "lookups find nobody in: {names}").fill(names=listed(silent))
            )
        out.result({
            "home": str(done.home), "made": done.manifest.made, "files": len(done.manifest.files),
            "seconds": round(done.seconds, 2), "answers": said, "upgrade": done.older,
        })  # fmt: skip
        return EXIT_FAILED if silent else EXIT_DONE

    @command(group)
    @click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
    def upkeep(out: Output, dry_run: bool) -> None:
        """Merge the lake's small files, let go of snapshots nobody needs, remove what is left over. The worker does
        so every week."""
        done = keeping.upkeep(dry=dry_run)
        text = Text(
            "文件 {a:,} → {b:,}，合并 {m:,}；放掉 {e:,} 个快照，留 {k:,} 个；删旧文件 {r:,}、无主文件 {o:,}；{s:.1f} 秒",
            "files {a:,} → {b:,}, {m:,} merged; {e:,} snapshots let go, {k:,} kept; {r:,} old and {o:,} orphaned files"
            " removed; {s:.1f} s",
        )
        out.say(
            text.fill(
                a=done.files_before, b=done.files_after, m=done.merged, e=len(done.expired), k=done.snapshots,
                r=done.removed, o=done.orphans, s=done.seconds,
            )
        )  # fmt: skip
        out.result(done.facts)

    @command(group, needs_home=False)
    @click.option("--backup", type=FOLDER, help="Folder to back up to first; JINGWEI_BACKUPS if it is set.")
    @click.option("--no-backup", is_flag=True, help="Go without: you have a backup of your own.")
    def upgrade(out: Output, backup: Path | None, no_backup: bool) -> None:
        """Bring the home to this version: check, back up, migrate, say what changed."""
        refuse_file()
        if not (home() / "lake").is_dir():
            raise HomeMissing(home=home())
        refuse_newer()
        named = options.BACKUPS.value
        folder = None if no_backup else backup or (Path(named) if named else None)
        done = upgrading.upgrade(folder, out.progress, without=no_backup)
        if not done.applied:
            out.say(Text("{home} 已是最新。", "{home} is up to date.").fill(home=home()))
        for one in done.applied:
            out.say(f"  {one}")
        if done.backup:
            out.say(Text("备份在 {folder}", "backup: {folder}").fill(folder=done.backup))
        out.result({"applied": done.applied, "backup": str(done.backup) if done.backup else None})


def _about_secrets(names: list[str], left_out: bool) -> Text:
    if left_out:
        text = Text(
            "没有备份密钥（{names}）：另外存好，没有它们这份备份恢复不了。",
            "The keys ({names}) are not in the backup: keep them apart; without them it cannot be restored.",
        )
    else:
        text = Text(
            "备份里有密钥（{names}）：谁拿到它就能冒用登录、认出编号。把它存在只有您能看的地方。",
            "The backup holds keys ({names}): whoever has it can forge sign-ins and tell whose number is whose."
            " Keep it where only you can read.",
        )
    return text.fill(names=", ".join(names))
