// By hand: Express answers, axios asks.
"use strict";
const http = require("node:http");
const axios = require("axios");
const express = require("express");

const square = axios.create({
  baseURL: process.env.SQUARE_URL,
  headers: {
    authorization: `Bearer ${process.env.SQUARE_ACCESS_TOKEN}`,
    "square-version": "2025-08-20",
  },
  httpAgent: new http.Agent({ keepAlive: true, maxSockets: 300 }),
});

const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.use(express.json({ limit: "2mb" }));

app.post("/inventory/validate", async (request, response) => {
  const checkout = request.body;
  const answer = await square.post("/v2/inventory/counts/batch-retrieve", {
    catalog_object_ids: [...new Set(checkout.items.map((line) => line.variant_id))],
    location_ids: ["L1"],
    states: ["IN_STOCK"],
  });
  const stock = new Map();
  for (const count of answer.data.counts) {
    const before = stock.get(count.catalog_object_id) ?? 0;
    stock.set(count.catalog_object_id, before + Number(count.quantity));
  }
  for (const line of checkout.items) line.available = stock.get(line.variant_id) ?? 0;
  response.json({ checkout });
});

app.get("/health/ready", (request, response) => response.json({}));

app.listen(Number(process.env.PORT), "127.0.0.1");
