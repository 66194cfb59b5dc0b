"""Makes proof.json and root.json beside it: a zone's tree by the words of the package audit.zone, without its code.

Of five gateways the fourth is the one of record.ndjson; the others are made up, and one of them has an amount below zero.
"""

import base64
import decimal
import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).parent
FIGURES = [
    "co2.scope2.location", "co2.total", "elec.battery.charge", "elec.battery.discharge",
    "elec.grid.export", "elec.grid.import", "elec.load.total", "elec.pv.generation"]


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def natural(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def counted(number):
    return bytes([len(natural(number))]) + natural(number)


class Node:
    def __init__(self, digest, leaves, sums):
        self.digest, self.leaves, self.sums = digest, leaves, sums
        self.bytes = digest + counted(leaves)
        for gateways, above, below in sums:
            some_lack = gateways < leaves
            self.bytes += bytes([len(natural(above)) | (0x10 if some_lack else 0) | (0x20 if below else 0)])
            self.bytes += (counted(gateways) if some_lack else b"") + natural(above) + (counted(below) if below else b"")


def leaf(members):
    sums = []
    for name in FIGURES:
        amount = members["amounts"].get(name)
        sums.append((0, 0, 0) if amount is None else (1, max(0, amount), max(0, -amount)))
    return Node(hashlib.sha256(b"\0" + canonical(members)).digest(), 1, sums)


def above(left, right):
    sums = [tuple(a + b for a, b in zip(*pair)) for pair in zip(left.sums, right.sums)]
    return Node(hashlib.sha256(b"\1" + left.bytes + right.bytes).digest(), left.leaves + right.leaves, sums)


record = json.loads((HERE / "record.ndjson").read_text())
own = {
    "gateway": "wx-gate-001", "epoch": record["epoch"], "seq": record["seq"], "interval": record["interval"],
    "start": record["start"], "rev": record["rev"], "record": text(hashlib.sha256(canonical(record)).digest()),
    "amounts": {n: int(decimal.Decimal(repr(record["metrics"][n]["v"])) * 10**6) for n in FIGURES if n in record["metrics"]}}
others = [
    {**own, "gateway": f"wx-{'aaaz'[n]}-{n}", "record": text(bytes([n] * 32)),
     "amounts": {"elec.grid.import": n * 10**7, "elec.load.total": -n if n == 3 else n * 10**9}} for n in range(4)]
a, b, c, d, e = (leaf(each) for each in [others[0], others[1], others[2], own, others[3]])
top = above(above(above(a, b), above(c, d)), e)
statement = {
    "format": "lingtan zone root 1", "interval": own["interval"], "start": own["start"], "rev": 0, "leaves": 5,
    "top": text(top.digest),
    "figures": {
        name: {"gateways": gateways, "total": str(plus - minus), "below_zero": str(minus)}
        for name, (gateways, plus, minus) in zip(FIGURES, top.sums) if gateways}}
statement["root"] = text(hashlib.sha256(b"\2" + canonical(statement)).digest())
proof = {
    "format": "lingtan zone proof 1", "gateway": own["gateway"], "epoch": own["epoch"], "seq": own["seq"],
    "interval": own["interval"], "start": own["start"], "rev": 0, "leaf": 3, "leaves": 5,
    "path": [text(node.bytes) for node in [c, above(a, b), e]]}
(HERE / "root.json").write_bytes(canonical(statement) + b"\n")
(HERE / "proof.json").write_text(json.dumps(proof, separators=(",", ":")) + "\n")
