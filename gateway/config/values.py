"""Values from outside the file: `{env: NAME}`, `{env: NAME, default: …}`, `{file: PATH}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gateway.config import source
from gateway.config.kinds import BAD, Bad, Context, read_text, wrong_type
from gateway.config.secrets import Secret, read_secret_file
from gateway.config.source import Node, Scalar, Sequence, surprise_problem
from gateway.config.wording import describe, is_blank, listed, or_empty, sentence
from gateway.lossless import Json

STAND_IN = "unset"
"""What a missing variable or secret file gives where it is stood in for."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _unknown_keys(node: source.Mapping, allowed: tuple[str, ...], context: Context) -> bool:
    unknown = [name for name, _ in node.entries if name.text not in allowed]
    for name in unknown:
        context.problems.error(
            "unknown-key",
            f"`{name.text}` can't stand beside `{allowed[0]}`.",
            name.place,
            f"Only {listed(allowed)} can stand here.",
        )
    return bool(unknown)


def read_environment(node: source.Mapping, context: Context) -> str | Bad:
    """Read `{env: NAME, default: …}`; an unset variable without a default is a problem."""
    if _unknown_keys(node, ("env", "default"), context):
        return BAD
    name_node = node.get("env")
    if name_node is None:
        return wrong_type(node, "text or {env: NAME}", context)
    name = read_text(name_node, "the name of an environment variable", context)
    if name is BAD:
        return BAD
    if not _VARIABLE.fullmatch(name.text):
        context.problems.error(
            "bad-value",
            "This is no name of an environment variable.",  # not quoted: it may be a secret
            name.place,
            "Type its name alone, without `$` and braces, as in {env: ACME_TOKEN}.",
        )
        return BAD
    if value := context.environment.get(name.text):
        return value
    default = node.get("default")
    if default is not None:
        scalar = read_text(default, "text", context)
        return BAD if scalar is BAD else scalar.text
    if context.stand_in:
        return STAND_IN
    # What isn't written as variables usually are may be a secret that was pasted here.
    shown = name.text if name.text.isupper() else "that is named here"
    context.problems.error(
        "unset-variable",
        f"The environment variable {shown} is not set.",
        name.place,
        "Set it, or check the files alone with `--without-secrets`.",
    )
    return BAD


@dataclass(frozen=True, slots=True)
class TextValue:
    """Text, written here or taken from the environment."""

    expected: str = "text"
    stand_in: str = STAND_IN

    def read(self, node: Node, context: Context) -> str | Bad:
        if isinstance(node, source.Mapping):
            value = read_environment(node, context)
            return self.stand_in if value == STAND_IN else value
        scalar = read_text(node, f"{self.expected} or {{env: NAME}}", context)
        return BAD if scalar is BAD else scalar.text

    def json_schema(self) -> dict[str, Json]:
        return {"anyOf": [{"type": "string"}, environment_schema()]}


ENV_SCHEMA: dict[str, Json] = {
    "type": "string",
    "description": "The name of an environment variable.",
}
FILE_SCHEMA: dict[str, Json] = {
    "type": "string",
    "description": "The path of a file that holds the secret, from the folder of gateway.yaml.",
}


def environment_schema() -> dict[str, Json]:
    return {
        "type": "object",
        "description": "Taken from an environment variable.",
        "required": ["env"],
        "additionalProperties": False,
        "properties": {
            "env": ENV_SCHEMA,
            "default": {"type": "string", "description": "Taken where the variable isn't set."},
        },
    }


def read_secret(node: source.Mapping, context: Context) -> Secret | Bad:
    """Read `{env: NAME}` or `{file: PATH}` into a secret."""
    for name, child in node.entries:
        # Whatever else stands here may be the secret itself, a default above all.
        if name.text not in ("env", "file"):
            context.problems.secret_literal(child.place)
            return BAD
    file_node = node.get("file")
    if file_node is None:
        if _unknown_keys(node, ("env",), context):
            return BAD
        value = read_environment(node, context)
        return BAD if value is BAD else Secret(value)
    path = read_text(file_node, "the path of a secret file", context)
    if path is BAD or _unknown_keys(node, ("file",), context):
        return BAD
    try:
        secret = read_secret_file(context.folder / path.text)
    except (OSError, UnicodeDecodeError):
        secret = None
    filled = secret is not None and secret.reveal() != ""
    if not filled and context.stand_in:
        return Secret(STAND_IN)
    if secret is None:
        context.problems.error(
            "unreadable-file",
            f"The secret file {path.text} can't be read.",
            path.place,
            "Its path counts from the folder of gateway.yaml.",
        )
        return BAD
    if filled:
        return secret
    context.problems.error(
        "unreadable-file",
        f"The secret file {path.text} is empty.",
        path.place,
        "Write the secret into it, and nothing else.",
    )
    return BAD


class SecretValue:
    """A secret: never written into the file itself."""

    expected = "{env: NAME} or {file: PATH}"

    def read(self, node: Node, context: Context) -> Secret | Bad:
        if isinstance(node, source.Mapping):
            return read_secret(node, context)
        if is_blank(node):
            return wrong_type(node, self.expected, context)
        # The message must not show what stands there, nor may the code frame.
        context.problems.secret_literal(node.place)
        return BAD

    def json_schema(self) -> dict[str, Json]:
        properties: dict[str, Json] = {"env": ENV_SCHEMA, "file": FILE_SCHEMA}
        return {
            "type": "object",
            "description": "A secret: from the environment or a file, never written here.",
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "properties": properties,
        }


@dataclass(frozen=True, slots=True)
class FileValue:
    """The path of a file that must be there, relative to gateway.yaml's folder."""

    expected: str

    def read(self, node: Node, context: Context) -> Path | Bad:
        scalar = read_text(node, self.expected, context)
        if scalar is BAD:
            return BAD
        path = context.folder / scalar.text
        if not path.is_file():
            context.problems.error(
                "missing-file",
                f"There is no file {scalar.text}.",
                scalar.place,
                "Its path counts from the folder of gateway.yaml.",
            )
            return BAD
        return path

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string"}


class Settings:
    """Plain values of the merchant's own; `{env: NAME}` stands for text anywhere in them."""

    expected = "a block of settings"

    def read(self, node: Node, context: Context) -> dict[str, Json] | Bad:
        node = or_empty(node)
        if not isinstance(node, source.Mapping):
            return wrong_type(node, self.expected, context)
        values = {name.text: self._value(child, context) for name, child in node.entries}
        return {name: value for name, value in values.items() if value is not BAD}

    def _value(self, node: Node, context: Context) -> Json | Bad:
        if isinstance(node, Sequence):
            items = [self._value(item, context) for item in node.items]
            return [item for item in items if item is not BAD]
        if isinstance(node, Scalar):
            if node.surprise:
                context.problems.found.append(surprise_problem(node))
                return BAD
            return node.value
        if node.get("env") is not None:
            return read_environment(node, context)
        return self.read(node, context)

    def json_schema(self) -> dict[str, Json]:
        return {"type": ["object", "null"], "additionalProperties": True}


def read_plain_path(node: Node, context: Context) -> str | Bad:
    """Read a dotted path of plain names (`client_data.order_id`)."""
    scalar = read_text(node, "a dotted path such as `client_data.order_id`", context)
    if scalar is BAD:
        return BAD
    if all(part.isidentifier() and part.isascii() for part in scalar.text.split(".")):
        return scalar.text
    context.problems.error(
        "bad-value",
        sentence(f"{describe(node)} is no dotted path of plain names"),
        scalar.place,
        "Type it as in `client_data.order_id`.",
    )
    return BAD


class PlainPath:
    """A dotted path of plain names."""

    expected = "a dotted path such as `client_data.order_id`"

    def read(self, node: Node, context: Context) -> str | Bad:
        return read_plain_path(node, context)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"}
