"""What is wrong with a request, and what its caller is told, over a real socket.

Exempt is what uvicorn refuses before the application: a message that is no HTTP gets its own plain
400. It takes headers of any length, so those come through to us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from socket import create_server
from typing import TYPE_CHECKING

import pytest

from gateway.lossless import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.lossless import Json
    from simulators.kit import RunningSimulator
    from simulators.square import SquareSimulator

    Build = Callable[[Callable[..., bytes], Callable[..., str]], bytes]

GOOD = b'{"items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}'
ORDER = b'{"order_items": [{"product_id": "p", "variant_id": "A", "quantity": 2}]}'
SIGNATURE = "x-nacelle-signature-sha256"
MAX_BODY = 4000
COUNTS = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{"counts":[]}'
)

SIGNED: dict[str, Json] = {
    "signature": {
        "secrets": [{"env": "SECRET"}, {"env": "LIMITED", "contracts": ["inventory.validate"]}]
    },
    "max_body": f"{MAX_BODY}B",
    "body_timeout": "200ms",
}
_SHARED: Json = {
    "header": "Secret",
    "secrets": [
        {"env": "SHARED"},
        {"env": "SHARED_LIMITED", "contracts": ["inventory.validate"]},
    ],
}
BESIDE: dict[str, Json] = {**SIGNED, "shared_secret": _SHARED}
INSTEAD: dict[str, Json] = {"shared_secret": _SHARED}


@dataclass(frozen=True)
class Fault:
    """A request with one thing wrong, and what it is told."""

    build: Build
    status: int
    reason: str
    category: str = "inventory_service"
    nacelle: dict[str, Json] = field(default_factory=lambda: SIGNED)
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)


def request(body: bytes = GOOD, **parts: object) -> Build:
    return lambda message, _: message(body, **parts)


def with_header(
    name: str, *values: str, secret: str | None = None, path: str = "/inventory/validate"
) -> Build:
    pairs = tuple((name, value) for value in values)
    return lambda message, _: message(GOOD, secret=secret, more=pairs, path=path)


def with_signature(change: Callable[[str], str]) -> Build:
    return lambda message, sign: message(GOOD, secret=None, more=((SIGNATURE, change(sign(GOOD))),))


def twice(message: Callable[..., bytes], sign: Callable[..., str]) -> bytes:
    return message(GOOD, more=((SIGNATURE, sign(GOOD)),))


def chunked(message: Callable[..., bytes], sign: Callable[..., str]) -> bytes:
    body = b" " * (MAX_BODY + 1)
    coding = (("transfer-encoding", "chunked"), (SIGNATURE, sign(body)))
    head = message(b"", length=None, secret=None, more=coding)
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def line(**changes: Json) -> Build:
    whole: dict[str, Json] = {"product_id": "p", "variant_id": "A", "quantity": 2, **changes}
    kept: dict[str, Json] = {name: value for name, value in whole.items() if value is not None}
    return request(dumps({"items": [kept]}))


UNAUTHORIZED = {
    "no signature": request(secret=None),
    "an empty signature": with_signature(lambda _: ""),
    "a wrong signature": with_signature(lambda _: "sha256=" + 64 * "0"),
    "a short signature": with_signature(lambda good: good[:-1]),
    "a long signature": with_signature(lambda good: good + "0"),
    "a garbled signature": with_signature(lambda good: good[::-1]),
    "a signature with the prefix twice": with_signature(lambda good: "sha256=" + good),
    "a signature of another algorithm": with_signature(lambda good: good.replace("256", "512")),
    "a signature of letters beyond ASCII": with_signature(lambda good: good[:-1] + "\xe9"),
    "a signature twice": twice,
    "a signature of another secret": request(secret="SHARED"),
    "a signature of another body": lambda message, sign: message(
        GOOD, secret=None, more=((SIGNATURE, sign(GOOD + b" ")),)
    ),
}
BAD_JSON = {
    "an empty body": b"",
    "broken JSON": b'{"items": [}',
    "two documents": b"{} {}",
    "NaN": b'{"items": [], "price": NaN}',
    "Infinity": b'{"items": [], "price": -Infinity}',
    "nesting over the cap": b'{"a":' + 100 * b"[" + 100 * b"]" + b"}",
    "more digits than the cap": b'{"a": ' + 129 * b"9" + b"}",
    "an exponent over the cap": b'{"a": 1e999999999999}',
    "a key twice": b'{"items": [], "items": []}',
    "invalid UTF-8": b'{"a": "\xff"}',
    "half a surrogate": b'{"a": "\\ud800"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
}
UNSUPPORTED = {
    "no content type": request(content_type=None),
    "another content type": request(content_type="text/plain"),
    "a content type that is none": request(content_type=";"),
    "another charset": request(content_type="application/json; charset=latin-1"),
    "a compressed body": request(more=(("content-encoding", "gzip"),)),
}
INVALID = {
    "a line without variant_id": line(variant_id=None),
    "a line without product_id": line(product_id=None),
    "a line without quantity": line(quantity=None),
    "a quantity that is text": line(quantity="2"),
    "a negative quantity": line(quantity=-1),
    "a quantity that is a fraction": request(GOOD.replace(b"2", b"1.5")),
    "items that are no list": request(b'{"items": {}}'),
    "an item that is no object": request(b'{"items": [1]}'),
}

FAULTS: dict[str, Fault] = {
    **{name: Fault(build, 401, "unauthorized") for name, build in UNAUTHORIZED.items()},
    **{name: Fault(request(body), 400, "bad_json") for name, body in BAD_JSON.items()},
    **{name: Fault(b, 415, "unsupported_media_type") for name, b in UNSUPPORTED.items()},
    **{name: Fault(build, 400, "invalid") for name, build in INVALID.items()},
    **{
        f"{name} for an object": Fault(request(body), 400, "not_an_object")
        for name, body in {"a list": b"[]", "null": b"null", "text": b'"x"', "7": b"7"}.items()
    },
    "beside: no shared secret": Fault(request(), 401, "unauthorized", nacelle=BESIDE),
    "beside: a wrong shared secret": Fault(
        with_header("secret", "wrong", secret="SECRET"), 401, "unauthorized", nacelle=BESIDE
    ),
    "beside: no signature": Fault(
        with_header("secret", "the-shared-secret"), 401, "unauthorized", nacelle=BESIDE
    ),
    "instead: no shared secret": Fault(request(), 401, "unauthorized", nacelle=INSTEAD),
    "instead: a wrong shared secret": Fault(
        with_header("secret", "wrong"), 401, "unauthorized", nacelle=INSTEAD
    ),
    "instead: the shared secret twice": Fault(
        with_header("secret", "the-shared-secret", "the-shared-secret"),
        401,
        "unauthorized",
        nacelle=INSTEAD,
    ),
    "a signing secret for other contracts": Fault(
        request(ORDER, path="/inventory/consume", secret="LIMITED"), 403, "forbidden"
    ),
    "a shared secret for other contracts": Fault(
        with_header("secret", "a-shared-secret-for-checkouts", path="/inventory/consume"),
        403,
        "forbidden",
        nacelle=INSTEAD,
    ),
    "an unknown path": Fault(request(path="/nothing"), 404, "not_found", "gateway"),
    "the root": Fault(request(path="/"), 404, "not_found", "gateway"),
    "a slash too many": Fault(request(path="/inventory/validate/"), 404, "not_found", "gateway"),
    "a path in other letters": Fault(
        request(path="/Inventory/Validate"), 404, "not_found", "gateway"
    ),
    "an escaped question mark": Fault(
        request(path="/inventory/validate%3Fx=1"), 404, "not_found", "gateway"
    ),
    "a path that is no UTF-8": Fault(request(path="/%ff%00"), 404, "not_found", "gateway"),
    "an unknown path on a host that is none": Fault(
        request(path="/nothing", host="["), 404, "not_found", "gateway"
    ),
    "a contract without a mapping": Fault(
        request(path="/taxes/validate"), 404, "no_mapping", "taxes_service"
    ),
    **{
        f"{method} of a contract": Fault(
            request(b"", method=method),
            405,
            "method_not_allowed",
            method=method,
            headers={"allow": "POST"},
        )
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
    },
    "PUT of the health": Fault(
        request(path="/health/live", method="PUT"), 405, "method_not_allowed", "gateway"
    ),
    "a body that says it is too long": Fault(
        request(b"", length=MAX_BODY + 1), 413, "too_large", headers={"connection": "close"}
    ),
    "a body that says nothing and is too long": Fault(
        chunked, 413, "too_large", headers={"connection": "close"}
    ),
    "a length of a thousand digits": Fault(request(b"", length=int("9" * 19)), 413, "too_large"),
    "a body that stops coming": Fault(
        request(b'{"items"', length=100), 408, "slow_body", headers={"connection": "close"}
    ),
    "a body that outlasts the deadline": Fault(
        request(b'{"items"', length=100),
        408,
        "slow_body",
        nacelle={**SIGNED, "body_timeout": "1m", "deadline": "200ms"},
    ),
    "an order without any id": Fault(request(ORDER, path="/inventory/consume"), 400, "key_missing"),
    "HTTP/1.0": Fault(request(secret=None, version="1.0"), 401, "unauthorized"),
    "a header of 200 KB": Fault(with_header("x-long", 200_000 * "x"), 401, "unauthorized"),
    "an upgrade that isn't offered": Fault(
        request(secret=None, more=(("connection", "upgrade"), ("upgrade", "websocket"))),
        401,
        "unauthorized",
    ),
    "100-continue before a body that isn't read": Fault(
        request(b"", length=MAX_BODY + 1, more=(("expect", "100-continue"),)), 413, "too_large"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_gets_its_status_in_the_envelope_and_reaches_no_vendor(
    name: str,
    start,
    square: RunningSimulator[SquareSimulator],
    message_of,
    signature_of,
    check_envelope,
) -> None:
    fault = FAULTS[name]
    square.simulator.ledger.clear()
    gateway = start(**fault.nacelle)

    answer = gateway.send(fault.build(message_of, signature_of), method=fault.method)

    assert answer.status == fault.status
    assert fault.headers.items() <= answer.headers.items()
    assert not square.simulator.ledger.requests
    line = gateway.log.line(exchange=answer.headers["x-exchange-id"])
    assert (line["status"], line["reason"]) == (fault.status, fault.reason)
    if fault.method == "HEAD":
        assert answer.content == b""
        return
    check_envelope(answer)
    assert answer.error["category"] == fault.category
    assert answer.details["reason"] == fault.reason


def test_the_same_request_without_a_fault_is_answered(start, message_of, check_envelope) -> None:
    """The table would prove nothing if its good parts were refused too."""
    for nacelle in (SIGNED, BESIDE, INSTEAD):
        shared = (("secret", "the-shared-secret"),)
        answer = start(**nacelle).send(message_of(GOOD, more=shared))
        assert answer.status == 200
        check_envelope(answer)


@pytest.mark.parametrize(
    "parts",
    [
        {"version": "1.0"},
        {"path": "/inventory/valid%61te"},
        {"path": "/inventory/validate?x=1"},
        {"more": (("x-long", 200_000 * "x"),)},
        {"content_type": 'application/vnd.nacelle+json; charset="UTF-8"'},
        {"secret": "LIMITED"},
        {"host": "["},
    ],
    ids=str,
)
def test_an_unusual_request_is_no_fault(start, message_of, parts: dict[str, object]) -> None:
    assert start(**SIGNED).send(message_of(GOOD, **parts)).status == 200


def test_a_wrong_method_names_the_right_ones(start, message_of) -> None:
    answer = start(**SIGNED).send(message_of(b"", path="/health/ready", method="DELETE"))
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_client_that_waits_for_100_continue_gets_it_and_then_its_answer(
    start, message_of, answer_from
) -> None:
    whole = message_of(GOOD, more=(("expect", "100-continue"),))
    with start(**SIGNED).connect() as connection:
        connection.sendall(whole.removesuffix(GOOD))
        promise = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.recv(len(promise)) == promise
        connection.sendall(GOOD)
        assert answer_from(connection).status == 200


def test_a_connection_serves_on_after_a_fault(start, message_of, answer_from) -> None:
    with start(**SIGNED).connect() as connection:
        for body, status in ((b"{", 400), (GOOD, 200)):
            connection.sendall(message_of(body))
            assert answer_from(connection).status == status


def test_a_client_that_leaves_amid_its_body_is_logged_and_reaches_no_vendor(
    start, square: RunningSimulator[SquareSimulator], message_of
) -> None:
    square.simulator.ledger.clear()
    gateway = start(**{**SIGNED, "body_timeout": "1m"})
    with gateway.connect() as connection:
        connection.sendall(message_of(b'{"items"', length=100))
    gateway.log.line(reason="client_gone", status=499)
    assert not square.simulator.ledger.requests


def test_more_requests_than_max_in_flight_are_turned_away_and_told_when_to_come_back(
    start, message_of, answer_from, check_envelope
) -> None:
    """The test is the vendor itself, and answers the first request when the second was refused."""
    with create_server(("127.0.0.1", 0)) as vendor:
        gateway = start(f"http://127.0.0.1:{vendor.getsockname()[1]}", **SIGNED, max_in_flight=1)
        with gateway.connect() as first:
            first.sendall(message_of(GOOD))
            asked, _ = vendor.accept()
            refused = gateway.send(message_of(GOOD))
            with asked:
                asked.recv(65536)
                asked.sendall(COUNTS)
                assert answer_from(first).status == 200
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    check_envelope(refused)
    assert refused.details["reason"] == "overloaded"
    gateway.log.line(exchange=refused.headers["x-exchange-id"], status=503, reason="overloaded")
    # The place is free again: now it is the vendor who isn't there.
    assert gateway.send(message_of(GOOD)).details["reason"] == "vendor_unreachable"
