"""The faked NetSuite: what Oracle's documentation says, and what the harsher reading of it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1

from simulators import faults
from simulators.kit import RunningSimulator
from simulators.netsuite import NetSuiteSimulator
from simulators.netsuite_auth import Integration
from tests.simulators.conftest import Signed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from simulators.netsuite_bodies import Body

NetSuite = RunningSimulator[NetSuiteSimulator]
SUITEQL = "/services/rest/query/v1/suiteql"
TOKEN = "/services/rest/auth/oauth2/v1/token"
ADJUSTMENT = "/services/rest/record/v1/inventoryAdjustment"
ORDER = "/services/rest/record/v1/salesOrder"
STOCK = "SELECT item, location, quantityavailable FROM aggregateitemlocation"
KEYS = {
    "PS256": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}


def pem(key: PublicKeyTypes) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def netsuite() -> Iterator[NetSuite]:
    known = Integration(certificates={name: pem(key.public_key()) for name, key in KEYS.items()})
    with RunningSimulator(NetSuiteSimulator(known)) as running:
        for location, quantity in (("1", 5), ("2", "2.5")):
            running.simulator.set_stock("101", location, quantity)
        running.simulator.set_stock("102", "1", 0)
        yield running


@pytest.fixture
def client(netsuite_client: httpx.Client) -> httpx.Client:
    return netsuite_client


def ask(
    client: httpx.Client, query: object = STOCK, prefer: str = "transient", **page: object
) -> httpx.Response:
    return client.post(SUITEQL, json={"q": query}, headers={"Prefer": prefer}, params=page)  # type: ignore[arg-type]


def rows(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert all(item.pop("links") == [] for item in items)
    return items  # type: ignore[no-any-return]


def flaw(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Give the status, the code and the place of an answer's only error."""
    body = answer.json()
    assert body["status"] == answer.status_code
    [detail] = body["o:errorDetails"]
    places = [value for name, value in detail.items() if name.startswith("o:error")][1:]
    return answer.status_code, detail["o:errorCode"], places[0] if places else None


def adjustment(quantity: object = -2, key: str | None = "k-1", **other: object) -> Body:
    body: Body = {
        "subsidiary": {"id": "1"},
        "account": {"id": 58},
        "inventory": {
            "items": [
                {"item": {"id": "101"}, "location": {"id": "1"}, "adjustQtyBy": quantity},
            ]
        },
    }
    return body | ({} if key is None else {"externalId": key}) | other


def order(quantity: object = 2, key: str = "k-1", **other: object) -> Body:
    line = {"item": {"id": "101"}, "quantity": quantity, "rate": 9.95, "location": {"id": "1"}}
    return {"externalId": key, "entity": {"id": "107"}, "item": {"items": [line]}} | other


class TestTokenBasedAuthentication:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"client_key": "other"},
            {"client_secret": "other"},
            {"resource_owner_key": "other"},
            {"resource_owner_secret": "other"},
            {"realm": "7654321"},
            {"signature_method": SIGNATURE_HMAC_SHA1},
            {"timestamp": "1700000000"},
        ],
        ids=lambda wrong: next(iter(wrong)),
    )
    def test_whatever_is_wrong_is_an_invalid_login(
        self, netsuite: NetSuite, wrong: dict[str, str]
    ) -> None:
        with httpx.Client(base_url=netsuite.url, auth=Signed(**wrong)) as client:
            assert flaw(ask(client)) == (401, "INVALID_LOGIN", None)

    def test_a_signature_is_good_for_one_request(self, netsuite: NetSuite) -> None:
        with httpx.Client(base_url=netsuite.url, auth=Signed(nonce="once")) as client:
            assert [ask(client).status_code for _ in range(2)] == [200, 401]

    def test_a_signature_is_good_for_its_own_query(self, client: httpx.Client) -> None:
        header = ask(client, limit=10).request.headers["authorization"]
        with httpx.Client(base_url=client.base_url) as other:
            answer = other.post(SUITEQL, params={"limit": 20}, headers={"authorization": header})
        assert flaw(answer) == (401, "INVALID_LOGIN", None)

    @pytest.mark.parametrize("header", ["", "OAuth", "OAuth x", "Basic eDp5", "Bearer made-up"])
    def test_another_header_is_an_invalid_login(self, netsuite: NetSuite, header: str) -> None:
        answer = httpx.post(netsuite.url + SUITEQL, json={}, headers={"Authorization": header})
        assert flaw(answer) == (401, "INVALID_LOGIN", None)
        assert answer.headers["www-authenticate"]


class TestOAuth2:
    def get_token(
        self, netsuite: NetSuite, algorithm: str = "PS256", kid: str | None = None, **other: object
    ) -> httpx.Response:
        begun = int(time.time())
        claims = {
            "iss": "client-id",
            "scope": ["rest_webservices"],
            "aud": netsuite.url + TOKEN,
            "iat": begun,
            "exp": begun + 3600,
        } | other
        kind = ECKey if algorithm == "ES256" else RSAKey
        key = kind.import_key(KEYS[algorithm])  # type: ignore[arg-type]
        header = {"alg": algorithm, "kid": kid or algorithm, "typ": "JWT"}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(header, claims, key, algorithms=[algorithm]),
        }
        return httpx.post(netsuite.url + TOKEN, data=form)

    @pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
    def test_a_signed_assertion_gets_a_token_of_an_hour(
        self, netsuite: NetSuite, algorithm: str
    ) -> None:
        token = self.get_token(netsuite, algorithm).json()
        assert (token["token_type"], token["expires_in"]) == ("bearer", "3600")
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        with httpx.Client(base_url=netsuite.url, headers=headers) as client:
            assert ask(client).status_code == 200

    @pytest.mark.parametrize(
        ("wrong", "status", "error"),
        [
            ({"iss": "other"}, 401, "invalid_client"),
            ({"kid": "other"}, 401, "invalid_client"),
            ({"kid": "RS256"}, 401, "invalid_client"),
            ({"algorithm": "RS256"}, 401, "invalid_client"),
            ({"scope": ["restlets"]}, 400, "invalid_scope"),
            ({"scope": None}, 400, "invalid_scope"),
            ({"aud": "https://example.com"}, 400, "invalid_grant"),
            ({"exp": int(time.time()) - 1}, 400, "invalid_grant"),
            ({"exp": int(time.time()) + 7200}, 400, "invalid_grant"),
            ({"iat": int(time.time()) + 900}, 400, "invalid_grant"),
            ({"iat": "now"}, 400, "invalid_request"),
        ],
    )
    def test_an_assertion_that_is_wrong_gets_none(
        self, netsuite: NetSuite, wrong: dict[str, object], status: int, error: str
    ) -> None:
        answer = self.get_token(netsuite, **wrong)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()) == (status, {"error": error})

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ],
    )
    def test_another_form_gets_none(
        self, netsuite: NetSuite, form: dict[str, str], status: int, error: str
    ) -> None:
        answer = httpx.post(netsuite.url + TOKEN, data=form)
        assert (answer.status_code, answer.json()) == (status, {"error": error})


class TestSuiteQL:
    def test_numbers_are_text_and_null_columns_are_left_out(self, client: httpx.Client) -> None:
        answer = ask(client, f"{STOCK} WHERE item IN ('101', 102) ORDER BY item, location DESC")
        assert rows(answer) == [
            {"item": "101", "location": "2", "quantityavailable": "2.5"},
            {"item": "101", "location": "1", "quantityavailable": "5"},
            {"item": "102", "location": "2"},
            {"item": "102", "location": "1", "quantityavailable": "0"},
        ]
        assert answer.headers["content-type"].startswith("application/vnd.oracle.resource+json")

    @pytest.mark.parametrize(
        ("condition", "count"),
        [
            ("item = 101", 2),
            ("item IN ('101') AND location IN ('1', '9')", 1),
            ("item = 101 OR location = 1", 3),
            ("(item = 101 OR item = 102) AND quantityavailable IS NOT NULL", 3),
            ("quantityavailable IS NULL", 1),
            ("quantityavailable = 2.5", 1),
            ("item = '999'", 0),
        ],
    )
    def test_conditions_choose_the_rows(
        self, client: httpx.Client, condition: str, count: int
    ) -> None:
        assert len(rows(ask(client, f"{STOCK} WHERE {condition}"))) == count

    @pytest.mark.parametrize(
        "query",
        [
            "select ail.ITEM from AggregateItemLocation ail where ail.Item = 101 order by ail.item",
            "SELECT aggregateitemlocation.item FROM aggregateitemlocation WHERE item = 101",
            "SELECT item AS item FROM aggregateitemlocation WHERE item = 101",
        ],
    )
    def test_case_and_aliases_dont_matter(self, client: httpx.Client, query: str) -> None:
        assert rows(ask(client, query)) == [{"item": "101"}] * 2

    def test_a_star_shows_every_column(self, client: httpx.Client) -> None:
        query = "SELECT * FROM aggregateitemlocation WHERE item = 101 AND location = 1"
        assert rows(ask(client, query)) == [
            {
                "item": "101",
                "location": "1",
                "quantityavailable": "5",
                "quantityonhand": "5",
                "quantitycommitted": "0",
            }
        ]

    def test_pages_are_cut_by_limit_and_offset(self, client: httpx.Client) -> None:
        query = f"{STOCK} ORDER BY item, location"
        pages = [ask(client, query, limit=3, offset=offset).json() for offset in (0, 3, 6)]
        assert [(page["count"], page["hasMore"], page["offset"]) for page in pages] == [
            *((3, True, 0), (1, False, 3), (0, False, 6))
        ]
        assert {page["totalResults"] for page in pages} == {4}

    @pytest.mark.parametrize(
        ("page", "place"),
        [
            ({"limit": 1001}, "limit"),
            ({"limit": 0}, "limit"),
            ({"limit": "ten"}, "limit"),
            ({"limit": 10, "offset": 5}, "offset"),
            ({"offset": -1}, "offset"),
        ],
    )
    def test_a_page_that_there_cant_be_is_refused(
        self, client: httpx.Client, page: dict[str, object], place: str
    ) -> None:
        assert flaw(ask(client, **page)) == (400, "INVALID_PARAMETER", place)  # type: ignore[arg-type]

    def test_a_query_that_may_last_is_refused(self, client: httpx.Client) -> None:
        assert flaw(ask(client, prefer="")) == (400, "INVALID_HEADER", "Prefer")

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "SELECT item",
            "SELECT FROM aggregateitemlocation",
            "SELECT item FROM item",
            "SELECT sku FROM aggregateitemlocation",
            "SELECT other.item FROM aggregateitemlocation",
            "SELECT aggregateitemlocation.item FROM aggregateitemlocation ail",
            f"{STOCK} WHERE",
            f"{STOCK} WHERE item IN ()",
            f"{STOCK} WHERE item IN ('101'",
            f"{STOCK} WHERE item IN ('x')",
            f"{STOCK} WHERE item = 'x'' OR ''1'",
            f"{STOCK} WHERE item = '101",
            f"{STOCK} WHERE item > 100",
            f"{STOCK} WHERE (item = 101",
            f"{STOCK} ORDER BY",
            f"{STOCK}; {STOCK}",
            f"{STOCK} WHERE item IN ({', '.join(map(str, range(1001)))})",
        ],
        ids=lambda query: query[-40:],
    )
    def test_a_query_that_it_cant_read_is_refused(self, client: httpx.Client, query: str) -> None:
        assert flaw(ask(client, query)) == (400, "INVALID_PARAMETER", None)

    @pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"q": 1}', b'{"q": NaN}'])
    def test_a_body_without_a_query_is_refused(self, client: httpx.Client, document: bytes) -> None:
        answer = client.post(SUITEQL, content=document, headers={"Prefer": "transient"})
        assert flaw(answer)[:2] == (400, "INVALID_CONTENT")


class TestRecords:
    def test_what_is_made_is_told_in_the_location_only(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        answer = client.post(ADJUSTMENT, json=adjustment(memo="why"))
        assert (answer.status_code, answer.content) == (204, b"")
        place = answer.headers["location"]
        assert place.startswith(f"{netsuite.url}{ADJUSTMENT}/")
        for path in (place, f"{ADJUSTMENT}/eid:k-1"):
            found = client.get(path).json()
            assert (found["id"], found["externalId"]) == (place.rpartition("/")[2], "k-1")
            assert (found["memo"], "items" in found["inventory"]) == ("why", False)
        whole = client.get(place, params={"expandSubResources": "true"}).json()
        assert whole["inventory"]["items"][0]["adjustQtyBy"] == -2

    def test_an_adjustment_changes_what_is_on_hand(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        client.post(ADJUSTMENT, json=adjustment(-7))
        assert netsuite.simulator.stock_of("101") == -2  # nothing keeps it from going below zero
        assert [effect.change for effect in netsuite.simulator.ledger.effects] == [
            {"externalId": "k-1"},
            {"before": "5", "after": "-2"},
        ]

    def test_an_order_commits_its_quantities(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        client.post(ORDER, json=order(3))
        assert netsuite.simulator.stock_of("101") == 2
        client.post(ORDER, json=order(4, key="k-2"))
        query = "SELECT quantityonhand, quantitycommitted, quantitybackordered "
        query += "FROM aggregateitemlocation WHERE item = 101 AND location = 1"
        shown = {"quantityonhand": "5", "quantitycommitted": "5", "quantitybackordered": "2"}
        assert rows(ask(client, query)) == [shown]

    @pytest.mark.parametrize(
        ("path", "body"), [(ADJUSTMENT, adjustment()), (ORDER, order())], ids=["stock", "order"]
    )
    def test_an_external_id_is_taken_once(
        self, netsuite: NetSuite, client: httpx.Client, path: str, body: Body
    ) -> None:
        statuses = [client.post(path, json=body).status_code for _ in range(2)]
        assert statuses == [204, 400]
        assert flaw(client.post(path, json=body)) == (400, "DUP_RCRD", None)
        assert netsuite.simulator.stock_of("101") == 3

    def test_each_kind_of_record_has_external_ids_of_its_own(self, client: httpx.Client) -> None:
        answers = client.post(ADJUSTMENT, json=adjustment()), client.post(ORDER, json=order())
        assert [answer.status_code for answer in answers] == [204, 204]

    def test_without_an_external_id_every_post_makes_another(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        for _ in range(2):
            assert client.post(ADJUSTMENT, json=adjustment(key=None)).status_code == 204
        assert netsuite.simulator.stock_of("101") == 1

    def test_a_put_to_the_same_external_id_appends_the_lines_again(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        for _ in range(2):
            answer = client.put(f"{ADJUSTMENT}/eid:k-1", json=adjustment(key=None))
            assert answer.status_code == 204
        assert netsuite.simulator.stock_of("101") == 1
        [record] = netsuite.simulator.records("inventoryAdjustment")
        assert len(record["inventory"]["items"]) == 2  # type: ignore[index, call-overload]

    def test_a_put_that_replaces_the_sublist_doesnt(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        for _ in range(2):
            params = {"replace": "inventory"}
            client.put(f"{ADJUSTMENT}/eid:k-1", json=adjustment(key=None), params=params)
        assert netsuite.simulator.stock_of("101") == 3

    def test_deleting_takes_back_what_it_did(
        self, netsuite: NetSuite, client: httpx.Client
    ) -> None:
        client.post(ADJUSTMENT, json=adjustment())
        statuses = [client.delete(f"{ADJUSTMENT}/eid:k-1").status_code for _ in range(2)]
        assert statuses == [204, 404]
        assert netsuite.simulator.stock_of("101") == 5

    @pytest.mark.parametrize("name", ["eid:unheard-of", "4711"])
    def test_what_isnt_there_is_not_found(self, client: httpx.Client, name: str) -> None:
        assert flaw(client.get(f"{ORDER}/{name}")) == (404, "NONEXISTENT_ID", name)

    @pytest.mark.parametrize(
        ("path", "body", "place"),
        [
            (ADJUSTMENT, adjustment(account={"id": "9"}), "account"),
            (ADJUSTMENT, adjustment(subsidiary={}), "subsidiary.id"),
            (ADJUSTMENT, adjustment(quantity="2"), "inventory.items[0].adjustQtyBy"),
            (ADJUSTMENT, adjustment(key="a b"), "externalId"),
            (ADJUSTMENT, adjustment(adjLocation={"id": "9"}), "adjLocation"),
            (ADJUSTMENT, adjustment(inventory={"items": []}), "inventory.items"),
            (ORDER, order(entity={"id": "9"}), "entity"),
            (ORDER, order(quantity=0), "item.items[0].quantity"),
            (ORDER, order(sku="A"), "sku"),
            (ORDER, order(otherRefNum="n" * 46), "otherRefNum"),
            (
                ORDER,
                order(item={"items": [{"item": {"id": 9999}, "quantity": 1}]}),
                "item.items[0].item",
            ),
            (ORDER, {"item": order()["item"]}, "entity"),
        ],
    )
    def test_content_that_cant_be_right_is_refused_by_its_path(
        self, netsuite: NetSuite, client: httpx.Client, path: str, body: Body, place: str
    ) -> None:
        assert flaw(client.post(path, json=body)) == (400, "INVALID_CONTENT", place)
        assert netsuite.simulator.ledger.effects == []

    def test_another_media_type_is_refused(self, client: httpx.Client) -> None:
        assert flaw(client.post(ORDER, content=b"{}")) == (400, "INVALID_HEADER", "Content-Type")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("POST", "/services/rest/record/v1/invoice", 404),
            ("GET", "/services/rest/nothing", 404),
            ("GET", SUITEQL, 405),
            ("PUT", f"{ORDER}/4711", 405),
        ],
    )
    def test_other_paths_and_methods_are_refused(
        self, client: httpx.Client, method: str, path: str, status: int
    ) -> None:
        assert client.request(method, path, json={}).json()["status"] == status


async def test_one_request_more_at_the_same_time_than_the_account_takes_is_refused(
    netsuite: NetSuite,
) -> None:
    netsuite.simulator.faults.order(faults.Hold(times=5))
    async with httpx.AsyncClient(base_url=netsuite.url, auth=Signed()) as client:
        headers = {"Prefer": "transient"}
        calls = [client.post(SUITEQL, json={"q": STOCK}, headers=headers) for _ in range(6)]
        tasks = [asyncio.create_task(call) for call in calls]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        [refused] = done
        assert flaw(refused.result()) == (429, "CONCURRENCY_LIMIT_EXCEEDED", None)
        while not all(task.done() for task in tasks):
            await client.post("/_simulator/release")
        statuses = sorted(task.result().status_code for task in tasks)
    assert statuses == [200] * 5 + [429]


def test_stock_is_put_from_outside_too(netsuite: NetSuite, client: httpx.Client) -> None:
    levels = [{"item": "103", "quantity": "7"}, {"item": "104", "location": "3"}]
    assert client.put("/_simulator/stock", json=levels).status_code == 204
    assert netsuite.simulator.stock_of("103") == Decimal(7)
    assert netsuite.simulator.stock_of("104", "3") is None
    assert client.put("/_simulator/stock", json=[{"sku": "A"}]).status_code == 400
    client.post("/_simulator/reset")
    assert netsuite.simulator.stock_of("103") is None
