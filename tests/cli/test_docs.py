"""`gateway docs`: what the pages of the shipped mappings say, and of one with everything in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config.load import load

EVERYTHING = """
mapping: acme.stock
contract: inventory.validate
calls:
  shop: {vendor: acme, request: {method: GET, path: /shop}}
  sizes:
    vendor: other
    each: lines[?sku == '"A" | <B>' || `1` == quantity]
    as: size
    at_once: 3
    when: settings.sizes.wanted
    request: {method: GET, path: "/sizes/{size.sku}", query: {"shop": settings.shop}}
    errors:
      - {when: status == `404` || settings.strict, status: 409, error: "No size | {size.sku}"}
      - {when: status == `410`, error: "Ask {settings.help}"}
lines:
  from: shop
  rows: calls.shop.body.rows
  row: row.sku
  line: line.sku
  set: {available: row.stock}
  unmatched: error
"""
ORDER = """
mapping: acme.take
contract: inventory.consume
vendor: acme
call:
  request: {method: POST, path: /take, body: {key: order_key}}
  find:
    request: {method: GET, path: "/taken/{order_key}", query: {shop: settings.shop}}
    response: {succeeds: body.site == settings.site}
    found: body.ids[?@ == var('settings').wanted]
  undo:
    let: {place: settings.place}
    request: {method: DELETE, path: "/taken/{result}", query: {place: place}}
    errors:
      - {when: status == settings.gone, then: done}
  errors:
    - {when: status == `409`, then: done}
    - {when: status == `423`, then: retry}
    - {when: status == `504`, then: find}
delivery: {answer: when_stored, give_up_after: 2h, changed: ignore}
"""
GATEWAY = """
version: 1
mappings: [stock.yaml, take.yaml]
settings:
  {shop: A, strict: false, sizes: {wanted: true}, site: 1, wanted: 2, place: P, gone: 404,
  help: H}
vendors:
  acme:
    base_url: https://acme.example
    auth: {type: basic, user: {env: ACME_USER}, password: {file: secrets/acme}}
  other: {base_url: https://other.example, retry: {attempts: 2}}
"""
_ID = r"\w+"
_LABEL = r'"[^"`<>]*(?:<br/>[^"`<>]*)*"'
MERMAID = re.compile(
    rf"{_ID}(?:\[{_LABEL}\]|\(\[{_LABEL}\]\))"
    rf"|{_ID} (?:-->|<-->) {_ID}(?:\[\({_LABEL}\)\])?"
    rf"|{_ID} -\. {_LABEL} \.-> {_ID}"
)


@pytest.fixture
def pages(run, config, tmp_path: Path) -> Path:
    outcome = run("docs", "--config", config, "--output", tmp_path / "new" / "pages")
    assert outcome.exit_code == 0, outcome.output
    return tmp_path / "new" / "pages"


@pytest.fixture
def acme(run, tmp_path: Path) -> Path:
    """The pages of two mappings, with what the shipped ones don't have."""
    (tmp_path / "stock.yaml").write_text(EVERYTHING)
    (tmp_path / "take.yaml").write_text(ORDER)
    (tmp_path / "gateway.yaml").write_text(GATEWAY)
    outcome = run("docs", "--config", tmp_path / "gateway.yaml", "--output", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    return tmp_path


@pytest.fixture
def everything(acme: Path) -> str:
    """The page of calls at once, conditions, and what Markdown stumbles over."""
    return (acme / "acme.stock.md").read_text()


def flow_in(page: str) -> list[str]:
    return page.partition("```mermaid\n")[2].partition("\n```")[0].splitlines()


def test_each_mapping_has_a_page(pages, config) -> None:
    mappings = load(config, None).mappings
    assert {path.stem for path in pages.iterdir()} == {spec.mapping.text for spec in mappings}
    assert len(mappings) > 1


CONSUME = {
    "what is called": "`POST /inventory/consume`, the contract `inventory.consume`, an effect",
    "the time": "5 s at worst (counts 2.5 s a page, take 2.5 s an element). The deadline cuts off",
    "a step of the flow": '  step5["call:take<br/>POST /v2/inventory/changes/batch-create<br/>',
    "the order of the flow": "  step4 --> step5\n",
    "whom it calls": '  step5 <--> vendor_square[("square")]\n',
    "where it can end": '  step4 -. "422" .-> refused\n',
    "a call": "- `POST {SQUARE_URL}/v2/inventory/changes/batch-create`\n",
    "pages": "- page by page until `body.cursor` is null, 100 pages at most\n",
    "a field and its source": "| `changes[].adjustment.reference_id` | `order_key` | text",
    "a fixed field": "| `changes[].adjustment.to_state` | always `'SOLD'` |  |\n",
    "an error rule": "| `body.errors[?ends_with(field \\|\\| '', 'occurred_at')]` | 422 |",
    "an error's details": "| `details.fields?` ← `calls.take[].body.errors[].field` |\n",
    "the join": "`row.catalog_object_id` equals `line.variant_id`, to check the stock only.\n",
    "what goes back": "\nThe order goes back as it came.\n",
    "settings": "`settings.square.changes_at_once`, `settings.square.location_ids`.\n",
    "a secret": "| `SQUARE_ACCESS_TOKEN` | variable | `vendors.square.auth.token` |\n",
    "an address": "| `SQUARE_URL` | variable, or a default | `vendors.square.base_url` |\n",
    "who calls": "| `NACELLE_SIGNATURE_SECRET` | variable | `nacelle.signature.secrets[0]` |\n",
    "what must be there": "Without one of these the answer is 400: `order_key`.\n",
    "what may not be null": "Without one of these the answer is 400: `order_key`.",
}


@pytest.mark.parametrize("said", CONSUME.values(), ids=CONSUME)
def test_the_page_of_a_mapping_says(pages, said: str) -> None:
    assert said in (pages / "square.inventory.consume.md").read_text()


def test_what_the_reply_sets_is_told_with_its_sources(pages) -> None:
    page = (pages / "generic.taxes.validate.md").read_text()
    back = page.partition("## What goes back\n")[2]
    assert "What the checkout gets:\n" in back
    assert re.search(r"^\| `tax\w*\??` \| .*`body\.", back, re.MULTILINE), back


def test_only_secrets_of_the_vendors_that_it_calls_are_named(pages) -> None:
    page = (pages / "generic.taxes.validate.md").read_text()
    assert "TAXES_API_KEY" in page
    assert "SQUARE" not in page


def test_the_pages_are_the_same_whatever_the_environment(run, config, pages, tmp_path) -> None:
    planted = {"SQUARE_URL": "https://planted.example", "SQUARE_ACCESS_TOKEN": "planted-token"}
    run("docs", "--config", config, "--output", tmp_path, env=planted)
    for path in pages.iterdir():
        assert (tmp_path / path.name).read_text() == path.read_text()


def test_each_line_of_a_diagram_is_mermaids(pages, everything) -> None:
    texts = [everything, *(path.read_text() for path in pages.iterdir())]
    for text in texts:
        head, *lines = flow_in(text)
        assert head == "flowchart TD"
        for line in lines:
            assert MERMAID.fullmatch(line.strip()), line


def test_calls_that_run_at_once_stand_side_by_side(everything) -> None:
    edges = [line.strip() for line in flow_in(everything) if " --> " in line]
    assert edges[:4] == [
        "start --> step1_1",
        "start --> step1_2",
        "step1_1 --> step2",
        "step1_2 --> step2",
    ]
    assert "At the same time as `call:sizes`." in everything


def test_conditions_and_elements_of_a_call_are_told(everything) -> None:
    assert "- only where `settings.sizes.wanted` is true\n" in everything
    assert "3 at a time\n" in everything
    assert "- takes at most 2 × 3 s" in everything  # noqa: RUF001 - it is meant
    assert "A line without a row ends the exchange with 422.\n" in everything


def test_it_is_told_what_becomes_of_an_order_in_doubt(acme) -> None:
    page = (acme / "acme.take.md").read_text()
    assert "answered as soon as the order is stored." in page
    assert (
        "again for 2 hours. The same order with other content is answered as the first was.\n"
        in (page)
    )
    assert "- where no answer came: `GET /taken/{order_key}` asks for it, and `body.ids" in page
    assert "- where a later call fails for good: `DELETE /taken/{result}` takes it back\n" in page
    assert "| `` status == `409` `` | taken for a success |  |  |\n" in page
    assert "| `` status == `423` `` | sent again: nothing was done |  |  |\n" in page
    assert "| `` status == `504` `` | asked for: it may have been done |  |  |\n" in page
    assert not [line for line in flow_in(page) if "step2 -." in line]


def test_an_expression_reads_as_it_is_in_tables_and_in_text(everything) -> None:
    assert "for each of `` lines[?sku == '\"A\" | <B>' || `1` == quantity] ``" in everything
    assert "| `` status == `404` \\|\\| settings.strict `` | 409 | `No size \\| {size.sku}` |" in (
        everything
    )


def test_settings_are_found_wherever_they_are_read_and_secret_files(everything, acme) -> None:
    named = "`settings.help`, `settings.shop`, `settings.sizes.wanted`, `settings.strict`"
    assert f"Settings of gateway.yaml: {named}.\n" in everything
    assert "| `secrets/acme` | file | `vendors.acme.auth.password` |\n" in everything
    taken = (acme / "acme.take.md").read_text()
    named = ", ".join(f"`settings.{each}`" for each in ("gone", "place", "shop", "site"))
    assert f"Settings of gateway.yaml: {named}, `settings.wanted`.\n" in taken
    assert "| `ACME_USER` | variable | `vendors.acme.auth.user` |\n" in everything
