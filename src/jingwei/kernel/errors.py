"""The tree of everything that can go wrong and that a person has to hear of.

An error is a class: its stable `code` (scripts branch on it), what happened, what that means
for the data, what to do next, whether trying again can help, and the exit code of the command
line. Rooms derive their own in their `errors.py`; anything outside this tree is our mistake and
is shown as `InternalFault` with a reference to the log, never as a traceback.
"""

from __future__ import annotations

from typing import Any, ClassVar

from jingwei.kernel.text import Text

NOTHING_CHANGED = Text("数据没有改动。", "Nothing was changed.")

EXIT_DONE, EXIT_BAD_INPUT, EXIT_HELD, EXIT_FAILED = 0, 1, 2, 3


class JingweiError(Exception):
    """Base of the tree. Subclasses fill the four texts; the constructor fills their `{names}`."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_FAILED
    retry_helps: ClassVar[bool] = False
    what: Text = Text("出错了。", "Something went wrong.")
    means: Text = NOTHING_CHANGED
    do: Text = Text("请联系管理员。", "Ask your administrator.")

    def __init__(self, **values: Any) -> None:
        self.values = values
        self.what = type(self).what.fill(**values)
        self.means = type(self).means.fill(**values)
        self.do = type(self).do.fill(**values)
        super().__init__(self.code)

    def __str__(self) -> str:
        return f"{self.what} {self.means} {self.do}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the API: stable keys, texts in the reader's language."""
        return {
            "error": self.code,
            "what": str(self.what),
            "means": str(self.means),
            "do": str(self.do),
            "retry_helps": self.retry_helps,
        }


class BadInput(JingweiError):
    """What the caller gave cannot be used; exit code 1."""

    exit_code = EXIT_BAD_INPUT


class Held(JingweiError):
    """A run arrived but waits for a person; exit code 2."""

    exit_code = EXIT_HELD


class Failed(JingweiError):
    """The work could not be done and was undone; exit code 3."""

    exit_code = EXIT_FAILED


class NotAllowed(BadInput):
    code = "not-allowed"
    what = Text("您的岗位不能做这件事：{action}。", "Your post may not do this: {action}.")
    do = Text("需要的话请管理员加授权。", "Ask the administrator if your work needs it.")


class Busy(Failed):
    """Somebody else is writing; nothing was begun."""

    code = "busy"
    retry_helps = True
    what = Text("{what}正由另一个进程处理（{holder}）。", "Another process ({holder}) is working on {what}.")
    do = Text("等它结束后再试。", "Try again when it has finished.")


class DiskFull(Failed):
    code = "disk-full"
    retry_helps = True
    what = Text("磁盘已满：{path}。", "The disk is full: {path}.")
    do = Text("腾出空间后再试一次。", "Free some space and run it again.")


class InternalFault(Failed):
    """A fault of ours; the log has the details under `reference`."""

    code = "internal"
    what = Text("程序自己出了错，编号 {reference}。", "The program itself failed, reference {reference}.")
    do = Text(
        "请把编号交给管理员，详情在日志 {log}。",
        "Give the reference to your administrator; details are in {log}.",
    )
