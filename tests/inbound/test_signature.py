"""Who may call what: signatures, shared secrets, rotation, contracts."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers as Sent

from gateway.config.kinds import Word
from gateway.config.nacelle_spec import InboundSecret, SharedSecret, Signature
from gateway.config.problems import Place
from gateway.config.secrets import Secret
from gateway.errors import Refusal
from gateway.inbound.headers import Headers
from gateway.inbound.signature import Guard

BODY = b'{"items": []}'
CONTRACT = "inventory.validate"
SIGNED = "x-nacelle-signature-sha256"


def secret(text: str, *contracts: str) -> InboundSecret:
    return InboundSecret(secret=Secret(text), contracts=contracts or None)


def signature(*secrets: InboundSecret) -> Signature:
    return Signature(secrets=secrets)


def shared(*secrets: InboundSecret) -> SharedSecret:
    return SharedSecret(header=Word("Secret", Place("gateway.yaml")), secrets=secrets)


def sign(key: str, body: bytes = BODY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def received(headers: dict[str, str] | Sent) -> Headers:
    return Headers(Sent(headers).raw)


def refused(guard: Guard, headers: dict[str, str] | Sent, contract: str = CONTRACT) -> int:
    with pytest.raises(Refusal) as caught:
        guard.check(received(headers), BODY, contract)
    reason = {401: "unauthorized", 403: "forbidden"}[caught.value.status]
    assert caught.value.reason == reason
    return caught.value.status


def passes(guard: Guard, headers: dict[str, str], contract: str = CONTRACT) -> None:
    guard.check(received(headers), BODY, contract)


def test_a_known_signature_is_the_one_of_rfc_4231() -> None:
    """Test case 2 of RFC 4231 holds Guard and these tests to the real HMAC-SHA256."""
    guard = Guard(signature(secret("Jefe")), None)
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    guard.check(received({SIGNED: digest}), b"what do ya want for nothing?", CONTRACT)


@given(st.binary(), st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_right_signature_passes_over_any_body_and_with_any_key(body: bytes, key: str) -> None:
    guard = Guard(signature(secret(key)), None)
    guard.check(received({SIGNED: sign(key, body)}), body, CONTRACT)


@pytest.mark.parametrize("header", [SIGNED, "X-Nacelle-Signature-SHA256"])
@pytest.mark.parametrize("prefix", ["sha256=", ""])
@pytest.mark.parametrize("upper", [False, True])
def test_both_spellings_of_a_signature_pass(header: str, prefix: str, upper: bool) -> None:  # noqa: FBT001 - a parameter of the test
    digest = sign("s3cret").upper() if upper else sign("s3cret")
    passes(Guard(signature(secret("s3cret")), None), {header: prefix + digest})


@pytest.mark.parametrize(
    "value",
    [
        "",
        "sha256=",
        "sha256",
        sign("other"),
        sign("s3cret")[:-1],
        sign("s3cret") + "0",
        "sha1=" + sign("s3cret"),
        "sha256=sha256=" + sign("s3cret"),
        " ".join(sign("s3cret")),
        sign("s3cret", b'{"items":[]}'),
        "é" * 64,
        "\xff\x80",
    ],
)
def test_any_other_signature_is_unauthorized(value: str) -> None:
    assert refused(Guard(signature(secret("s3cret")), None), {SIGNED: value}) == 401


@given(st.text(st.characters(max_codepoint=255)))
def test_no_header_value_breaks_the_guard(value: str) -> None:
    guard = Guard(signature(secret("s3cret")), shared(secret("word")))
    assert refused(guard, {SIGNED: value, "secret": value}) == 401


def test_an_absent_or_repeated_header_is_unauthorized() -> None:
    right = (SIGNED.encode(), sign("s3cret").encode())
    guard = Guard(signature(secret("s3cret")), None)
    assert refused(guard, {}) == 401
    assert refused(guard, Sent(raw=[right, right])) == 401
    assert refused(Guard(None, shared(secret("word"))), {}) == 401
    twice = Sent(raw=[(b"secret", b"word"), (b"secret", b"word")])
    assert refused(Guard(None, shared(secret("word"))), twice) == 401


@pytest.mark.parametrize("key", ["old", "new"])
def test_while_secrets_rotate_each_of_them_passes(key: str) -> None:
    passes(Guard(signature(secret("old"), secret("new")), None), {SIGNED: sign(key)})
    passes(Guard(None, shared(secret("old"), secret("new"))), {"secret": key})


@pytest.mark.parametrize("value", ["", "wor", "words", "WORD", "wörd"])
def test_a_wrong_shared_secret_is_unauthorized(value: str) -> None:
    assert refused(Guard(None, shared(secret("word"))), {"secret": value}) == 401


def test_an_empty_shared_secret_lets_nobody_in() -> None:
    assert refused(Guard(None, shared(secret(""))), {"secret": ""}) == 401


def test_a_shared_secret_may_hold_any_letters() -> None:
    raw = Sent(raw=[(b"secret", "wörd".encode())])
    Guard(None, shared(secret("wörd"))).check(received(raw), BODY, CONTRACT)


def test_where_both_are_configured_both_must_be_right() -> None:
    guard = Guard(signature(secret("s3cret")), shared(secret("word")))
    passes(guard, {SIGNED: sign("s3cret"), "secret": "word"})
    assert refused(guard, {SIGNED: sign("s3cret")}) == 401
    assert refused(guard, {"secret": "word"}) == 401
    assert refused(guard, {SIGNED: sign("s3cret"), "secret": "other"}) == 401
    assert refused(guard, {SIGNED: sign("other"), "secret": "word"}) == 401


def test_a_secret_opens_its_contracts_only() -> None:
    guard = Guard(signature(secret("a", CONTRACT), secret("b", "sync.consume")), None)
    passes(guard, {SIGNED: sign("a")})
    assert refused(guard, {SIGNED: sign("b")}) == 403
    passes(guard, {SIGNED: sign("b")}, "sync.consume")
    assert refused(guard, {SIGNED: sign("a")}, "sync.consume") == 403


def test_a_secret_listed_twice_opens_the_contracts_of_both() -> None:
    guard = Guard(None, shared(secret("a", CONTRACT), secret("a", "sync.consume")))
    passes(guard, {"secret": "a"})
    passes(guard, {"secret": "a"}, "sync.consume")


def test_where_both_are_configured_both_secrets_must_open_the_contract() -> None:
    headers = {SIGNED: sign("a"), "secret": "w"}
    here, there = (CONTRACT,), ("sync.consume",)
    assert refused(Guard(signature(secret("a", *there)), shared(secret("w"))), headers) == 403
    assert refused(Guard(signature(secret("a")), shared(secret("w", *there))), headers) == 403
    passes(Guard(signature(secret("a", *here)), shared(secret("w", *here))), headers)


def test_a_wrong_secret_is_told_before_a_forbidden_one() -> None:
    """Who isn't known learns nothing about what a secret opens."""
    guard = Guard(signature(secret("a", "sync.consume")), shared(secret("w")))
    assert refused(guard, {SIGNED: sign("a"), "secret": "other"}) == 401


def test_where_neither_is_configured_everything_passes() -> None:
    passes(Guard(None, None), {})


def test_the_signature_is_read_from_the_configured_header() -> None:
    word = Word("X-Signed", Place("gateway.yaml"))
    guard = Guard(Signature(secrets=(secret("a"),), header=word), None)
    passes(guard, {"x-signed": sign("a")})
    assert refused(guard, {SIGNED: sign("a")}) == 401


def test_what_was_wrong_is_not_told_to_the_caller() -> None:
    guard = Guard(signature(secret("s3cret")), shared(secret("word")))
    messages = set()
    for headers in ({}, {SIGNED: "zz"}, {SIGNED: sign("s3cret"), "secret": "no"}):
        with pytest.raises(Refusal) as caught:
            guard.check(received(headers), BODY, CONTRACT)
        messages.add((caught.value.message, tuple(caught.value.details)))
        assert "word" not in str(caught.value.cause)
    assert len(messages) == 1


def test_no_secret_shows_when_a_guard_is_printed() -> None:
    guard = Guard(signature(secret("s3cret")), shared(secret("word")))
    assert "s3cret" not in repr(vars(guard))
    assert "word" not in repr(vars(guard))
