"""What becomes of an answer: joins, replies, pages, and what counts as success."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.conftest import NUMBER, TEXT, WHOLE, New, answers, listed, shape, takes

ASK = takes(shape("skus", skus=listed(TEXT)))
ROW = shape("sku", "quantity", sku=TEXT, quantity=WHOLE)


def stock(new: New, row: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Give the `lines` that rows like this are joined by."""
    schema = shape("rows", rows=listed(row), **others)
    mapping = new("inventory.validate", {"requestBody": ASK, "responses": answers(schema)}).mapping
    lines: dict[str, Any] = mapping["lines"]
    return lines


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ({"quantity": WHOLE}, "row.quantity"),
        ({"qtyOnHand": TEXT}, "row.qtyOnHand"),
        ({"on_hand": WHOLE, "available_to_sell": WHOLE}, "row.available_to_sell"),
        ({"inventory": shape("available", available=WHOLE)}, "row.inventory.available"),
        ({"locationId": TEXT, "quantity": TEXT}, "sum(rows[].to_number(quantity))"),
        ({"stock-level": WHOLE}, 'row."stock-level"'),
        ({'the "stock"\\': WHOLE}, 'row."the \\"stock\\"\\\\"'),
    ],
)
def test_the_stock_of_a_row_is_found_by_its_name(
    new: New, fields: dict[str, Any], expression: str
) -> None:
    assert stock(new, shape("sku", *fields, sku=TEXT, **fields))["set"] == {"available": expression}


def test_a_row_without_a_name_for_stock_says_so_and_sells_nothing(new: New) -> None:
    assert stock(new, shape("sku", sku=TEXT, colour=TEXT))["set"] == {"available": 0}


def test_of_several_lists_the_one_with_stock_is_joined(new: New) -> None:
    tags = listed(shape("id", id=TEXT, name=TEXT))
    schema = shape("data", data=shape(tags=tags, levels=listed(ROW)))
    written = new("inventory.validate", {"requestBody": ASK, "responses": answers(schema)})
    assert written.mapping["call"]["batch"]["rows"] == "body.data.levels"


def test_what_may_still_be_reserved_is_pointed_out(new: New) -> None:
    fields = {"sku": TEXT, "on_hand": WHOLE, "reserved": WHOLE}
    schema = shape("rows", rows=listed(shape(*fields, **fields)))
    written = new("inventory.validate", {"requestBody": ASK, "responses": answers(schema)})
    assert "# is reserved still in it?" in written.text("mappings/acme/inventory-validate.yaml")


def test_the_vendors_own_example_is_what_the_test_is_about(new: New) -> None:
    schema = shape("rows", rows=listed(shape("sku", "quantity", sku=TEXT, quantity=TEXT)))
    example = {"rows": [{"sku": "TEA-01", "quantity": "12.50"}]}
    operation = {"requestBody": ASK, "responses": answers(schema, example)}
    case = new("inventory.validate", operation).cases[0]
    assert case["receive"]["items"][0]["sku"] == "TEA-01"
    assert case["vendor"][0]["expect"]["body"] == {"skus": ["TEA-01"]}
    assert case["vendor"][0]["answer"]["body"] == example
    assert case["reply"]["body"]["checkout"]["items"][0]["available"] == 12


def test_a_line_that_the_vendor_has_no_row_for_has_a_case_of_its_own(new: New) -> None:
    schema = shape("site", "rows", site=TEXT, rows=listed(ROW))
    case = new("inventory.validate", {"requestBody": ASK, "responses": answers(schema)}).cases[1]
    assert case["vendor"][0]["answer"]["body"] == {"site": "text", "rows": []}
    assert case["reply"]["body"]["checkout"]["items"][0]["available"] == 0


def test_an_answer_without_rows_is_joined_with_nothing(new: New) -> None:
    written = new("inventory.validate", {"requestBody": ASK, "responses": answers(shape(ok=TEXT))})
    assert "lines" not in written.mapping


def test_a_cursor_turns_pages(new: New) -> None:
    request = takes(shape("skus", skus=listed(TEXT), pageToken=TEXT))
    schema = shape("rows", rows=listed(ROW), nextPageToken=TEXT)
    operation = {"requestBody": request, "responses": answers(schema)}
    call = new("inventory.validate", operation).mapping["call"]
    assert call["pages"] == {"rows": "body.rows", "next": "body.nextPageToken"}
    assert call["request"]["body"] == {"skus": "keys", "pageToken?": "page.next"}
    assert "rows" not in call["batch"]


def test_errors_beside_a_success_are_no_success(new: New) -> None:
    schema = shape("rows", rows=listed(ROW), errors=listed(shape(code=TEXT)))
    operation = {"requestBody": ASK, "responses": answers(schema)}
    response = new("inventory.validate", operation).mapping["call"]["response"]
    assert response["succeeds"] == "!(body.errors)"


def test_the_vendors_word_for_an_error_is_in_the_example_of_a_rule(new: New) -> None:
    error = shape("error", error=shape("code", code=TEXT))
    responses = answers(shape(rows=listed(ROW))) | answers(error, status="422")
    written = new("inventory.validate", {"requestBody": ASK, "responses": responses})
    text = written.text("mappings/acme/inventory-validate.yaml")
    assert "#   - when: body.error.code == 'unknown_item'" in text
    assert written.mapping["call"]["response"]["error_schema"] == "acme/op-error.json"


def test_ways_of_shipping_are_offered(new: New) -> None:
    rate = shape("serviceCode", "title", "price", serviceCode=TEXT, title=TEXT, price=NUMBER)
    schema = shape("quotes", quotes=listed(rate))
    operation = {"requestBody": takes(shape(currency=TEXT)), "responses": answers(schema)}
    written = new("shipping.validate", operation)
    assert written.mapping["reply"]["set"] == {
        "shipping_rates": {
            "$each": "body.quotes",
            "$as": "rate",
            "$do": {
                "id": "rate.serviceCode",
                "name": "rate.title",
                "price": "money(rate.price, checkout.currency)",
            },
        }
    }
    rates = written.cases[0]["reply"]["body"]["checkout"]["shipping_rates"]
    assert rates == [{"id": "text", "name": "text", "price": "7.00"}]


def test_money_in_the_smallest_unit_becomes_an_amount(new: New) -> None:
    money = shape("amount", "currency", amount={"type": "integer", "example": 490}, currency=TEXT)
    schema = shape("rates", rates=listed(shape("id", "total_money", id=WHOLE, total_money=money)))
    operation = {"requestBody": takes(shape(currency=TEXT)), "responses": answers(schema)}
    written = new("shipping.validate", operation)
    made = written.mapping["reply"]["set"]["shipping_rates"]["$do"]
    amount = "from_minor(rate.total_money.amount, checkout.currency)"
    assert made == {"id": "to_string(rate.id)", "price": f"money({amount}, checkout.currency)"}
    rates = written.cases[0]["reply"]["body"]["checkout"]["shipping_rates"]
    assert rates[0]["price"] == "4.90"


def test_taxes_are_joined_by_the_number_of_the_line_where_that_is_sent(new: New) -> None:
    line = shape("line", "quantity", line=WHOLE, quantity=WHOLE)
    schema = shape("lines", "totalTax", lines=listed(shape("line", "tax", line=WHOLE, tax=NUMBER)))
    schema["properties"]["totalTax"] = NUMBER
    operation = {
        "requestBody": takes(shape("lines", lines=listed(line))),
        "responses": answers(schema),
    }
    mapping = new("taxes.validate", operation).mapping
    assert (mapping["lines"]["row"], mapping["lines"]["line"]) == ("row.line", "index")
    assert mapping["lines"]["set"] == {"tax": "money(row.tax, checkout.currency)"}
    assert mapping["reply"]["set"] == {"tax": "money(body.totalTax, checkout.currency)"}


def test_where_nothing_looks_like_it_the_checkout_goes_back_as_it_came(new: New) -> None:
    operation = {"requestBody": takes(shape(currency=TEXT)), "responses": answers(shape(ok=TEXT))}
    written = new("taxes.validate", operation)
    assert written.mapping["reply"]["set"] == {"tax?": "checkout.tax"}
    assert "so far `tax` goes back as it came" in written.text("mappings/acme/taxes-validate.yaml")


@pytest.mark.parametrize(
    ("responses", "way"),
    [
        ({"204": {"description": "done"}}, "none"),
        ({"200": {"content": {"text/plain": {"schema": TEXT}}}}, "text"),
        ({"200": {"content": {"application/pdf": {"schema": TEXT}}}}, "bytes"),
    ],
)
def test_an_answer_that_is_no_json_is_read_as_what_it_is(
    new: New, responses: dict[str, Any], way: str
) -> None:
    operation = {"requestBody": takes(shape(reference=TEXT)), "responses": responses}
    assert new("sync.consume", operation).mapping["call"]["response"] == {"as": way}


def test_the_test_has_the_status_of_the_vendors_success(new: New) -> None:
    operation = {
        "requestBody": takes(shape(reference=TEXT)),
        "responses": answers(shape("id", id=TEXT), status="201"),
    }
    case = new("sync.consume", operation).cases[0]
    assert case["vendor"][0]["answer"] == {"status": 201, "body": {"id": "2001"}}


def test_a_second_case_says_what_becomes_of_a_vendor_that_does_not_answer(new: New) -> None:
    operation = {"requestBody": takes(shape(reference=TEXT)), "responses": answers(shape(id=TEXT))}
    case = new("sync.consume", operation).cases[1]
    assert case["vendor"][0]["answer"] == {"fault": "timeout", "sent": "unknown"}
    assert case["reply"]["body"]["error"]["details"]["reason"] == "in_doubt"
