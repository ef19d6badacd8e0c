"""`jingwei calendar`, `jingwei inbox`: public holidays for deadlines; one look after late to-dos and messages."""

from __future__ import annotations

from pathlib import Path

import click

from jingwei.cli.frame import Output, command
from jingwei.inbox import calendar_import, ticking, working_days
from jingwei.inbox.models import Address, CalendarDay
from jingwei.inbox.todos import late
from jingwei.kernel.text import Text

KINDS = {
    CalendarDay.WORKDAY: Text("上班", "worked"),
    CalendarDay.HOLIDAY: Text("放假", "off"),
}


def add_to(group: click.Group) -> None:
    @group.group()
    def calendar() -> None:
        """Working days that deadlines are counted in."""

    @command(calendar, "import")
    @click.argument("file", type=click.Path(path_type=Path))
    def import_(out: Output, file: Path) -> None:
        """Import a year's public holidays from a CSV FILE: date, `holiday` or `workday`, and a name if you like."""
        days = calendar_import.load(file)
        until = working_days.known_until()
        said = Text("导入 {n} 天；已知到 {until}。", "{n} days imported; known until {until}.")
        out.say(said.fill(n=len(days), until=until))
        years = sorted({one.day.year for one in days if not working_days.is_known(one.day.year)})
        if years:
            lacks = Text(
                "{years} 年还缺元旦或国庆，仍按周一至周五计。",
                "{years} lacks New Year or the National Day: Monday to Friday are counted still.",
            )
            out.say(lacks.fill(years=", ".join(map(str, years))))
        out.result({"imported": len(days), "known_until": until, "incomplete": years})

    @command(calendar)
    def show(out: Output) -> None:
        """Until when public holidays are known, and the days that were imported."""
        until = working_days.known_until()
        days = list(CalendarDay.objects.all())
        out.say(
            Text("放假安排已知到 {until}。", "Public holidays are known until {until}.").fill(until=until)
        )
        if days:
            out.table(
                Text("导入的日子", "Imported days"),
                [Text("日期", "date"), Text("类别", "kind"), Text("名称", "name")],
                [[f"{one.day}", KINDS[one.kind], one.name] for one in days],
            )
        told = [{"date": one.day, "kind": one.kind, "name": one.name} for one in days]
        out.result({"known_until": until, "days": told})

    @command(group)
    @click.argument("action", type=click.Choice(["show", "run"]), default="show")
    def inbox(out: Output, action: str) -> None:
        """Show what is late and which addresses fail; `run` tells late to-dos above and sends messages now, as the
        worker does every minute, for nodes that plan with cron.
        """
        if action == "run":
            done = ticking.every_minute()
            said = Text(
                "上报 {escalated} 件，发出 {sent} 条。", "{escalated} told above, {sent} messages sent."
            )
            out.say(said.fill(**done))
            out.result(done)
            return
        rows = list(late().order_by("due"))
        out.table(
            Text("逾期 {n} 件", "{n} late").fill(n=len(rows)),
            [Text("期限", "due"), Text("该谁办", "meant for"), Text("关于", "about"), Text("待办", "to do")],
            [
                [f"{one.due}", one.organization or one.role or one.account, one.about, one.title]
                for one in rows
            ],
        )
        broken = list(Address.objects.exclude(broken=None))
        for one in broken:
            out.say(Text("发不到 {shown}", "messages to {shown} fail").fill(shown=one.shown))
        out.result({"late": [one.key for one in rows], "broken": [one.shown for one in broken]})
