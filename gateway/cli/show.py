"""How an exchange is shown to people: headings, requests, answers, documents."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from rich.console import Console
from rich.highlighter import JSONHighlighter

from gateway.config.frame import clean
from gateway.lossless import BadJson, Json, dumps, loads
from gateway.testing.reply import Reply
from gateway.vendors.client import Answer, Fault, Request


def printable(text: str) -> str:
    """Make every character visible: a terminal must not obey what a vendor or a file says."""
    return "\n".join(clean(line.removesuffix("\r")) for line in text.split("\n"))


def short(text: str, most: int) -> str:
    """Put a text on one line of at most so many characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"


@dataclass(slots=True)
class Screen:
    """Writes to standard output, in colour on a terminal only."""

    colour: bool
    console: Console = field(init=False)

    def __post_init__(self) -> None:
        self.console = Console(
            no_color=not self.colour, highlight=False, soft_wrap=True, emoji=False
        )

    def heading(self, text: str) -> None:
        self.console.print(f"\n── {printable(text)}", style="bold", markup=False)

    def text(self, text: str) -> None:
        self.console.print(printable(text), markup=False)

    def document(self, label: str, value: Json) -> None:
        if label:
            self.text(f"{label}:")
        text = msgspec.json.format(dumps(value), indent=2).decode()
        self.console.print(JSONHighlighter()(printable(text)))

    def request(self, vendor: str, request: Request) -> None:
        self.text(f"→ {vendor}: {request.method} {request.target}")
        for name, value in request.headers.items():
            self.text(f"  {name}: {value}")
        self.body(request.body)

    def outcome(self, outcome: Answer | Fault, seconds: float) -> None:
        times = f", {outcome.attempts} attempts" if outcome.attempts > 1 else ""
        took = f"({seconds * 1000:.1f} ms{times})"
        if isinstance(outcome, Fault):
            self.text(f"← no answer {took}: {outcome.kind}, sent: {outcome.sent}")
            self.text(f"  {outcome.detail}")
            return
        self.text(f"← {outcome.status} {took}")
        self.body(outcome.body)

    def reply(self, reply: Reply) -> None:
        self.heading(f"answer {reply.status}")
        if reply.cause:
            self.text(f"because: {reply.cause}")
        self.document("", reply.body)

    def body(self, data: bytes) -> None:
        """Show a body: as JSON where it is, else as text."""
        if not data:
            return
        try:
            self.document("", loads(data))
        except BadJson:
            try:
                self.text(data.decode())
            except UnicodeDecodeError:
                self.text(f"({len(data)} bytes that are no text)")
