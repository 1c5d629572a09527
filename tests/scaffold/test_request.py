"""What a request is made of: names that mean something, and examples for those that don't."""

from __future__ import annotations

import pytest

from tests.scaffold.conftest import NUMBER, STOCK, TEXT, WHOLE, New, answers, listed, shape, takes

DONE = answers(shape(id=TEXT))


def body(new: New, contract: str, schema: dict[str, object], example: object = None) -> object:
    written = new(contract, {"requestBody": takes(schema, example), "responses": DONE})
    return written.mapping["call"]["request"]["body"]


@pytest.mark.parametrize(
    ("name", "schema", "expression"),
    [
        ("currencyCode", TEXT, "order.currency"),
        ("email", TEXT, "order.email"),
        ("order_number", TEXT, "order_key"),
        ("externalId", TEXT, "order_key"),
        ("total", TEXT, "order.price"),
        ("total", NUMBER, "decimal(order.price)"),
        ("totalAmount", WHOLE, "to_minor(order.price, order.currency)"),
        ("placedAt", {"type": "string", "format": "date-time"}, "order.created_at"),
        ("postal_code", TEXT, "ship.zip"),
        ("region", TEXT, "ship.province || ship.state"),
    ],
)
def test_a_field_comes_from_the_order_as_its_name_and_its_type_say(
    new: New, name: str, schema: dict[str, object], expression: str
) -> None:
    assert body(new, "sync.consume", shape(name, **{name: schema})) == {name: expression}


def test_lines_are_sent_one_by_one_with_what_the_vendor_calls_their_fields(new: New) -> None:
    line = shape(
        *("lineNumber", "productId", "variantId", "sellerSku", "qty", "unitPrice"),
        lineNumber=WHOLE,
        productId=TEXT,
        variantId=WHOLE,
        sellerSku=TEXT,
        qty=TEXT,
        unitPrice=NUMBER,
    )
    made = body(new, "sync.consume", shape("orderLines", orderLines=listed(line)))
    assert made == {
        "orderLines": {
            "$each": "lines",
            "$as": "line",
            "$do": {
                "lineNumber": "index",
                "productId": "line.product_id",
                "variantId": "to_number(line.variant_id)",
                "sellerSku": "line.sku",
                "qty": "to_string(line.quantity)",
                "unitPrice": "decimal(line.price)",
            },
        }
    }


def test_an_address_that_may_be_missing_is_sent_where_there_is_one(new: New) -> None:
    address = shape("street", "city", street=TEXT, city=TEXT, name=TEXT)
    made = body(new, "sync.consume", shape("id", id=TEXT, shipTo=address))
    assert made["shipTo?"] == {  # type: ignore[index] # a body is an object here
        "$if": "ship",
        "$then": {
            "street": "ship.address1",
            "city": "ship.city",
            "name?": "join(' ', [ship.first_name, ship.last_name])",
        },
    }


def test_what_means_nothing_to_nacelle_gets_an_example_that_says_so(new: New) -> None:
    schema = shape(
        *("channel", "priority", "flags", "code", "wave"),
        channel={"type": "string", "example": "WEB"},
        priority={"type": "string", "enum": ["low", "high"]},
        flags=shape("gift", gift={"type": "boolean"}),
        code={"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        wave={"type": "integer", "minimum": 2000},
        hint=TEXT,
    )
    written = new("sync.consume", {"requestBody": takes(schema), "responses": DONE})
    made = written.mapping["call"]["request"]["body"]
    code = made.pop("code")
    assert len(code) == len("'AAA-0000'")
    assert made == {
        "channel": "'WEB'",
        "priority": "'low'",
        "flags": {"gift": False},
        "wave": 2000,
    }
    text = written.text("mappings/acme/sync-consume.yaml")
    assert text.count("# an example: put yours") == 5
    assert "# It may also hold: hint" in text


def test_of_what_may_be_left_out_the_example_says_what_is_usual(new: New) -> None:
    schema = shape(
        note=TEXT, channel=TEXT, tags=listed(TEXT), parts=listed(shape(name=TEXT)), other=TEXT
    )
    example = {"channel": "POS", "tags": ["a"], "parts": [{"name": "x"}]}
    assert body(new, "sync.consume", schema, example) == {"channel": "'POS'", "tags": ["'a'"]}


def test_a_list_of_ids_is_asked_for_at_once_as_many_as_it_holds(new: New) -> None:
    skus = {**listed(TEXT), "maxItems": 30}
    request = takes(shape("skus", skus=skus))
    call = new("inventory.validate", {"requestBody": request, "responses": STOCK}).mapping["call"]
    assert call["batch"] == {
        "keys": "lines[].sku",
        "rows": "body.rows",
        "row": "row.sku",
        "size": 30,
    }
    assert call["request"]["body"] == {"skus": "keys"}


@pytest.mark.parametrize(
    ("explode", "schema", "expression"),
    [
        (True, listed(TEXT), "keys"),
        (False, listed(TEXT), "join(',', keys)"),
        (True, TEXT, "join(',', keys)"),
    ],
)
def test_a_list_in_the_query_is_repeated_or_joined_as_the_description_says(
    new: New, explode: object, schema: dict[str, object], expression: str
) -> None:
    parameter = {"name": "skus", "in": "query", "explode": explode, "schema": schema}
    operation = {"at": "GET /stock", "parameters": [parameter], "responses": STOCK}
    request = new("inventory.validate", operation).mapping["call"]["request"]
    assert request["query"] == {"skus": expression}


@pytest.mark.parametrize("place", ["path", "query"])
def test_a_single_id_is_asked_for_once_for_each(new: New, place: str) -> None:
    at = "GET /stock/{sku}" if place == "path" else "GET /stock"
    parameter = {"name": "sku", "in": place, "required": True, "schema": TEXT}
    operation = {"at": at, "parameters": [parameter], "responses": answers(shape(on_hand=WHOLE))}
    written = new("inventory.validate", operation)
    call, lines = written.mapping["call"], written.mapping["lines"]
    assert (call["each"], call["as"]) == ("unique(lines[].sku)", "sku")
    assert "sku" in call["request"].get("query", {}) or call["request"]["path"] == "/stock/{sku}"
    assert (lines["rows"], lines["row"]) == ("[body]", "sku")
    assert lines["set"] == {"available": "row.on_hand"}


def test_several_ids_are_those_of_one_line(new: New) -> None:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in ("productId", "variantId")
    ]
    operation = {
        "at": "GET /products/{productId}/variants/{variantId}/stock",
        "parameters": parameters,
        "responses": answers(shape(on_hand=WHOLE)),
    }
    mapping = new("inventory.validate", operation).mapping
    call, lines = mapping["call"], mapping["lines"]
    assert (call["each"], call["as"]) == ("lines", "item")
    path = "/products/{item.product_id}/variants/{item.variant_id}/stock"
    assert call["request"]["path"] == path
    assert (lines["row"], lines["line"]) == ("item.variant_id", "line.variant_id")


def test_an_effect_on_a_single_item_is_done_for_each_line_with_a_key_of_its_own(new: New) -> None:
    parameters = [
        {"name": "variantId", "in": "path", "required": True, "schema": TEXT},
        {"name": "Idempotency-Key", "in": "header", "required": True, "schema": TEXT},
    ]
    operation = {
        "at": "POST /items/{variantId}/take",
        "parameters": parameters,
        "requestBody": takes(shape("quantity", quantity=WHOLE)),
        "responses": DONE,
    }
    call = new("inventory.consume", operation).mapping["call"]
    assert (call["each"], call["as"], call["idempotency"]) == ("lines", "item", "key")
    assert call["let"] == {"key": "uuid5(order_key, 'acme.inventory.consume', to_string(index))"}
    assert call["request"]["path"] == "/items/{item.variant_id}/take"
    assert call["request"]["body"] == {"quantity": "item.quantity"}


@pytest.mark.parametrize("place", ["header", "body"])
def test_a_key_for_idempotency_is_made_from_the_order(new: New, place: str) -> None:
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": TEXT}
    named = {"idempotency_key": TEXT} if place == "body" else {}
    operation = {
        "parameters": [key] if place == "header" else [],
        "requestBody": takes(shape(*named, "reference", **named, reference=TEXT)),
        "responses": DONE,
    }
    mapping = new("sync.consume", operation).mapping
    assert mapping["let"] == {"key": "uuid5(order_key, 'acme.sync.consume')"}
    assert mapping["call"]["idempotency"] == "key"


def test_an_effect_without_a_key_says_that_a_repeat_looks_like_a_new_order(new: New) -> None:
    written = new("sync.consume", {"requestBody": takes(shape(id=TEXT)), "responses": DONE})
    assert "idempotency" not in written.mapping["call"]
    assert "repeat from a new order" in written.text("mappings/acme/sync-consume.yaml")


def test_parts_of_a_path_that_mean_nothing_are_examples_percent_encoded(new: New) -> None:
    parameters = [
        {"name": "site", "in": "path", "required": True, "schema": TEXT, "example": "Köln {1}"},
        {"name": "orderId", "in": "path", "required": True, "schema": TEXT},
    ]
    operation = {
        "at": "PUT /sites/{site}/orders/{orderId}",
        "parameters": parameters,
        "requestBody": takes(shape(email=TEXT)),
        "responses": DONE,
    }
    written = new("sync.consume", operation)
    path = written.mapping["call"]["request"]["path"]
    assert path == "/sites/K%C3%B6ln%20%7B1%7D/orders/{order_key}"
    assert written.cases[0]["vendor"][0]["expect"]["path"].endswith("/orders/order-1")


def test_odd_names_are_sent_as_they_are(new: New) -> None:
    names = ("$odd", "really?", "no", "a: b", "ünï", "with space", "12", "tab\there", "", '"#')
    made = new(
        "sync.consume",
        {
            "requestBody": takes(shape(*names, **dict.fromkeys(names, TEXT))),
            "responses": answers(shape(*names, **dict.fromkeys(names, TEXT))),
        },
    )
    assert set(made.cases[0]["vendor"][0]["expect"]["body"]) == set(names)


@pytest.mark.parametrize(
    "text", ["it's", "a\\b", "ends in \\", '"', "`", "{x}", "no", "012", "a: b # c", " ", "ünï\n\t"]
)
def test_an_example_is_sent_as_it_is(new: New, text: str) -> None:
    schema = shape("channel", channel={**TEXT, "example": text})
    case = new("sync.consume", {"requestBody": takes(schema), "responses": DONE}).cases[0]
    assert case["vendor"][0]["expect"]["body"] == {"channel": text}


@pytest.mark.parametrize(
    ("media", "key"),
    [
        ("application/x-www-form-urlencoded", "form"),
        ("multipart/form-data", "multipart"),
        ("application/vnd.acme.v2+json", "body"),
        ("application/xml", "text"),
    ],
)
def test_a_body_is_sent_in_the_way_that_the_vendor_takes(new: New, media: str, key: str) -> None:
    schema = shape("reference", reference=TEXT)
    operation = {"requestBody": {"content": {media: {"schema": schema}}}, "responses": DONE}
    assert key in new("sync.consume", operation).mapping["call"]["request"]


def test_a_body_of_which_nothing_is_known_is_the_order_itself(new: New) -> None:
    operation = {"requestBody": {"content": {"application/json": {}}}, "responses": DONE}
    assert new("sync.consume", operation).mapping["call"]["request"]["body"] == "order"


def test_a_body_that_is_a_list_has_an_element_for_each_line(new: New) -> None:
    line = shape("sku", "quantity", sku=TEXT, quantity=WHOLE)
    made = body(new, "inventory.consume", listed(line))
    assert made["$each"] == "lines"  # type: ignore[index] # a directive
    assert made["$do"] == {"sku": "line.sku", "quantity": "line.quantity"}  # type: ignore[index]
