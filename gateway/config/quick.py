"""YAML read by libyaml: twenty times as fast, for files of which there is nothing to say.

Which file that is, the composer decides as ever. Where it finds anything wrong, or the two parsers
might differ, the other one, written in Python, reads the file anew: all words are about that one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import yaml

from gateway.config.compose import Composer, Trapped, Unusable
from gateway.config.problems import Problems

if TYPE_CHECKING:
    from gateway.config.draft import Draft
    from gateway.config.nodes import Node, Scalar

_DIFFERENT = re.compile(r"\t|[|>]\S*#")
"""Tabs, and a comment close to a block's mark: libyaml takes what the other refuses."""


class _QuickComposer(Composer):
    """A composer to which libyaml gives the events."""

    def __init__(self, draft: Draft, problems: Problems) -> None:
        super().__init__(draft, problems, cast("type[yaml.SafeLoader]", yaml.CSafeLoader))

    def _peek(self) -> yaml.Event:
        return cast("yaml.Event", self._loader.peek_event())  # type: ignore[no-untyped-call]

    def _event(self) -> yaml.Event:
        return cast("yaml.Event", self._loader.get_event())  # type: ignore[no-untyped-call]

    def _scalar(self, event: yaml.ScalarEvent, start: int, *, flow: bool, key: bool) -> Scalar:
        # libyaml takes `{a?: 1}`, which the other refuses, and puts an empty value elsewhere.
        if flow and not event.style and (not event.value or "?" in event.value):
            raise Unusable
        return super()._scalar(event, start, flow=flow, key=key)


def read_quickly(draft: Draft) -> Node | None:
    """Read a document; None where the other parser has to."""
    if not yaml.__with_libyaml__ or _DIFFERENT.search(draft.current.text):
        return None
    problems = Problems()
    try:
        tree = _QuickComposer(draft, problems).document()
    except (Trapped, Unusable, yaml.YAMLError):
        return None
    return None if problems.found else tree
