"""python3 verify.py KEY.jwk RECORDS.ndjson prints "line kind" for each flaw of interval records.
Shares nothing with the agent: python3-rfc8785, python3-cryptography, Python's decimals."""
import base64, hashlib, json, sys
from decimal import ROUND_HALF_EVEN, Decimal
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HALF = Decimal("0.0000005")
def rounded(product):
    return product.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)

def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def good(key, record):
    try:
        body = rfc8785.dumps({k: v for k, v in record.items() if k != "sig"})
        key.verify(raw(record["sig"]), body)
        return True
    except (InvalidSignature, KeyError, ValueError): return False

def amount(name, of, metrics):
    less = metrics.get("elec.grid.export", {}).get("v") if name == "co2.purchased_net" else 0
    all = metrics.get(of, {}).get("v")
    return None if all is None or less is None else all - less

def carbon(text, bases):
    """Energy times factor; of a longer record, told again or not, that of each base interval."""
    exact = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    start, end, metrics = exact["start"], exact["end"], exact["metrics"]
    if exact["interval"].endswith("m"):
        bases[start] = (end, metrics)
    for name, m in metrics.items():
        if "v" not in m or "factor" not in m or "of" not in m or name.startswith("co2.load."):
            continue
        factor, whole = exact["factors"].get(m["factor"]), amount(name, m["of"], metrics)
        if not factor:
            yield "factor"
        elif (factor["u"], m["u"]) == ("kg/(kW.h)", "kg") and whole is not None:
            value, at, total = Decimal(factor["value"]), start, Decimal(0)
            while at in bases and at < end and total is not None:
                at, part = bases[at]
                energy = amount(name, m["of"], part)
                total = None if energy is None else total + rounded(energy * value)
            off = abs(m["v"] - (whole * value if at < end or total is None else total))
            if off > ((end - start) / 900_000 * HALF if at < end or total is None else 0):
                yield "carbon"

def main(key_file, records_file):
    key = Ed25519PublicKey.from_public_bytes(raw(json.load(open(key_file))["x"]))
    lines, factors, flaws, highest, bases, before = {}, {}, [], {}, {}, None
    for number, text in enumerate(open(records_file, encoding="utf-8"), 1):
        record = json.loads(text)
        if "interval" not in record:
            continue
        digest = hashlib.sha256(rfc8785.dumps(record)).digest()
        place = (record["epoch"], record["seq"])
        if place in lines:
            flaws += [] if lines[place][1] == digest else [(number, "two_contents")]
            continue
        flaws += [] if (signed := good(key, record)) else [(number, "signature")]
        flaws += [(number, kind) for kind in carbon(text, bases)]
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
