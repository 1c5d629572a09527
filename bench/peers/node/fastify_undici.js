// By hand: Fastify answers, undici asks, jmespath.js reads the answer.
"use strict";
const fastify = require("fastify");
const jmespath = require("jmespath");
const { Pool } = require("undici");

const square = new Pool(process.env.SQUARE_URL, { connections: 300 });
const headers = {
  "content-type": "application/json",
  authorization: `Bearer ${process.env.SQUARE_ACCESS_TOKEN}`,
  "square-version": "2025-08-20",
};

const app = fastify({ bodyLimit: 2 * 1024 * 1024 });

app.post("/inventory/validate", async (request) => {
  const checkout = request.body;
  const { body } = await square.request({
    method: "POST",
    path: "/v2/inventory/counts/batch-retrieve",
    headers,
    body: JSON.stringify({
      catalog_object_ids: [...new Set(jmespath.search(checkout, "items[].variant_id"))],
      location_ids: ["L1"],
      states: ["IN_STOCK"],
    }),
  });
  const rows = jmespath.search(
    await body.json(),
    "counts[].{id: catalog_object_id, quantity: to_number(quantity)}",
  );
  const stock = new Map();
  for (const row of rows) stock.set(row.id, (stock.get(row.id) ?? 0) + row.quantity);
  for (const line of checkout.items) line.available = stock.get(line.variant_id) ?? 0;
  return { checkout };
});

app.get("/health/ready", async () => ({}));

app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
