"""The faked Square: what its documentation says, and what the harsher reading of it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators.kit import RunningSimulator
from simulators.square import SquareSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2 as httpx

Square = RunningSimulator[SquareSimulator]
COUNTS = "/v2/inventory/counts/batch-retrieve"
CHANGES = "/v2/inventory/changes/batch-create"
ORDERS = "/v2/orders"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def square(clock: Clock) -> Iterator[Square]:
    with RunningSimulator(SquareSimulator(page_size=2, now=clock)) as running:
        yield running


def sale(quantity: object = "2", **other: object) -> dict[str, object]:
    adjustment = {
        "from_state": "IN_STOCK",
        "to_state": "SOLD",
        "location_id": "L1",
        "catalog_object_id": "A",
        "quantity": quantity,
        "occurred_at": "2026-11-22T11:00:00Z",
    }
    told = {name: value for name, value in (adjustment | other).items() if value != "absent"}
    return {"type": "ADJUSTMENT", "adjustment": told}


def counted(quantity: str) -> dict[str, object]:
    told = {
        "state": "IN_STOCK",
        "location_id": "L1",
        "catalog_object_id": "A",
        "quantity": quantity,
        "occurred_at": "2026-11-22T11:00:00Z",
    }
    return {"type": "PHYSICAL_COUNT", "physical_count": told}


def order(*changes: object, key: str = "k1", **other: object) -> dict[str, object]:
    return {"idempotency_key": key, "changes": list(changes)} | other


def line(**other: object) -> dict[str, object]:
    return {"quantity": "2", "catalog_object_id": "A"} | other


def order_of(*lines: object, key: str = "k1", **other: object) -> dict[str, object]:
    return {
        "idempotency_key": key,
        "order": {"location_id": "L1", "line_items": list(lines)} | other,
    }


def only_error(answer: httpx.Response) -> tuple[int, str, str, str | None]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["category"], error["code"], error.get("field")


def pages(client: httpx.Client, **query: object) -> list[list[dict[str, str]]]:
    found = []
    cursor: dict[str, str] = {}
    while True:
        answer = client.post(COUNTS, json=query | cursor).json()
        found.append(answer["counts"])
        if "cursor" not in answer:
            return found
        cursor = {"cursor": answer["cursor"]}


class TestDoor:
    @pytest.mark.parametrize("header", ["Bearer other", "square-token", ""])
    def test_another_token_is_unauthorized(self, square_client: httpx.Client, header: str) -> None:
        answer = square_client.post(COUNTS, json={}, headers={"Authorization": header})
        assert only_error(answer) == (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", None)

    @pytest.mark.parametrize("version", ["", "latest", "2025-8-20"])
    def test_a_version_of_another_form_is_refused(
        self, square_client: httpx.Client, version: str
    ) -> None:
        answer = square_client.post(COUNTS, json={}, headers={"Square-Version": version})
        assert only_error(answer)[2] == "INVALID_SQUARE_VERSION_FORMAT"

    @pytest.mark.parametrize(
        "path",
        ["/v2/inventory/batch-retrieve-counts", "/v2/inventory/batch-change", "/v2/nothing"],
    )
    def test_deprecated_and_unknown_paths_are_not_found(
        self, square_client: httpx.Client, path: str
    ) -> None:
        answer = square_client.post(path, json={})
        assert only_error(answer) == (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", None)

    def test_another_method_is_not_allowed(self, square_client: httpx.Client) -> None:
        assert only_error(square_client.get(COUNTS))[:3:2] == (405, "METHOD_NOT_ALLOWED")

    @pytest.mark.parametrize("document", [b"", b"{", b"[]", b'"x"', b'{"limit": NaN}', b"\xff"])
    def test_a_body_that_is_no_json_object_is_refused(
        self, square_client: httpx.Client, document: bytes
    ) -> None:
        headers = {"Content-Type": "application/json"}
        answer = square_client.post(COUNTS, content=document, headers=headers)
        assert only_error(answer)[:3:2] == (400, "EXPECTED_JSON_BODY")

    def test_a_body_that_is_not_called_json_is_refused(self, square_client: httpx.Client) -> None:
        answer = square_client.post(COUNTS, content=b"{}", headers={"Content-Type": "text/plain"})
        assert only_error(answer)[:3:2] == (400, "INVALID_CONTENT_TYPE")

    def test_stock_is_set_up_over_http(self, square: Square, square_client: httpx.Client) -> None:
        levels = [
            {"catalog_object_id": "A", "quantity": "2.5", "location_id": "L2"},
            {"catalog_object_id": "B"},
        ]
        assert square_client.put("/_simulator/stock", json=levels).status_code == 204
        assert square.simulator.stock_of("A", "L2") == Decimal("2.5")
        assert square.simulator.stock_of("B") is None
        wrong = square_client.put("/_simulator/stock", json=[{"catalog_object_id": 3}])
        assert wrong.status_code == 400


class TestCounts:
    def test_a_count_is_a_row_with_its_quantity_as_text(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", "7.50")
        assert square_client.post(COUNTS, json={"catalog_object_ids": ["A"]}).json() == {
            "counts": [
                {
                    "catalog_object_id": "A",
                    "catalog_object_type": "ITEM_VARIATION",
                    "state": "IN_STOCK",
                    "location_id": "L1",
                    "quantity": "7.5",
                    "calculated_at": "2026-11-22T12:00:00.000Z",
                }
            ]
        }

    @pytest.mark.parametrize("quantity", ["100", "0", "-3"])
    def test_whole_quantities_have_no_exponent(
        self, square: Square, square_client: httpx.Client, quantity: str
    ) -> None:
        square.simulator.set_stock("A", "L1", quantity)
        assert square_client.post(COUNTS, json={}).json()["counts"][0]["quantity"] == quantity

    def test_what_was_never_counted_has_no_row(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", None)
        query = {"catalog_object_ids": ["A", "unheard of"]}
        assert square_client.post(COUNTS, json=query).json() == {"counts": []}

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, {"A1", "A2", "B1", "Aw"}),
            ({"catalog_object_ids": None, "location_ids": []}, {"A1", "A2", "B1", "Aw"}),
            ({"catalog_object_ids": ["A"]}, {"A1", "A2", "Aw"}),
            ({"location_ids": ["L2"]}, {"A2"}),
            ({"catalog_object_ids": ["A"], "states": ["WASTE"]}, {"Aw"}),
            ({"states": ["SOLD"]}, set()),
            ({"updated_after": "2026-11-22T12:00:00Z"}, {"B1"}),
            ({"updated_after": "2026-11-22T13:30:00+01:00"}, {"B1"}),
        ],
    )
    def test_filters_choose_rows(
        self,
        square: Square,
        square_client: httpx.Client,
        clock: Clock,
        query: dict[str, object],
        found: set[str],
    ) -> None:
        square.simulator.set_stock("A", "L1", 1)
        square.simulator.set_stock("A", "L2", 1)
        square.simulator.set_stock("A", "L1", 1, state="WASTE")
        clock.time = NOON + timedelta(hours=1)
        square.simulator.set_stock("B", "L1", 1)
        names = {("IN_STOCK", "L1"): "1", ("IN_STOCK", "L2"): "2", ("WASTE", "L1"): "w"}
        rows = [row for page in pages(square_client, **query) for row in page]
        assert {
            row["catalog_object_id"] + names[row["state"], row["location_id"]] for row in rows
        } == found

    def test_pages_are_newest_first_and_only_the_last_has_no_cursor(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        for name in "ABCDE":
            square.simulator.set_stock(name, "L1", 1)
        found = pages(square_client)
        ids = [[row["catalog_object_id"] for row in page] for page in found]
        assert ids == [["E", "D"], ["C", "B"], ["A"]]

    def test_a_full_last_page_has_no_cursor(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square.simulator.set_stock("A", "L1", 1)
        square.simulator.set_stock("B", "L1", 1)
        assert "cursor" not in square_client.post(COUNTS, json={}).json()

    def test_a_limit_makes_pages_smaller(self, square: Square, square_client: httpx.Client) -> None:
        square.simulator.set_stock("A", "L1", 1)
        square.simulator.set_stock("B", "L1", 1)
        assert len(pages(square_client, limit=1)) == 2

    @pytest.mark.parametrize("other", [{"location_ids": ["L1"]}, {"states": ["IN_STOCK"]}])
    def test_a_cursor_is_good_for_its_own_query_only(
        self, square: Square, square_client: httpx.Client, other: dict[str, object]
    ) -> None:
        for name in "ABC":
            square.simulator.set_stock(name, "L1", 1)
        cursor = square_client.post(COUNTS, json={}).json()["cursor"]
        answer = square_client.post(COUNTS, json={"cursor": cursor} | other)
        assert only_error(answer)[2:] == ("INVALID_CURSOR", "cursor")

    @given(cursor=st.text(min_size=1))
    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_an_invented_cursor_is_refused(self, square_client: httpx.Client, cursor: str) -> None:
        answer = square_client.post(COUNTS, json={"cursor": cursor})
        assert only_error(answer)[2:] == ("INVALID_CURSOR", "cursor")

    @pytest.mark.parametrize(
        ("query", "code", "field"),
        [
            ({"limit": 0}, "VALUE_TOO_LOW", "limit"),
            ({"limit": 1001}, "VALUE_TOO_HIGH", "limit"),
            ({"limit": "5"}, "EXPECTED_INTEGER", "limit"),
            ({"states": ["GONE"]}, "INVALID_ENUM_VALUE", "states[0]"),
            ({"location_ids": "L1"}, "EXPECTED_ARRAY", "location_ids"),
            ({"catalog_object_ids": ["A", 3]}, "EXPECTED_STRING", "catalog_object_ids[1]"),
            ({"updated_after": "yesterday"}, "INVALID_TIME", "updated_after"),
            ({"updated_after": "2026-13-01T00:00:00Z"}, "INVALID_TIME", "updated_after"),
            ({"sku": "A"}, "UNKNOWN_BODY_PARAMETER", "sku"),
        ],
    )
    def test_a_wrong_query_is_refused_by_field(
        self, square_client: httpx.Client, query: dict[str, object], code: str, field: str
    ) -> None:
        answer = square_client.post(COUNTS, json=query)
        assert only_error(answer) == (400, "INVALID_REQUEST_ERROR", code, field)

    def test_every_flaw_is_told_at_once(self, square_client: httpx.Client) -> None:
        answer = square_client.post(COUNTS, json={"limit": 0, "cursor": 3})
        assert {error["field"] for error in answer.json()["errors"]} == {"limit", "cursor"}


class TestChanges:
    @pytest.fixture(autouse=True)
    def _five(self, square: Square) -> None:
        square.simulator.set_stock("A", "L1", 5)

    def test_a_sale_takes_from_stock_and_answers_what_is_left(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        answer = square_client.post(CHANGES, json=order(sale(reference_id="order-1"))).json()
        assert square.simulator.stock_of("A") == 3
        assert [count["quantity"] for count in answer["counts"]] == ["3"]
        [change] = answer["changes"]
        assert change["adjustment"]["reference_id"] == "order-1"
        assert change["adjustment"]["occurred_at"] == "2026-11-22T11:00:00Z"

    def test_two_lines_of_one_variation_add_up(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(sale("1"), sale("1.5")))
        assert square.simulator.stock_of("A") == Decimal("2.5")
        assert [effect.change for effect in square.simulator.ledger.effects] == [
            {"before": "5", "after": "4"},
            {"before": "4", "after": "2.5"},
        ]

    def test_counts_may_go_below_zero(self, square: Square, square_client: httpx.Client) -> None:
        assert square_client.post(CHANGES, json=order(sale("7"))).status_code == 200
        assert square.simulator.stock_of("A") == -2

    def test_what_was_never_counted_counts_from_zero(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(sale(location_id="L2")))
        assert square.simulator.stock_of("A", "L2") == -2
        assert square.simulator.ledger.effects[0].change == {"before": None, "after": "-2"}

    def test_stock_goes_from_one_tracked_state_to_another(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(sale(to_state="WASTE")))
        assert square.simulator.stock_of("A") == 3
        assert square.simulator.stock_of("A", state="WASTE") == 2

    def test_stock_comes_from_an_untracked_state(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(sale(from_state="NONE", to_state="IN_STOCK")))
        assert square.simulator.stock_of("A") == 7

    def test_one_wrong_change_stops_all(self, square: Square, square_client: httpx.Client) -> None:
        answer = square_client.post(
            CHANGES, json=order(sale(), sale(catalog_object_id="unheard of"))
        )
        field = "changes[1].adjustment.catalog_object_id"
        assert only_error(answer) == (404, "INVALID_REQUEST_ERROR", "NOT_FOUND", field)
        assert square.simulator.stock_of("A") == 5
        assert square.simulator.ledger.effects == []

    def test_a_repeat_is_answered_alike_and_does_nothing(
        self, square: Square, square_client: httpx.Client, clock: Clock
    ) -> None:
        first = square_client.post(CHANGES, json=order(sale()))
        clock.time = NOON + timedelta(days=3)  # even when it would be too old by now
        assert square_client.post(CHANGES, json=order(sale())).content == first.content
        assert square.simulator.stock_of("A") == 3
        assert len(square.simulator.ledger.effects) == 1

    def test_a_used_key_with_another_request_is_refused(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(sale()))
        later = sale(occurred_at="2026-11-22T11:00:01Z")
        answer = square_client.post(CHANGES, json=order(later))
        code = "IDEMPOTENCY_KEY_REUSED"
        assert only_error(answer) == (400, "INVALID_REQUEST_ERROR", code, "idempotency_key")
        assert square.simulator.stock_of("A") == 3

    def test_a_refused_request_leaves_its_key_free(self, square_client: httpx.Client) -> None:
        square_client.post(CHANGES, json=order(sale(catalog_object_id="unheard of")))
        assert square_client.post(CHANGES, json=order(sale())).status_code == 200

    @pytest.mark.parametrize("length", [1, 128])
    def test_keys_of_1_to_128_characters_are_taken(
        self, square_client: httpx.Client, length: int
    ) -> None:
        body = order(sale(), key="k" * length)
        assert square_client.post(CHANGES, json=body).status_code == 200

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            (order(sale(), key=""), "VALUE_TOO_SHORT", "idempotency_key"),
            (order(sale(), key="k" * 129), "VALUE_TOO_LONG", "idempotency_key"),
            ({"changes": []}, "MISSING_REQUIRED_PARAMETER", "idempotency_key"),
            (order(*[sale()] * 101), "ARRAY_LENGTH_TOO_LONG", "changes"),
            (order({}), "MISSING_REQUIRED_PARAMETER", "changes[0].type"),
            (order({"type": "GIFT"}), "INVALID_ENUM_VALUE", "changes[0].type"),
            (order({"type": "TRANSFER", "transfer": {}}), "INVALID_VALUE", "changes[0].type"),
            (
                order({"type": "ADJUSTMENT"}),
                "MISSING_REQUIRED_PARAMETER",
                "changes[0].adjustment",
            ),
        ],
    )
    def test_a_wrong_request_is_refused_by_field(
        self,
        square: Square,
        square_client: httpx.Client,
        body: dict[str, object],
        code: str,
        field: str,
    ) -> None:
        answer = square_client.post(CHANGES, json=body)
        assert only_error(answer) == (400, "INVALID_REQUEST_ERROR", code, field)
        assert square.simulator.stock_of("A") == 5

    def test_a_hundred_changes_are_taken(self, square_client: httpx.Client) -> None:
        assert square_client.post(CHANGES, json=order(*[sale()] * 100)).status_code == 200

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("quantity", 2, "EXPECTED_STRING"),
            ("quantity", "two", "INVALID_VALUE"),
            ("quantity", "1e3", "INVALID_VALUE"),
            ("quantity", "0.000001", "INVALID_VALUE"),
            ("quantity", "0", "INVALID_VALUE"),
            ("quantity", "-1", "INVALID_VALUE"),
            ("quantity", "absent", "MISSING_REQUIRED_PARAMETER"),
            ("location_id", None, "MISSING_REQUIRED_PARAMETER"),
            ("catalog_object_id", "", "MISSING_REQUIRED_PARAMETER"),
            ("from_state", "absent", "MISSING_REQUIRED_PARAMETER"),
            ("to_state", "IN_STOCK", "INVALID_VALUE"),
            ("to_state", "RESERVED_FOR_SALE", "INVALID_VALUE"),
            ("reference_id", "r" * 256, "VALUE_TOO_LONG"),
            ("sku", "A", "UNKNOWN_BODY_PARAMETER"),
            ("occurred_at", "2026-11-21T11:59:59Z", "INVALID_VALUE"),
            ("occurred_at", "2026-11-22T12:00:01Z", "INVALID_VALUE"),
            ("occurred_at", "2026-11-22T11:00:00", "INVALID_TIME"),
            ("occurred_at", "2026-11-22 11:00:00Z", "INVALID_TIME"),
        ],
    )
    def test_a_wrong_adjustment_is_refused_by_field(
        self, square: Square, square_client: httpx.Client, name: str, value: object, code: str
    ) -> None:
        answer = square_client.post(CHANGES, json=order(sale(**{name: value})))
        assert only_error(answer)[::2] == (400, code)
        assert only_error(answer)[3] == f"changes[0].adjustment.{name}"
        assert square.simulator.ledger.effects == []

    @pytest.mark.parametrize(
        "time",
        ["2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z", "2026-11-22T13:00:00.123+01:30", None],
    )
    def test_a_time_of_the_last_24_hours_or_none_is_taken(
        self, square_client: httpx.Client, time: str | None
    ) -> None:
        answer = square_client.post(CHANGES, json=order(sale(occurred_at=time)))
        assert answer.status_code == 200

    def test_a_physical_count_sets_the_stock(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        square_client.post(CHANGES, json=order(counted("40")))
        assert square.simulator.stock_of("A") == 40

    def test_an_unchanged_count_is_ignored_unless_told_otherwise(
        self, square_client: httpx.Client
    ) -> None:
        ignored = square_client.post(CHANGES, json=order(counted("5"))).json()
        kept = square_client.post(
            CHANGES, json=order(counted("5"), key="k2", ignore_unchanged_counts=False)
        ).json()
        assert (ignored["changes"], len(kept["changes"])) == ([], 1)

    def test_an_untracked_state_is_not_counted(self, square_client: httpx.Client) -> None:
        change = counted("5")
        change["physical_count"] = {**change["physical_count"], "state": "SOLD"}  # type: ignore[dict-item]
        answer = square_client.post(CHANGES, json=order(change))
        assert only_error(answer)[2:] == ("INVALID_VALUE", "changes[0].physical_count.state")

    @given(quantities=st.lists(st.decimals("0.00001", "9999", places=5), max_size=5))
    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_nothing_is_lost_in_adding_up(
        self, square: Square, square_client: httpx.Client, quantities: list[Decimal]
    ) -> None:
        square.simulator.reset()
        square.simulator.set_stock("A", "L1", 10_000)
        square_client.post(CHANGES, json=order(*(sale(f"{number:f}") for number in quantities)))
        assert square.simulator.stock_of("A") == 10_000 - sum(quantities)


class TestOrders:
    @pytest.fixture(autouse=True)
    def _five(self, square: Square) -> None:
        square.simulator.set_stock("A", "L1", 5)

    def test_an_order_is_open_and_has_an_id(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        told = square_client.post(ORDERS, json=order_of(line(), reference_id="o-1")).json()["order"]
        assert (told["state"], told["reference_id"], told["line_items"]) == (
            "OPEN",
            "o-1",
            [line()],
        )
        [effect] = square.simulator.ledger.effects
        assert (effect.kind, effect.key, effect.change) == (
            "order",
            told["id"],
            {"reference": "o-1"},
        )

    def test_the_same_key_makes_one_order_and_refuses_another(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        first, again = (square_client.post(ORDERS, json=order_of(line())).json() for _ in range(2))
        assert first == again
        answer = square_client.post(ORDERS, json=order_of(line(quantity="3")))
        code = "IDEMPOTENCY_KEY_REUSED"
        assert only_error(answer) == (400, "INVALID_REQUEST_ERROR", code, "idempotency_key")
        assert len(square.simulator.orders.by_id) == 1

    def test_an_open_order_is_canceled_at_its_version_with_its_fulfillments(
        self, square_client: httpx.Client
    ) -> None:
        shipment = {"type": "SHIPMENT", "state": "PROPOSED"}
        body = order_of(line(), fulfillments=[shipment])
        told = square_client.post(ORDERS, json=body).json()["order"]
        path = f"{ORDERS}/{told['id']}"
        wrong = {"version": 2, "state": "CANCELED"}
        assert only_error(square_client.put(path, json={"order": wrong}))[::2] == (409, "CONFLICT")
        cancel: dict[str, object] = {"version": 1, "state": "CANCELED"}
        assert only_error(square_client.put(path, json={"order": cancel}))[::2] == (
            400,
            "BAD_REQUEST",
        )
        cancel["fulfillments"] = [{"uid": told["fulfillments"][0]["uid"], "state": "CANCELED"}]
        keyed = {"order": cancel, "idempotency_key": "c"}
        for _ in range(2):
            canceled = square_client.put(path, json=keyed).json()["order"]
            assert (canceled["state"], canceled["version"]) == ("CANCELED", 2)
        again = {**keyed, "idempotency_key": "d"}
        assert only_error(square_client.put(path, json=again))[::2] == (400, "BAD_REQUEST")
        assert square_client.put(f"{ORDERS}/none", json=keyed).status_code == 404

    def test_completing_takes_what_is_the_catalogues_and_nothing_else(
        self, square: Square, square_client: httpx.Client
    ) -> None:
        money = {"amount": 100, "currency": "USD"}
        gift = {"name": "Gift", "quantity": "4", "base_price_money": money}
        told = square_client.post(ORDERS, json=order_of(line(), gift)).json()["order"]
        assert square.simulator.stock_of("A") == 5
        complete = f"/_simulator/orders/{told['id']}/complete"
        assert square_client.post(complete).status_code == 204
        assert square.simulator.stock_of("A") == 3
        assert square_client.post("/_simulator/orders/none/complete").status_code == 404

    @pytest.mark.parametrize(
        ("given", "status", "code", "field"),
        [
            (line(catalog_object_id="?"), 404, "NOT_FOUND", "line_items[0].catalog_object_id"),
            (line(quantity="0"), 400, "INVALID_VALUE", "line_items[0].quantity"),
            (line(quantity="two"), 400, "INVALID_VALUE", "line_items[0].quantity"),
            (line(quantity=2), 400, "EXPECTED_STRING", "line_items[0].quantity"),
            (line(sku="A"), 400, "UNKNOWN_BODY_PARAMETER", "line_items[0].sku"),
            (
                {"quantity": "1"},
                400,
                "MISSING_REQUIRED_PARAMETER",
                "line_items[0].base_price_money",
            ),
        ],
    )
    def test_a_wrong_line_is_refused_by_field(
        self,
        square_client: httpx.Client,
        given: dict[str, object],
        status: int,
        code: str,
        field: str,
    ) -> None:
        answer = square_client.post(ORDERS, json=order_of(given))
        assert only_error(answer) == (status, "INVALID_REQUEST_ERROR", code, f"order.{field}")

    @pytest.mark.parametrize(
        ("more", "code", "field"),
        [
            ({"reference_id": "r" * 41}, "VALUE_TOO_LONG", "reference_id"),
            ({"fulfillments": [{}, {}]}, "ARRAY_LENGTH_TOO_LONG", "fulfillments"),
            ({"metadata": {str(n): "" for n in range(11)}}, "TOO_MANY_MAP_ENTRIES", "metadata"),
            ({"taxes": []}, "UNKNOWN_BODY_PARAMETER", "taxes"),
        ],
    )
    def test_a_wrong_order_is_refused_by_field(
        self, square_client: httpx.Client, more: dict[str, object], code: str, field: str
    ) -> None:
        answer = square_client.post(ORDERS, json=order_of(line(), **more))
        assert only_error(answer)[2:] == (code, f"order.{field}")
