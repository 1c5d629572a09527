"""The body of an answer, read as JSON, as text, as bytes or not at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from gateway.expressions.values import Bytes
from gateway.lossless import BadJson, Json, loads
from gateway.vendors.client import Answer

_MARK = b"\xef\xbb\xbf"
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "iso-8859-1": "cp1252",  # what is declared as Latin-1 is Windows' (WHATWG, Encoding)
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-15": "iso8859-15",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "shift_jis": "cp932",
}


class Reading(NamedTuple):
    """A body as expressions see it; `unreadable` says why there is none."""

    body: Json | Bytes
    unreadable: str | None = None


NOTHING = Reading(None)


def read_body(answer: Answer, read_as: str) -> Reading:
    """Read a body as `json`, `text`, `bytes` or `none`; one that is empty is null.

    What is JSON is taken for it whatever its media type says: vendors declare what they like.
    """
    if read_as == "none" or not answer.body:
        return NOTHING
    if read_as == "bytes":
        return Reading(Bytes(answer.body))
    declared = answer.headers.get("content-type", "")
    charset = (_charset(declared) or "utf-8").lower()
    data = answer.body.removeprefix(_MARK)
    text: str | None = None
    if read_as == "text" or charset not in {"utf-8", "utf8"}:
        try:
            text = data.decode(_CODECS[charset])
        except KeyError:
            return Reading(None, f"the body is in an unknown charset, {_shown(charset)}")
        except UnicodeDecodeError:
            return Reading(None, f"the body isn't in the charset {charset}")
    if read_as == "text":
        return Reading(text)
    try:
        return Reading(loads(data if text is None else text.encode()))
    except BadJson as error:
        kind = declared.partition(";")[0].strip().lower()
        also = f"; it is declared as {_shown(kind)}" if kind and "json" not in kind else ""
        return Reading(None, f"the body is no JSON: {error}{also}")


def _charset(declared: str) -> str | None:
    found = _CHARSET.search(declared)
    return found[1] if found else None


def _shown(text: str) -> str:
    """Quote what a vendor wrote, cut to what a log line can take."""
    return repr(text[:60])
