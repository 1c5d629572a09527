"""From `$file` to the branch that makes a file of a multipart form."""

from __future__ import annotations

from collections.abc import Callable

from gateway.config.problems import Place
from gateway.config.source import Mapping as Keys
from gateway.config.source import Node
from gateway.config.wording import start_of, suggestion
from gateway.plan.builder import Builder
from gateway.plan.files import FileBranch
from gateway.plan.missing import Blame
from gateway.plan.names import Names
from gateway.plan.tree import Branch

_PARTS = {
    "content": "calls.label.body",
    "name": "\"'label.pdf'\"",
    "type": "\"'application/pdf'\"",
}


def grow_file(
    builder: Builder, names: Names, node: Node, grow: Callable[[Node], Branch | None]
) -> Branch | None:
    """Make the branch, its parts grown by `grow`, or report what is wrong and give None."""
    if not isinstance(node, Keys):
        example = ", ".join(f"{key}: {value}" for key, value in _PARTS.items())
        builder.problems.error(
            "wrong-type", "`$file` takes a block.", node.place, f"Type `{{{example}}}`."
        )
        return None
    for key_node, _ in node.entries:
        if key_node.text not in _PARTS:
            said = f"`$file` has no `{key_node.text}`."
            advice = suggestion(key_node.text, _PARTS)
            builder.problems.error("unknown-key", said, key_node.place, advice)
    before = len(builder.programs)
    grown = {key: grow(part) for key in _PARTS if (part := node.get(key)) is not None}
    for key, example in _PARTS.items():
        if key not in grown:
            said = f"`$file` needs `{key}`."
            builder.problems.error("missing-key", said, start_of(node), f"Add `{key}: {example}`.")
    content, name, media_type = (grown.get(key) for key in _PARTS)
    if content is None or name is None or media_type is None:
        return None
    origin = names.meaning(builder.programs[before:]).origin
    return FileBranch(content, name, media_type, Blame(origin, start_of(node), names.scope))


def refuse_file(builder: Builder, place: Place) -> None:
    """Report a file where none can be sent."""
    builder.problems.error(
        "unknown-directive",
        "`$file` makes a part of `multipart`, and this is none.",
        place,
        "For a file in JSON send its base64: `base64_encode(…)`.",
    )
