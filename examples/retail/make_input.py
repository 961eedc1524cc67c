#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the UCI "Online Retail" set into the input of this example.

    python3 make_input.py online_retail.csv.gz orders.ndjson.gz

Reads the lines of the invoices (InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
UnitPrice, CustomerID, Country; plain or gzipped CSV) and writes one JSON message per line in
Segment's shape: a `track` for every invoice, an `identify` right before the first invoice of every
customer, and an `advance` to the end of the data's last day. README.md says what was decided and
why. The output depends on nothing but the input: the gzip header has neither name nor time.
"""

import csv
import gzip
import io
import json
import sys
from datetime import datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

SHOP_ZONE = ZoneInfo("Europe/London")
END = "2011-12-10T00:00:00Z"
PRODUCTS_PER_INVOICE = 3

# What the set is known to hold; a different file is refused rather than half understood.
INVOICES = 25_900
CANCELLATIONS = 3_836
CUSTOMERS = 4_372
ANONYMOUS_INVOICES = 3_710
REVENUE = Decimal("9747747.93")


def utc_text(wall_time):
    """The shop's wall time as UTC text. A time that occurs twice is the earlier one."""
    local = datetime.strptime(wall_time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHOP_ZONE, fold=0)
    return local.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_invoices(path):
    """Lines grouped by invoice, in the order in which the invoices first appear."""
    opened = gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")
    invoices = {}
    with opened as raw:
        for line in csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")):
            invoices.setdefault(line["InvoiceNo"], []).append(line)
    return invoices


def line_value(line):
    return int(line["Quantity"]) * Decimal(line["UnitPrice"])


def is_cancellation(number):
    return number.startswith("C")


def products(lines):
    """The first few lines that name a product, as Segment's e-commerce events list them."""
    named = [line for line in lines if line["Description"].strip()]
    return [
        {"sku": line["StockCode"], "name": " ".join(line["Description"].split())}
        for line in named[:PRODUCTS_PER_INVOICE]
    ]


def invoice_message(number, lines):
    customers = {line["CustomerID"] for line in lines}
    if len(customers) != 1:
        raise SystemExit(f"invoice {number} belongs to several customers")
    customer = customers.pop()
    # A cancellation's lines are negative; the message says how much was cancelled.
    sign = -1 if is_cancellation(number) else 1
    total = sign * sum(map(line_value, lines))
    when = utc_text(min(line["InvoiceDate"] for line in lines))
    message = {
        "type": "track",
        "event": "Order Cancelled" if is_cancellation(number) else "Order Completed",
        "messageId": f"inv-{number}",
    }
    if customer:
        message["userId"] = customer
    else:
        message["anonymousId"] = f"anon-{number}"
    message["timestamp"] = when
    message["receivedAt"] = when
    message["properties"] = {
        "order_id": number,
        "total": float(total.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)),
        "currency": "GBP",
        "items": len(lines),
        "quantity": sign * sum(int(line["Quantity"]) for line in lines),
        "country": lines[0]["Country"],
        "products": products(lines),
    }
    return message


def identify_message(customer, first):
    return {
        "type": "identify",
        "messageId": f"customer-{customer}",
        "userId": customer,
        "timestamp": first["timestamp"],
        "receivedAt": first["receivedAt"],
        "traits": {
            "email": f"{customer}@example.com",
            "country": first["properties"]["country"],
            "zone": SHOP_ZONE.key,
        },
    }


def check(invoices, messages):
    customers = {m["userId"] for m in messages if "userId" in m}
    assert len(messages) == INVOICES, len(messages)
    assert sum(m["event"] == "Order Cancelled" for m in messages) == CANCELLATIONS
    assert sum("anonymousId" in m for m in messages) == ANONYMOUS_INVOICES
    assert len(customers) == CUSTOMERS, len(customers)
    revenue = sum(line_value(line) for lines in invoices.values() for line in lines)
    assert abs(revenue - REVENUE) < Decimal("0.01"), revenue


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    invoices = read_invoices(sys.argv[1])
    messages = [invoice_message(number, lines) for number, lines in invoices.items()]
    check(invoices, messages)
    # Stable: invoices of the same minute keep the order of the set.
    messages.sort(key=lambda message: message["timestamp"])

    known = set()
    output = []
    for message in messages:
        customer = message.get("userId")
        if customer and customer not in known:
            known.add(customer)
            output.append(identify_message(customer, message))
        output.append(message)
    output.append({"type": "advance", "to": END})

    text = "".join(json.dumps(m, ensure_ascii=False, separators=(",", ":")) + "\n" for m in output)
    with open(sys.argv[2], "wb") as file:
        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0)
        packed.write(text.encode("utf-8"))
        packed.close()
    print(
        f"{len(messages):,} invoices, {CANCELLATIONS:,} of them cancellations, "
        f"{len(known):,} customers, {ANONYMOUS_INVOICES:,} invoices without customer"
    )


if __name__ == "__main__":
    main()
