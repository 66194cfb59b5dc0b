"""python3 verify.py KEY.jwk RECORDS.ndjson prints "line kind" for each flaw of interval records.
Shares nothing with the agent: python3-rfc8785, python3-cryptography, Python's decimals."""
import base64, hashlib, json, sys
from decimal import ROUND_HALF_EVEN, Decimal
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HALF = Decimal("0.0000005")
def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def good(key, record):
    try:
        body = rfc8785.dumps({k: v for k, v in record.items() if k != "sig"})
        key.verify(raw(record["sig"]), body)
        return True
    except (InvalidSignature, KeyError, ValueError): return False

def carbon(text):
    exact = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    for m in exact["metrics"].values():  # of quarters of an hour, and sums of them
        source = exact["metrics"].get(m.get("of"), {})
        if "v" in m and "v" in source:
            factor = exact["factors"].get(m["factor"])
            product = source["v"] * Decimal(factor["value"]) if factor else m["v"]
            parts = (exact["end"] - exact["start"]) / 900_000
            rounded = product.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
            if not factor:
                yield "factor"
            elif m["v"] != rounded if parts == 1 else abs(m["v"] - product) > parts * HALF:
                yield "carbon"

def main(key_file, records_file):
    key = Ed25519PublicKey.from_public_bytes(raw(json.load(open(key_file))["x"]))
    lines, factors, flaws, highest, before = {}, {}, [], {}, None
    for number, text in enumerate(open(records_file, encoding="utf-8"), 1):
        record = json.loads(text)
        digest = hashlib.sha256(rfc8785.dumps(record)).digest()
        place = (record["epoch"], record["seq"])
        if place in lines:
            flaws += [] if lines[place][1] == digest else [(number, "two_contents")]
            continue
        flaws += [] if (signed := good(key, record)) else [(number, "signature")]
        flaws += [(number, kind) for kind in carbon(text)]
        for name, factor in record["factors"].items():
            if factors.setdefault((name, factor["version"]), factor["value"]) != factor["value"]:
                flaws.append((number, "factor"))
        if record["seq"] < highest.get(record["epoch"], 0):
            flaws.append((number, "order"))
        highest[record["epoch"]] = max(record["seq"], highest.get(record["epoch"], 0))
        lines[place] = (number, digest, signed, record.get("prev"))
    for place in sorted(lines):
        if before and before[2] and raw(lines[place][3]) != before[1]:
            flaws.append((lines[place][0], "missing"))
        before = lines[place]
    for number, kind in sorted(set(flaws)):
        print(number, kind)

main(*sys.argv[1:])
