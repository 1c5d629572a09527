"""The vendor's block in gateway.yaml: where it is, and who the gateway is to it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from gateway.lossless import Json
from gateway.scaffold.document import Document, block, items
from gateway.scaffold.operations import Operation
from gateway.scaffold.tree import Block, Flow, note
from gateway.testing.yaml_text import on_one_line
from gateway.vendors.address import address_problems

Fields = dict[str, Json]


def vendor_block(
    name: str, document: Document, operation: Operation, base_url: str | None, auth: Json
) -> Block:
    """Write a vendor; `auth` is a security scheme in place of the document's, null for its own."""
    url, said = _address(name, base_url or operation.server)
    where: Fields = {"env": f"{variable(name)}_URL", "default": url}
    made = _Auth(name, url)
    if auth is not None:
        shown, doubt = made.of(block(auth), [])
    else:
        shown, doubt = _required(made, document, operation)
    return Block.of(
        *([note(said)] if said else ()),
        ("base_url", Flow(where)),
        *([note(doubt)] if doubt else ()),
        *([("auth", Flow(shown))] if shown else ()),
    )


def variables(block_: Block) -> list[str]:
    """Name the environment variables that a vendor can't be called without."""
    texts = [on_one_line(value.value) for _, value in block_.entries if isinstance(value, Flow)]
    return re.findall(r"\{env: (\w+)\}", " ".join(texts))


def variable(name: str) -> str:
    """Give the beginning of the names of a vendor's environment variables."""
    return re.sub(r"[^A-Z0-9]", "_", name.upper())


def _address(name: str, url: str | None) -> tuple[str, str | None]:
    """Give the address, and what is to be said about it."""
    own = f"https://api.{name.replace('_', '-').lower()}.example"
    whole = urljoin(f"{own}/", url or "").rstrip("/")
    if url is None or whole.startswith(own):
        return whole, "No address is known of it: put the vendor's."
    if urlsplit(whole).scheme == "http" and any(
        address_problems("base_url", whole, plain_http=False)
    ):
        return f"https{whole.removeprefix('http')}", "Its description says http: is https right?"
    return whole, None


def _required(
    made: _Auth, document: Document, operation: Operation
) -> tuple[Fields | None, str | None]:
    """Take over the first scheme that the operation asks for, of those that can be."""
    schemes = block(block(document.root.get("components")).get("securitySchemes"))
    if operation.security is None:
        wanted: list[tuple[str, Json]] = [(name, []) for name in schemes]
    else:
        wanted = [pair for each in items(operation.security) for pair in block(each).items()]
    told: str | None = None
    for name, scopes in wanted:
        shown, doubt = made.of(document.follow(schemes.get(name)), items(scopes))
        if shown is not None:
            return shown, doubt
        told = told or doubt
    return None, told


class _Auth:
    """Makes an `auth` of a security scheme."""

    def __init__(self, vendor: str, url: str) -> None:
        self._variable = variable(vendor)
        self._url = url

    def of(self, scheme: Fields, scopes: list[Json]) -> tuple[Fields | None, str | None]:
        """Give the block, where it can be taken over, and what is to be said about it."""
        kind, way = scheme.get("type"), str(scheme.get("scheme", "")).lower()
        if kind == "http" and way == "basic":
            user, password = self._env("USER"), self._env("PASSWORD")
            return {"type": "basic", "user": user, "password": password}, None
        if kind == "http" and way == "bearer":
            return self._bearer(), None
        if kind == "apiKey" and scheme.get("in") in ("header", "query"):
            return self._api_key(str(scheme["in"]), str(scheme.get("name")))
        if kind == "oauth2":
            return self._oauth2(block(scheme.get("flows")), scopes)
        if kind == "openIdConnect":
            return (
                self._bearer(),
                "Its description asks for OpenID Connect, whatever gives a token.",
            )
        said = way or str(scheme.get("in") or kind)
        return None, f"Its description asks for `{said}`: docs/authentication.md has what there is."

    def _api_key(self, place: str, name: str) -> tuple[Fields, str | None]:
        made: Fields = {"type": "api_key", "key": self._env("KEY"), place: name}
        if name.lower() != "authorization":
            return made, None
        return made, "Where the vendor wants a word before the key, add it, as in `prefix: Token`."

    def _bearer(self) -> Fields:
        return {"type": "bearer", "token": self._env("TOKEN")}

    def _env(self, what: str) -> Json:
        return {"env": f"{self._variable}_{what}"}

    def _oauth2(self, flows: Fields, scopes: list[Json]) -> tuple[Fields | None, str | None]:
        for flow, grant in (
            ("clientCredentials", "client_credentials"),
            ("password", "password"),
            ("authorizationCode", "refresh_token"),
        ):
            url = block(flows.get(flow)).get("tokenUrl")
            if isinstance(url, str):
                return self._granted(grant, urljoin(f"{self._url}/", url), scopes)
        return self._bearer(), "Its description names no place where tokens are asked for."

    def _granted(self, grant: str, url: str, scopes: list[Json]) -> tuple[Fields, str | None]:
        made: Fields = {
            "type": "oauth2",
            "token_url": url,
            "grant": grant,
            "client_id": self._env("CLIENT_ID"),
            "client_secret": self._env("CLIENT_SECRET"),
        }
        doubt = None
        if grant == "password":
            made |= {"username": self._env("USER"), "password": self._env("PASSWORD")}
        if grant == "refresh_token":
            made["refresh_token"] = self._env("REFRESH_TOKEN")
            doubt = "With a token that doesn't end: auth: {type: bearer, token: {env: …}}"
        elif scopes:
            made["scope"] = " ".join(str(each) for each in scopes)
        return made, doubt
