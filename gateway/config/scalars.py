"""What a plain scalar means: YAML 1.2's core schema, read strictly, and where readers differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_MAX_DIGITS = 1000
_MAX_EXPONENT = 1000
# Beyond these a number in advice helps nobody.
_SHOWN_LENGTH = 40
_SHOWN_EXPONENT = 20

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE]([-+]?[0-9]+))?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Surprise:
    """A plain scalar that is read in more than one way.

    `why` is a fragment of a sentence that follows the scalar; `meant` is what to type for the
    number or the boolean that some reader sees, None where there is no sensible one.
    """

    why: str
    meant: str | None = None


def resolve(text: str) -> str | int | Decimal | bool | None:
    """Give a plain scalar its value; decimals become Decimal with every digit kept."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    decimal = _DECIMAL.fullmatch(text)
    if decimal and abs(int(decimal[1] or 0)) <= _MAX_EXPONENT:
        return Decimal(text)
    return text


_YES = {"yes", "on"}
_BOOLEANS = re.compile("yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
_SPELLINGS = re.compile("True|TRUE|False|FALSE|Null|NULL")
_SIGNED = r"[-+]?"
_TRAILING_ZERO = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*0")
_LEADING_ZERO = re.compile(_SIGNED + r"0[0-9_]+(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
_SIXTY = re.compile(_SIGNED + r"[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_SIXTY_WHOLE = re.compile(_SIGNED + r"0[0-9_]*(?::[0-5]?[0-9])+")
_OTHER_BASE = re.compile(_SIGNED + r"0(?:x[0-9a-fA-F_]+|o[0-7]+|b[01_]+)")
_UNDERSCORES = re.compile(
    _SIGNED + r"[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?|" + _SIGNED + r"[0-9][0-9_]*\.[0-9_]*_[0-9_]*"
)
_SPECIAL = re.compile(_SIGNED + r"\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NO_WHOLE = re.compile(_SIGNED + r"\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?")
_NO_FRACTION = re.compile(_SIGNED + r"[0-9]+\.(?:[eE][-+]?[0-9]+)?")
_NO_POINT = re.compile(_SIGNED + r"[0-9]+[eE][-+]?[0-9]+")
_PLUS = re.compile(r"\+[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]+)?(?:[eE][-+]?[0-9]+)?")


def surprise(text: str) -> Surprise | None:
    """Say why a plain scalar is read differently by YAML 1.1, YAML 1.2 or people."""
    if not text or text[0] not in "+-.0123456789ynotfYNOTF":
        return None
    if _BOOLEANS.fullmatch(text):
        meant = "true" if text.lower() in _YES else "false"
        return Surprise("is a boolean to some YAML readers and text to others", meant)
    if _SPELLINGS.fullmatch(text):
        kind = "null" if text.lower() == "null" else "a boolean"
        return Surprise(f"is {kind} to some YAML readers and text to others", text.lower())
    return _surprising_number(text)


def _surprising_number(text: str) -> Surprise | None:
    if _TRAILING_ZERO.fullmatch(text):
        return Surprise("is a number to YAML, and its last zero gets lost", _shortest(text))
    if _SIXTY.fullmatch(text) and not _SIXTY_WHOLE.fullmatch(text):
        return Surprise("is a number in base 60 to some YAML readers", _sixty(text))
    if _OTHER_BASE.fullmatch(text):
        return Surprise("is a number in another base to some YAML readers", _based(text))
    if _LEADING_ZERO.fullmatch(text):
        return Surprise(
            "starts with a zero, which makes it octal to some YAML readers",
            _shortest(text.replace("_", "")),
        )
    if _SPECIAL.fullmatch(text):
        return Surprise("is no finite number, and JSON has no other")
    return _unusual_spelling(text)


def _unusual_spelling(text: str) -> Surprise | None:
    if _UNDERSCORES.fullmatch(text):
        why = "is a number with its underscores left out to some YAML readers"
        return Surprise(why, _shortest(text.replace("_", "")))
    spelt = (_NO_WHOLE, _NO_FRACTION, _NO_POINT, _PLUS)
    if any(pattern.fullmatch(text) for pattern in spelt):
        return Surprise("is a number to some YAML readers and text to others", _shortest(text))
    if _NUMBER.fullmatch(text) and isinstance(resolve(text), str):
        return Surprise(
            f"is a number with over {_MAX_DIGITS} digits or an exponent beyond {_MAX_EXPONENT}"
        )
    return None


def _shortest(text: str) -> str | None:
    """Write a number the one way that every reader takes; None where that gets out of hand."""
    exponent = re.search(r"[eE]([-+]?[0-9]{1,3})$", text.replace("_", ""))
    if len(text) > _SHOWN_LENGTH or (
        "e" in text.lower() and (not exponent or abs(int(exponent[1])) > _SHOWN_EXPONENT)
    ):
        return None
    written = f"{Decimal(text.replace('_', '')):f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"


def _sixty(text: str) -> str | None:
    """Work out the base-60 reading of whole numbers; nobody means one with a fraction."""
    if "." in text or len(text) > _SHOWN_LENGTH:
        return None
    total = 0
    for part in text.lstrip("+-").replace("_", "").split(":"):
        total = total * 60 + int(part)
    return f"-{total}" if text[0] == "-" else str(total)


def _based(text: str) -> str | None:
    return (
        str(int(text.replace("_", ""), 0))
        if len(text) <= _SHOWN_LENGTH and text[-1] != "_"
        else None
    )
