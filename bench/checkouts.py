"""Checkouts as Nacelle posts them: signed, and as whole requests for the load generator."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bench.documents import checkout, count_of
from bench.load import write_requests

SECRET: Final = "bench-secret"  # noqa: S105 - opens nothing but the servers of the bench
PATH: Final = "/inventory/validate"
_DIFFERENT: Final = 300


def bodies(lines: int, count: int = _DIFFERENT) -> list[bytes]:
    """Give so many different checkouts of so many articles, which the vendor's one answer fits."""
    return bodies_of(range(lines), count)


def bodies_of(articles: Sequence[int], count: int) -> list[bytes]:
    """Give so many different checkouts of these articles."""
    return [body(articles, number) for number in range(count)]


def body(articles: Sequence[int], number: int) -> bytes:
    return json.dumps(checkout(articles, number)).encode()


def answer_to(asked: bytes) -> object:
    """Say what the answer must be: lines of the same article share its stock."""
    found = json.loads(asked)
    left: dict[str, int] = {}
    for line in found["items"]:
        article = line["variant_id"]
        stock = left.get(article, int(count_of(article)["quantity"]))
        line["available"] = stock
        left[article] = stock - min(stock, line["quantity"])
    return {"checkout": found}


def headers(signed: bytes) -> dict[str, str]:
    """Sign, as Nacelle does: the signature holds no time, so it stays good for a whole run."""
    digest = hmac.digest(SECRET.encode(), signed, hashlib.sha256).hex()
    return {"content-type": "application/json", "x-nacelle-signature-sha256": f"sha256={digest}"}


def requests(file: Path, some: Iterable[bytes], path: str = PATH) -> Path:
    """Write the file of whole requests that the load generator sends in turn."""
    return write_requests(file, (_request(each, path) for each in some))


def _request(sent: bytes, path: str) -> bytes:
    named = {"host": "127.0.0.1", **headers(sent), "content-length": str(len(sent))}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + sent
