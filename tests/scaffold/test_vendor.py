"""The vendor's block: its address, and who the gateway is to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.conftest import STOCK, New

READ = {"at": "GET /stock", "responses": STOCK}
KEY = {"env": "ACME_KEY"}
TOKEN = {"env": "ACME_TOKEN"}
CLIENT = {"client_id": {"env": "ACME_CLIENT_ID"}, "client_secret": {"env": "ACME_CLIENT_SECRET"}}


def flow(name: str, **more: Any) -> dict[str, Any]:
    url = "https://login.acme.example/token"
    return {"type": "oauth2", "flows": {name: {"tokenUrl": url, "scopes": {}, **more}}}


def granted(grant: str, **more: Any) -> dict[str, Any]:
    url = "https://login.acme.example/token"
    return {"type": "oauth2", "grant": grant, "token_url": url, **CLIENT, **more}


@pytest.mark.parametrize(
    ("scheme", "scopes", "auth"),
    [
        ({"type": "http", "scheme": "Bearer"}, [], {"type": "bearer", "token": TOKEN}),
        (
            {"type": "http", "scheme": "basic"},
            [],
            {"type": "basic", "user": {"env": "ACME_USER"}, "password": {"env": "ACME_PASSWORD"}},
        ),
        (
            {"type": "apiKey", "in": "header", "name": "X-Key"},
            [],
            {"type": "api_key", "header": "X-Key", "key": KEY},
        ),
        (
            {"type": "apiKey", "in": "query", "name": "api_key"},
            [],
            {"type": "api_key", "query": "api_key", "key": KEY},
        ),
        (
            flow("clientCredentials"),
            ["stock", "orders"],
            granted("client_credentials", scope="stock orders"),
        ),
        (
            flow("password"),
            [],
            granted("password", username={"env": "ACME_USER"}, password={"env": "ACME_PASSWORD"}),
        ),
        (
            flow("authorizationCode"),
            ["stock"],
            granted("refresh_token", refresh_token={"env": "ACME_REFRESH_TOKEN"}),
        ),
        ({"type": "openIdConnect"}, [], {"type": "bearer", "token": TOKEN}),
    ],
)
def test_a_security_scheme_is_taken_over(
    new: New, scheme: dict[str, Any], scopes: list[str], auth: dict[str, Any]
) -> None:
    components = {"securitySchemes": {"own": scheme}}
    operation = {**READ, "security": [{"own": scopes}]}
    assert new("inventory.validate", operation, components=components).vendor["auth"] == auth


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ({"type": "apiKey", "in": "cookie", "name": "session"}, "asks for `cookie`"),
        ({"type": "http", "scheme": "digest"}, "asks for `digest`"),
        ({"type": "mutualTLS"}, "asks for `mutualTLS`"),
    ],
)
def test_a_scheme_that_cannot_be_taken_over_is_named(
    new: New, scheme: dict[str, Any], said: str
) -> None:
    components = {"securitySchemes": {"own": scheme}}
    operation = {**READ, "security": [{"own": []}]}
    written = new("inventory.validate", operation, components=components)
    assert "auth" not in written.vendor
    assert said in written.text("gateway.yaml")


def test_of_several_schemes_the_first_that_can_be_is_taken_over(new: New) -> None:
    schemes = {
        "session": {"type": "apiKey", "in": "cookie", "name": "session"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    }
    security = [{"session": []}, {"key": []}]
    components = {"securitySchemes": schemes}
    written = new("inventory.validate", dict(READ), components=components, security=security)
    assert written.vendor["auth"]["header"] == "X-Key"


def test_an_operation_that_asks_for_nothing_has_no_auth(new: New) -> None:
    components = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    operation = {**READ, "security": []}
    assert "auth" not in new("inventory.validate", operation, components=components).vendor


def test_the_command_line_overrules_what_the_description_says(new: New) -> None:
    options = ("--auth", "api_key", "--base-url", "https://other.example/v9/")
    vendor = new("inventory.validate", dict(READ), *options).vendor
    assert vendor["auth"] == {"type": "api_key", "header": "X-Api-Key", "key": KEY}
    assert vendor["base_url"] == {"env": "ACME_URL", "default": "https://other.example/v9"}


@pytest.mark.parametrize(
    ("servers", "url", "said"),
    [
        (
            [{"url": "https://a.example/v1/"}, {"url": "https://b.example"}],
            "https://a.example/v1",
            "",
        ),
        (
            [{"url": "https://{site}.a.example", "variables": {"site": {"default": "eu"}}}],
            "https://eu.a.example",
            "",
        ),
        ([{"url": "http://127.0.0.1:9000"}], "http://127.0.0.1:9000", ""),
        ([{"url": "http://a.example"}], "https://a.example", "is https right?"),
        ([{"url": "/v3"}], "https://api.acme.example/v3", "put the vendor's"),
        ([], "https://api.acme.example", "put the vendor's"),
    ],
)
def test_the_address_is_that_of_the_first_server(
    new: New, servers: list[Any], url: str, said: str
) -> None:
    written = new("inventory.validate", dict(READ), servers=servers)
    assert written.vendor["base_url"] == {"env": "ACME_URL", "default": url}
    assert said in written.text("gateway.yaml")


def test_the_secrets_that_are_needed_are_named(new: New) -> None:
    components = {"securitySchemes": {"own": {"type": "http", "scheme": "basic"}}}
    written = new("inventory.validate", dict(READ), components=components)
    assert "set `ACME_USER` and `ACME_PASSWORD`" in written.result.output
