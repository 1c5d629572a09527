"""`gateway explain`: the types of names, and for each field the data that it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

SECRETS = {"SECRET": "x"}


def section(output: str, first: str) -> list[str]:
    """Give a step's lines, from the one that begins like this up to an empty one."""
    lines = output.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(first))
    end = next((i for i in range(start, len(lines)) if not lines[i]), len(lines))
    return lines[start:end]


@pytest.fixture
def explain(run, tmp_path):
    """Explain a mapping that is written in a test."""

    def written(mapping: str, settings: object = None) -> str:
        gateway = {
            "version": 1,
            "mappings": ["mapping.yaml"],
            "nacelle": {"signature": {"secrets": [{"env": "SECRET"}]}},
            "settings": settings or {},
            "vendors": {"acme": {"base_url": "http://127.0.0.1:9"}},
        }
        (tmp_path / "gateway.yaml").write_text(yaml.safe_dump(gateway))
        (tmp_path / "mapping.yaml").write_text(mapping)
        name = yaml.safe_load(mapping)["mapping"]
        result = run("explain", name, "-c", tmp_path / "gateway.yaml", env=SECRETS)
        assert result.exit_code == 0, result.output
        return result.stdout

    return written


CHECKOUT = """
names everywhere
  checkout     object {id?, external_id?, source_external_id?, created_at?, modified_at?, … 25 more}
  lines        array of objects {product_id, variant_id, quantity, sku?, price?, … 4 more}
  orders       array of objects {id?, external_id?, items?, order_items?, tags?, price?, … 25 more}
  order_key    text or null
  settings     object {square}
  received_at  text
"""
CALL = """
     names
       keys  array of texts  ← lines[].variant_id
       page  object {next}
       body  object {counts}
     decides
       keys  ← lines[].variant_id                                       array of texts
     body
       catalog_object_ids  ← lines[].variant_id                         array of texts
       location_ids        ← settings.square.location_ids               array of texts
       states[0]           = 'IN_STOCK'
       cursor?             ← page.next                                  anything
"""
LINES = """
     names
       line  object {product_id, variant_id, quantity, sku?, price?, available?, tax?, … 2 more}
             ← lines[]
       row   object {catalog_object_id?, catalog_object_type?, state?, location_id?, … 3 more}
             ← body.counts[]
     key
       line  ← lines[].variant_id                                       text
     sets
       available  ← body.counts[].quantity                              number
     unmatched
       available  = 0
"""


@pytest.mark.parametrize("told", [CHECKOUT, CALL, LINES])
def test_the_shipped_checkout_mapping_is_told_with_its_data(run, config, told: str) -> None:
    assert told in run("explain", "square.inventory.validate", "-c", config).stdout


def test_names_of_let_are_followed_back_to_the_order(run, config) -> None:
    told = run("explain", "generic.sync.consume", "-c", config).stdout
    assert "       Idempotency-Key  ← order_key       " in told
    assert (
        "       ship_to?.city       ← order.shipping_address.city,               text or null\n"
        "                             orders[0].shipping_address.city\n"
    ) in told


def test_what_an_order_must_hold_besides_the_contract_is_listed(run, config) -> None:
    told = run("explain", "generic.sync.consume", "-c", config).stdout
    needs = section(told, "also needs (without it 400)")
    assert needs[1] == "  order_key, order.currency, order.price, lines[].price"
    assert needs[2].startswith(
        "  where `ship`: order.shipping_address.first_name or orders[0].shipping_address.first_name"
    )
    assert not any("product_id" in line or "email" in line for line in needs)


@pytest.mark.parametrize("mapping", ["square.inventory.consume", "generic.sync.consume"])
def test_what_is_told_fits_a_terminal_of_100_columns(run, config, mapping) -> None:
    for options in ([], ["--types"]):
        told = run("explain", mapping, "-c", config, *options).stdout
        assert max(map(len, told.splitlines())) <= 100


def test_with_types_each_field_of_each_name_has_a_line_of_its_own(run, config) -> None:
    told = run("explain", "square.inventory.validate", "-c", config, "--types").stdout
    lines = section(told, "names everywhere")
    assert any(line.split() == ["product_id", "text"] for line in lines)
    assert any(line.split() == ["price?", "text", "or", "null"] for line in lines)


TWO_CALLS = """
mapping: acme.order
contract: sync.consume
vendor: acme
let:
  first: lines[0]
calls:
  customer:
    request:
      method: GET
      path: "/customers/{order.customer.id}"
      query:
        kind?: settings.kind
  place:
    request:
      method: POST
      path: /orders
      body:
        customer: calls.customer.body.id
        first: first.sku
        gifts:
          $each: lines[?metadata]
          $as: gift
          $do:
            n: index
            sku: gift.sku
            tag?: upper(gift.tax)
        note: {$text: "{order.email} {order_key}"}
        site: settings.site
        tax: money(order.tax, order.currency || 'USD')
        mark: replace(order.phone, first.variant_id || '-', lines[?sku == 'x'] | type(@))
    idempotency: order_key
    errors:
      - when: body.code == 'x'
        error: Not this one
        details: {fields: "body.errors[].field"}
"""


def test_each_kind_of_source_is_told_by_its_real_name(explain) -> None:
    told = explain(TWO_CALLS, settings={"kind": "a", "site": None}).splitlines()
    rows = [" ".join(line.split()) for line in told]
    assert "/customers/{order.customer.id} ← order.customer.id text or null" in rows
    assert "kind? ← settings.kind text" in rows
    assert "customer ← calls.customer.body.id anything" in rows
    assert "first ← lines[0].sku text or null" in rows
    assert "gifts[].sku ← lines[].sku, lines[].metadata text or null" in rows
    assert "gifts[].tag? ← lines[].metadata, lines[].tax text or null" in rows
    assert "note ← order.email, order_key text or null" in rows
    assert "details.fields? ← calls.place.body.errors[].field array or null" in rows


ONE_LIST = """
mapping: acme.order
contract: sync.consume
vendor: acme
call:
  request:
    method: POST
    path: /orders
    body:
      key: order_key
      flat:
        $concat:
          $each: orders
          $as: part
          $do:
            $each: part.order_items
            $as: piece
            $do: {sku: piece.sku, city: part.shipping_address.city}
  idempotency: order_key
"""


def test_a_list_of_lists_made_one_is_told_with_all_that_it_has_elements_for(explain) -> None:
    told = explain(ONE_LIST)
    rows = [" ".join(line.split()) for line in told.splitlines()]
    assert "flat[] for each of orders array of objects" in rows
    assert "flat[] for each of orders[].order_items array of objects or null" in rows
    assert "flat[].sku ← orders[].order_items[].sku text or null" in rows
    assert "flat[].city ← orders[].shipping_address.city text or null" in rows
    needs = " ".join(section(told, "also needs")[1:]).split()
    assert "orders[].order_items[].sku," in needs
    assert "orders[].order_items," not in needs


def test_a_call_without_a_response_schema_is_hinted_at(explain) -> None:
    told = explain(TWO_CALLS, settings={"kind": "a", "site": None})
    ending = section(told, "of unknown type:")
    assert ending[0] == "of unknown type: 2 of 13 fields"
    assert ending[1] == "  customer, site"
    assert ending[2:] == [
        "  `customer` has no response `schema`: with one, its fields are known",
    ]


def test_settings_that_may_be_null_are_no_matter_of_the_order(explain) -> None:
    told = explain(TWO_CALLS, settings={"kind": "a", "site": None})
    assert "site ← settings.site" in " ".join(section(told, "may be null (then 500)")[1].split())
    needs = section(told, "also needs")[1].strip().split(", ")
    assert needs[:4] == ["order.customer.id", "order_key", "lines[0].sku", "lines[].sku"]
    assert needs[4:] == ["order.email", "order.tax", "order.phone"]


def test_the_schema_that_the_language_page_shows_adds_a_shops_fields(run, tmp_path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "mapping-language.md").read_text()
    blocks = page[page.index("## Types") :].split("```")
    schema = next(block[5:] for block in blocks if block.startswith("json\n"))
    setting = next(block[5:] for block in blocks if block.startswith("yaml\nnacelle:"))
    (tmp_path / "schemas" / "acme").mkdir(parents=True)
    (tmp_path / "schemas" / "acme" / "checkout.json").write_text(schema)
    nacelle = yaml.safe_load(setting)["nacelle"]
    gateway = {
        "version": 1,
        "mappings": ["mapping.yaml"],
        "nacelle": {"signature": {"secrets": [{"env": "SECRET"}]}, **nacelle},
        "vendors": {"acme": {"base_url": "http://127.0.0.1:9"}},
    }
    (tmp_path / "gateway.yaml").write_text(json.dumps(gateway))
    mapping = """
mapping: acme.stock
contract: inventory.validate
vendor: acme
call:
  request:
    method: GET
    path: /stock
    query:
      gift: lines[?gift].variant_id
      club?: checkout.club.level
      free?: checkout.extras.any
lines:
  from: call
  rows: body.rows
  row: row.id
  line: line.variant_id
  set: {available: row.n}
  unmatched: keep
"""
    file = tmp_path / "mapping.yaml"
    file.write_text(mapping)
    result = run("explain", "acme.stock", "-c", tmp_path / "gateway.yaml", env=SECRETS)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "club?  ← checkout.club.level" in result.stdout
    file.write_text(mapping.replace("club.level", "club.levle"))
    misspelt = run("explain", "acme.stock", "-c", tmp_path / "gateway.yaml", env=SECRETS)
    assert "Did you mean level?" in misspelt.stderr
