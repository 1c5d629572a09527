"""The parser's events become nodes; what the language doesn't take is refused on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from gateway.config import scalars, silent, syntax
from gateway.config.flow import flow_repair
from gateway.config.nodes import Mapping, Node, Scalar, Sequence, Style
from gateway.config.problems import Place
from gateway.config.repair import quoted

if TYPE_CHECKING:
    from gateway.config.draft import Draft
    from gateway.config.problems import Problems
    from gateway.config.repair import Repair

_MAX_DEPTH = 50
_MOST_PROBLEMS = 100
_STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_CUT = re.compile(r"[ \t]+(#[^\r\n]*)")
_NOTHING = re.compile(r"(?:\s+|#[^\n]*)*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECORATION = re.compile(r"(?:[!&][^\s,\[\]{}]*\s*)+")


class Unusable(Exception):
    """Reading can't go on, and the reason is reported already."""


class Trapped(Exception):
    """YAML reads something else than what was meant; `repair` puts it right."""

    def __init__(self, repair: Repair) -> None:
        super().__init__(repair.code)
        self.repair = repair


class Composer:
    """Turns the parser's events into nodes, once over the draft's current text."""

    def __init__(
        self, draft: Draft, problems: Problems, loader: type[yaml.SafeLoader] = yaml.SafeLoader
    ) -> None:
        self._draft = draft
        self._text = draft.current.text
        self._problems = problems
        self._loader = loader(self._text)
        self._unusable = False
        self._refused: set[str] = set()
        self._end = 0

    def document(self) -> Node | None:
        """Read the whole file; None if it can't be used, all problems reported either way."""
        self._event()
        start = self._event()
        if isinstance(start, yaml.StreamEndEvent):
            raise self._empty()
        begin, end = _span(start)
        if self._text.startswith("%", begin):
            place = self._draft.place(begin, begin + 1)
            message = "A line that starts with `%` gives orders to YAML; none are taken here."
            self._problems.error("yaml-syntax", message, place, "Remove the line.")
        root = self._node(1, flow=False)
        if isinstance(root, Scalar) and root.text == "" and root.style == "plain":
            raise self._empty()
        _, end = _span(self._event())
        following = _NOTHING.match(self._text, end)
        if following and following.end() < len(self._text):
            place = self._draft.place(following.end(), following.end() + 3)
            message = "A second document starts here; a file holds one."
            self._problems.error("yaml-documents", message, place, "Move it to its own file.")
        return None if self._unusable else root

    def mend(self, error: yaml.MarkedYAMLError) -> Repair | None:
        """Give the repair for what stopped the parser, or report it."""
        stop = syntax.stop(error).index
        tabs = self._draft.indentation_tabs(stop)
        for place in tabs:
            message = "This line is indented with a tab; YAML takes spaces only."
            self._problems.error("yaml-tab", message, place, "Type two spaces instead of each tab.")
        repair = None if tabs else self._draft.mend(error)
        if repair is None and not tabs and not self._draft.touched(stop):
            complaint = syntax.explain(error, self._text)
            place = self._draft.place(complaint.start, complaint.end)
            self._problems.error("yaml-syntax", complaint.message, place, complaint.advice)
        return repair

    def _empty(self) -> Unusable:
        message = "The file is empty, or holds comments only."
        place = Place(self._draft.source.name)
        self._problems.error("empty-file", message, place, "Write the configuration, or delete it.")
        return Unusable()

    def _node(self, depth: int, *, flow: bool, key: bool = False) -> Node:
        if len(self._problems.found) >= _MOST_PROBLEMS:
            raise Unusable
        event = self._event()
        start, end = _span(event)
        if depth > _MAX_DEPTH:
            place = self._draft.place(start, start + 1)
            message = f"This is nested more than {_MAX_DEPTH} levels deep."
            self._problems.error("too-large", message, place, "Name parts of it in `let`.")
            raise Unusable
        if isinstance(event, yaml.AliasEvent):
            return self._refuse_alias(start, end)
        if isinstance(event, yaml.NodeEvent):
            start = min(self._decorations(event, start, flow=flow), end)
        self._end = end
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, start, flow=flow, key=key)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(start, depth, flow=flow or event.flow_style is True)
        return self._sequence(start, depth, flow=flow or self._text.startswith("[", start))

    def _decorations(self, event: yaml.NodeEvent, start: int, *, flow: bool) -> int:
        """Refuse the anchor and the tag before a node; give the offset of the node itself."""
        found = _DECORATION.match(self._text, start)
        if found is None or (event.anchor is None and getattr(event, "tag", None) is None):
            return start
        repair = silent.tag_trap(self._text, event, start, flow=flow)
        self._mend_first(repair)
        written = found.group().strip()
        place = self._draft.place(start, start + len(written))
        if event.anchor is not None:
            message = f"`{written}` is an anchor; YAML's anchors and aliases aren't taken."
            advice = "Remove it, and write the value out wherever it is needed."
            self._problems.error("yaml-alias", message, place, advice)
        else:
            message = f"`{written}` is a tag; YAML's tags aren't taken."
            advice = "Remove it; or quote the value, if the `!` belongs to it."
            if written.lower() == "!env":
                advice = "Type {env: NAME} to take a value from the environment."
            self._problems.error("yaml-tag", message, place, advice)
        return found.end()

    def _mend_first(self, repair: Repair | None) -> None:
        """Go back for a repair; with too many of them, enough is reported already."""
        if repair is not None and self._draft.is_fresh(repair):
            raise Trapped(repair)
        if repair is not None and self._draft.exhausted:
            raise Unusable

    def _refuse_alias(self, start: int, end: int) -> Scalar:
        self._unusable = True
        written = self._text[start:end]
        place = self._draft.place(start, end)
        if written in self._refused:  # a file can hold thousands of the same
            return Scalar(None, "", "plain", place)
        self._refused.add(written)
        message = f"`{written}` is an alias; YAML's anchors and aliases aren't taken."
        advice = f"Write the value out; to mean the text, type {quoted(written)}."
        self._problems.error("yaml-alias", message, place, advice)
        return Scalar(None, "", "plain", place)

    def _scalar(self, event: yaml.ScalarEvent, start: int, *, flow: bool, key: bool) -> Scalar:
        text, style, end = event.value, _STYLES[event.style], _span(event)[1]
        if style in {"literal", "folded"}:
            self._end = end = _block_end(self._text, start, end)
        place = self._draft.place(start, end)
        if _SURROGATE.search(text):
            message = "The escape `\\uD800` to `\\uDFFF` alone is no character."
            advice = "Type the character itself, or `\\U` with all 8 digits of its code."
            self._problems.error("yaml-syntax", message, place, advice)
            raise Unusable
        if style != "plain":
            return Scalar(text, text, "plain" if self._draft.was_plain(start) else style, place)
        check = silent.key_trap if key else silent.value_trap
        repair = check(self._text, start, end, flow=flow)
        self._mend_first(repair)
        surprise = scalars.surprise(text)
        cut = _CUT.match(self._text, end)
        why = surprise.why if surprise else None
        return Scalar(scalars.resolve(text), text, style, place, why, cut[1] if cut else None)

    def _sequence(self, start: int, depth: int, *, flow: bool) -> Sequence:
        items = []
        while not isinstance(self._peek(), yaml.SequenceEndEvent):
            items.append(self._node(depth + 1, flow=flow))
        return Sequence(tuple(items), self._close(start, flow=flow))

    def _mapping(self, start: int, depth: int, *, flow: bool) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(self._peek(), yaml.MappingEndEvent):
            begin = _span(self._peek())[0]
            key = self._node(depth + 1, flow=flow, key=True)
            if flow and silent.lacks_value(self._text, self._end):
                self._refuse_lone_key(begin)
            value = self._node(depth + 1, flow=flow)
            if self._accepts(key, entries) and isinstance(key, Scalar):
                entries[key.text] = (key, value)
        return Mapping(tuple(entries.values()), self._close(start, flow=flow))

    def _close(self, start: int, *, flow: bool) -> Place:
        """End a collection: in block style behind its last node, not where the next one starts."""
        end = _span(self._event())[1]
        if flow:
            self._end = max(end, self._end)
        return self._draft.place(start, self._end)

    def _refuse_lone_key(self, start: int) -> None:
        self._mend_first(flow_repair(self._text, start))
        place = self._draft.place(start, self._end)
        message = f"`{self._text[start : self._end]}` has no value."
        advice = "Add `: value`; or quote the whole value, if the comma or bracket belongs to it."
        self._problems.error("yaml-quote", message, place, advice)

    def _accepts(self, key: Node, earlier: dict[str, tuple[Scalar, Node]]) -> bool:
        """Say whether a key can stand in its mapping, reporting what is wrong with it."""
        if not isinstance(key, Scalar):
            message = "A key is a single text here, not a list or an object."
            advice = "Put the key on one line, in quotes if it holds brackets."
            self._problems.error("yaml-key", message, key.place, advice)
            return False
        if key.text == "<<" and key.style == "plain":
            message = "`<<` is a merge key; YAML's anchors and aliases aren't taken."
            advice = "Write the merged keys out."
            self._problems.error("yaml-alias", message, key.place, advice)
            return False
        if key.text in earlier:
            message = (
                f"The key `{key.text}` stands in line {earlier[key.text][0].place.line} already."
            )
            self._problems.error("duplicate-key", message, key.place, "Remove one of the two.")
            return False
        self._check_text(key)
        return True

    def _check_text(self, key: Scalar) -> None:
        advice = f"Type {quoted(key.text)}: with the quotes."
        if key.surprise is not None:
            message = f"The key `{key.text}` {key.surprise}."
            self._problems.error("yaml-surprise", message, key.place, advice)
        elif not isinstance(key.value, str):
            message = f"The key `{key.text}` isn't text to YAML." if key.text else "A key is empty."
            self._problems.error("yaml-key", message, key.place, advice)

    def _peek(self) -> yaml.Event:
        """Give the next event without taking it; a character that can't exist is an error too."""
        try:
            event: yaml.Event = self._loader.peek_event()  # type: ignore[no-untyped-call]
        except (ValueError, OverflowError) as error:
            here = self._loader.get_mark()
            message = "unknown escape: no such character"
            raise yaml.MarkedYAMLError(None, None, message, here) from error
        return event

    def _event(self) -> yaml.Event:
        self._peek()
        event: yaml.Event = self._loader.get_event()  # type: ignore[no-untyped-call]
        return event


def _span(event: yaml.Event) -> tuple[int, int]:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise AssertionError("the parser marks every event")
    return start.index, end.index


def _block_end(text: str, start: int, end: int) -> int:
    """Give where the last line of a block scalar ends, its spaces included."""
    end = start + len(text[start:end].rstrip())
    while text[end : end + 1] in {" ", "\t"}:
        end += 1
    return end
