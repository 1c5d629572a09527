"""An API of nobody's, for each contract: where no description of the vendor's is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.contracts import Contract
from gateway.lossless import Json
from gateway.scaffold.document import Document

Fields = dict[str, Json]

AUTHS: Mapping[str, Json] = MappingProxyType(
    {
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
        "api_key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token"}}},
    }
)
"""Security schemes by the `auth` that they become."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an operation is, and the shape of its bodies: properties, all of them required."""

    method: str
    path: str
    answer: Fields
    body: Fields | None = None
    query: Fields | None = None


_TEXT: Fields = {"type": "string"}
_NUMBER: Fields = {"type": "number"}
_WHOLE: Fields = {"type": "integer"}


def _object(fields: Fields) -> Fields:
    return {"type": "object", "required": [*fields], "properties": fields}


def _list(fields: Fields) -> Fields:
    return {"type": "array", "items": _object(fields)}


_SOLD = _list({"sku": _TEXT, "quantity": _WHOLE})
_PRICED = _list({"line": _WHOLE, "sku": _TEXT, "quantity": _WHOLE, "unit_price": _NUMBER})
_ADDRESS = _object({"country": _TEXT, "postcode": _TEXT, "city": _TEXT})
_ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        "inventory.validate": Endpoint(
            "GET",
            "/stock",
            {"stock": _list({"sku": _TEXT, "available": _WHOLE})},
            query={"sku": {"type": "array", "items": _TEXT}},
        ),
        "inventory.consume": Endpoint(
            "POST", "/reservations", {"id": _TEXT}, {"reference": _TEXT, "items": _SOLD}
        ),
        "shipping.validate": Endpoint(
            "POST",
            "/rates",
            {"rates": _list({"code": _TEXT, "name": _TEXT, "amount": _NUMBER})},
            {"currency": _TEXT, "to": _ADDRESS, "items": _SOLD},
        ),
        "promotions.validate": Endpoint(
            "POST",
            "/promotions",
            {"discounts": _list({"code": _TEXT, "amount": _NUMBER})},
            {"coupons": {"type": "array", "items": _TEXT}, "lines": _PRICED},
        ),
        "taxes.validate": Endpoint(
            "POST",
            "/taxes",
            {"tax": _NUMBER, "lines": _list({"line": _WHOLE, "tax": _NUMBER})},
            {"currency": _TEXT, "to": _ADDRESS, "lines": _PRICED},
        ),
        "payments.validate": Endpoint(
            "POST", "/payments/check", {"status": _TEXT}, {"token": _TEXT, "amount": _NUMBER}
        ),
        "sync.consume": Endpoint(
            "POST",
            "/orders",
            {"id": _TEXT},
            {"reference": _TEXT, "currency": _TEXT, "total": _NUMBER, "lines": _PRICED},
        ),
    }
)


def plain_api(contract: Contract, method: str | None, path: str | None) -> Document:
    """Describe an endpoint for a contract, as OpenAPI would."""
    endpoint = _ENDPOINTS[contract.name]
    parameters: list[Json] = [
        {"name": name, "in": "query", "required": True, "schema": schema}
        for name, schema in (endpoint.query or {}).items()
    ]
    if contract.effect:
        key: Fields = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": _TEXT}
        parameters.append(key)
    operation: Fields = {
        "operationId": contract.name.replace(".", "-"),
        "parameters": parameters,
        "responses": {"200": {"content": _json(endpoint.answer)}},
    }
    if endpoint.body is not None:
        operation["requestBody"] = {"content": _json(endpoint.body)}
    home: Fields = {(method or endpoint.method).lower(): operation}
    root: Fields = {"openapi": "3.1.0", "paths": {path or endpoint.path: home}}
    return Document("no description of its API", root)


def _json(fields: Fields) -> Fields:
    return {"application/json": {"schema": _object(fields)}}
