"""Orders that the contract allows, with whatever shops may put into them."""

from __future__ import annotations

from hypothesis import strategies as st

TEXTS = st.sampled_from(["", " ", "GB", "x" * 300]) | st.text(max_size=12)
PRICES = st.decimals(-5, 10**6, places=2).map(str)
ADDRESSES = st.fixed_dictionaries(
    dict.fromkeys(["first_name", "last_name", "address1", "city"], TEXTS)
    | {"country_iso2": st.just("GB") | TEXTS},
    optional=dict.fromkeys(["name", "address2", "state", "zip"], TEXTS),
)
LINES = st.fixed_dictionaries(
    {
        "product_id": st.just("p"),
        "variant_id": st.just("v"),
        "sku": st.just("A") | TEXTS,
        "quantity": st.integers(0, 99) | st.just(1),
        "price": PRICES,
    }
)
ODD_ORDERS = st.fixed_dictionaries(
    {
        "id": st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
        "currency": st.just("GBP") | TEXTS,
        "price": PRICES,
        "order_items": st.lists(LINES, min_size=1, max_size=4),
        "shipping_address": ADDRESSES,
    },
    optional={
        "email": TEXTS,
        "tax": PRICES,
        "shipping_rate": st.fixed_dictionaries({"code": TEXTS, "price": PRICES}),
    },
)
