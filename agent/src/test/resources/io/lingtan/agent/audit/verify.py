"""python3 verify.py KEY.jwk RECORDS.ndjson prints "line kind" for each flaw of interval records.
Shares nothing with the agent: python3-rfc8785, python3-cryptography, Python's decimals."""
import base64, hashlib, json, rfc8785, sys
from decimal import Decimal
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
def good(key, of):
    try:
        return key.verify(raw(of["sig"]), rfc8785.dumps({k: of[k] for k in of if k != "sig"})) is None
    except (InvalidSignature, KeyError, ValueError):
        return False
def amount(name, of, metrics):
    names = [of, "elec.grid.export"] if name == "co2.purchased_net" else [of]
    parts = [metrics.get(part, {}).get("v") for part in names]
    return None if None in parts else parts[0] - sum(parts[1:])
def carbon(text, bases):
    """Energy times factor; of a longer record, told again or not, that of each base interval."""
    exact = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    start, end, metrics = exact["start"], exact["end"], exact["metrics"]
    bases |= {start: (end, metrics)} if exact["interval"].endswith("m") else {}
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
                energy = amount(name, m["of"], part)  # each product is rounded half-even
                total = None if energy is None else total + round(energy * value, 6)
            added = at >= end and total is not None
            most = 0 if added else (end - start) / 900_000 * Decimal("0.0000005")
            if abs(m["v"] - (total if added else whole * value)) > most:
                yield "carbon"
key = Ed25519PublicKey.from_public_bytes(raw(json.load(open(sys.argv[1]))["x"]))
lines, factors, flaws, highest, bases, before = {}, {}, set(), {}, {}, None
for number, text in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
    record = json.loads(text)
    if "interval" not in record:
        continue
    digest, place = hashlib.sha256(rfc8785.dumps(record)).digest(), (record["epoch"], record["seq"])
    if place in lines:
        flaws |= set() if lines[place][1] == digest else {(number, "two_contents")}
        continue
    lines[place] = (number, digest, good(key, record), record.get("prev"))
    flaws |= set() if lines[place][2] else {(number, "signature")}
    flaws |= {(number, kind) for kind in carbon(text, bases)}
    flaws |= {(number, "factor") for name, factor in record["factors"].items()
              if factors.setdefault((name, factor["version"]), factor["value"]) != factor["value"]}
    flaws |= {(number, "order")} if place[1] < highest.get(place[0], 0) else set()
    highest[place[0]] = max(place[1], highest.get(place[0], 0))
for place in sorted(lines):
    if before and before[2] and raw(lines[place][3]) != before[1]:
        flaws.add((lines[place][0], "missing"))
    before = lines[place]
print(*(f"{number} {kind}\n" for number, kind in sorted(flaws)), sep="", end="")
