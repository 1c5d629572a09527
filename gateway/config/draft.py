"""A file that is being mended: corrected text to parse on with, places in the text as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from gateway.config import syntax, traps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.problems import Place, Problems
    from gateway.config.repair import Edit, Repair
    from gateway.config.text import SourceText

_MAX_REPAIRS = 50
_MAX_TABS = 20
# Each attempt parses the file anew: a budget of characters keeps a hopeless file from taking long.
_BUDGET = 3_000_000


@dataclass(frozen=True, slots=True)
class _Shift:
    """An edit by columns: `old` characters at `column` became `new` characters."""

    column: int
    old: int
    new: int

    def undo(self, column: int) -> int:
        if column < self.column:
            return column
        if column < self.column + self.new:
            return self.column + min(max(column - self.column - 1, 0), self.old)
        return column - self.new + self.old


@dataclass(slots=True)
class Draft:
    """The text that the parser sees: the file's, with each repair so far put in."""

    source: SourceText
    current: SourceText
    mended: Problems
    _shifts: dict[int, list[_Shift]] = field(default_factory=dict)
    _quoted: set[tuple[int, int]] = field(default_factory=set)
    _count: int = 0
    _spent: int = 0

    def place(self, start: int, end: int) -> Place:
        """Give the place in the file for offsets in the current text."""
        if not self._shifts:
            return self.source.place(start, end)
        return self.source.place(self._original(start), self._original(end))

    def was_plain(self, start: int) -> bool:
        """Say whether the quotes at this offset come from a repair."""
        return self.source.point(self._original(start)) in self._quoted

    def touched(self, offset: int) -> bool:
        """Say whether the line was mended: what is said of it further may be wrong."""
        return self.current.point(offset)[0] in self._shifts

    @property
    def exhausted(self) -> bool:
        """Whether no repair can be taken any more."""
        return self._count >= _MAX_REPAIRS or self._spent > _BUDGET

    def is_fresh(self, repair: Repair) -> bool:
        """Say whether a repair can be taken: each line is mended once, and a file not for ever."""
        return not self.exhausted and self._lines(repair).isdisjoint(self._shifts)

    def take(self, repair: Repair) -> None:
        """Report a repair's problem, with the corrected lines as advice, and put it in."""
        lines = self._lines(repair)
        mended = type(self.current)(self.source.name, repair.apply(self.current.text))
        corrected = "\n".join(mended.line(line).strip() for line in sorted(lines))
        start, end = repair.edits[0].start, repair.edits[-1].end
        if start == end:  # something is missing: show what stands on both sides of it
            start, end = start - 1, end + 1
        place = self.place(start, end)
        self.mended.error(repair.code, repair.message, place, repair.advice or corrected)
        for edit in reversed(repair.edits):
            self._note(edit)
        self.current = mended
        self._count += 1
        self._spent += end

    def mend(self, error: yaml.MarkedYAMLError) -> Repair | None:
        """Find the first repair that lets the parser get beyond the lines it changes."""
        marks = [error.problem_mark, error.context_mark]
        spots = [mark.index for mark in marks if mark is not None]
        for repair in self._candidates(spots):
            if not self.is_fresh(repair):
                continue
            changed = max(self._lines(repair))
            stop = self._stop(repair.apply(self.current.text))
            if stop is None or stop > changed:
                return repair
        return None

    def indentation_tabs(self, stop: int) -> list[Place]:
        """Give each indentation with tabs as a place, if the parser stopped at one."""
        text = self.current.text
        start = text.rfind("\n", 0, stop) + 1
        if not text.startswith("\t", stop) or text[start:stop].strip(" "):
            return []
        places = []
        for line in range(self.current.point(stop)[0], self.source.last_line + 1):
            written = self.source.line(line)
            indent = len(written) - len(written.lstrip(" \t"))
            if written.strip() and "\t" in written[:indent]:
                begin = self.source.offset(line, 1)
                places.append(self.source.place(begin, begin + indent))
        return places[:_MAX_TABS]

    def _lines(self, repair: Repair) -> set[int]:
        return {self.current.point(edit.start)[0] for edit in repair.edits}

    def _candidates(self, spots: list[int]) -> Iterator[Repair]:
        """Try the lines that the parser named, then the one above: a slip often shows late."""
        text = self.current.text
        tab = traps.tab_repair(text, spots[0])
        if tab is not None:
            yield tab
        yield from traps.repairs(text, spots)

    def _stop(self, text: str) -> int | None:
        """Give the line where the parser stops; None if it reads all."""
        loader = yaml.SafeLoader(text)
        try:
            while loader.check_event():
                loader.get_event()  # type: ignore[no-untyped-call]
        except yaml.MarkedYAMLError as error:
            mark = syntax.stop(error)
            self._spent += mark.index
            return mark.line + 1
        except (ValueError, OverflowError):
            return 0
        finally:
            loader.dispose()
        self._spent += len(text)
        return None

    def _note(self, edit: Edit) -> None:
        line, column = self.current.point(edit.start)
        shift = _Shift(column, edit.end - edit.start, len(edit.new))
        self._shifts.setdefault(line, []).append(shift)
        if edit.new.startswith(("'", '"')):
            self._quoted.add((line, column))

    def _original(self, offset: int) -> int:
        line, column = self.current.point(offset)
        for shift in reversed(self._shifts.get(line, ())):
            column = shift.undo(column)
        return self.source.offset(line, column)
