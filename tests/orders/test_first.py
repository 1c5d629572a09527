MAPPING = """
mapping: acme.consume
contract: inventory.consume
vendor: acme
call:
  request:
    method: POST
    path: /take
    body: {key: order_key, lines: {$each: lines, $as: line, $do: {id: line.variant_id, n: line.quantity}}}
  idempotency: order_key
delivery: {key: order_key}
"""
ORDER = {"id": "o1", "order_items": [{"product_id": "p", "variant_id": "v", "quantity": 1}]}


async def test_it(deploy, vendor, log):
    vendor.always({"ok": True})
    gateway = await deploy(MAPPING, durable=True)
    reply = await gateway.post("inventory.consume", ORDER)
    print(log.getvalue().decode())
    assert reply.status == 200, reply.content
    reply = await gateway.post("inventory.consume", ORDER)
    assert reply.status == 200, reply.content
    assert len(vendor.heard) == 1
    other = {**ORDER, "order_items": [{"product_id": "p", "variant_id": "v", "quantity": 2}]}
    reply = await gateway.post("inventory.consume", other)
    print(log.getvalue().decode())
    assert reply.reason == "key_reused"
