"""Works a month of MonthJudgeTest out again, from its readings (the records of kind data), its CSV
files and config/README.md alone, and compares each figure of the agent to its last digit.

    month.py FOLDER     exit 0: all agree. 1: what does not, a line each.
"""

import csv
import json
import math
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal as D, getcontext
from pathlib import Path

getcontext().prec = 50
FOLDER = Path(sys.argv[1])
ZONE = timezone(timedelta(hours=8))
MONTH = (datetime(2026, 2, 1, tzinfo=ZONE), datetime(2026, 3, 1, tzinfo=ZONE))
QUARTER = timedelta(minutes=15)
MICRO = D("0.000001")

def mg(x):
    return x.quantize(MICRO, ROUND_HALF_EVEN)

def fen(x):
    return int((x * 100).quantize(D(1), ROUND_HALF_UP))

# What meters counted in each quarter of an hour.
readings, told = defaultdict(dict), {}
for line in open(FOLDER / "records.ndjson", encoding="utf-8"):
    record = json.loads(line, parse_float=D, parse_int=D)
    if "values" in record:
        at = datetime.fromtimestamp(int(record["ts"]) // 1000, ZONE)
        for point, value in record["values"].items():
            readings[record["device"], point][at] = D(value)
    elif record.get("interval") == "1M" and int(record["start"]) == MONTH[0].timestamp() * 1000:
        told = record["metrics"]  # the last one is the newest

def rises(device, point):
    r = readings[device, point]
    return {t: r[t + QUARTER] - r[t] for t in r if t + QUARTER in r}

REGISTERS = {"import": "gate energy_import", "export": "gate energy_export", "pv": "roof energy_export",
             "charge": "store energy_charged", "discharge": "store energy_discharged", "hall": "press energy_import",
             "ri": "gate reactive_energy_import", "re": "gate reactive_energy_export", "heat": "hot energy_import"}
RISES = {name: rises(*register.split()) for name, register in REGISTERS.items()}
TIMES = [t for t in sorted(RISES["import"]) if MONTH[0] <= t < MONTH[1]]
assert len(TIMES) == 28 * 96
sums = {name: sum(each[t] for t in TIMES) for name, each in RISES.items()}

def factor(t):
    return D("0.5978") if t.day < 10 else D("0.5827")

def flows(t):
    """The order of metering.allocation: priority."""
    left = {k: RISES[k][t] for k in ("import", "pv", "discharge", "charge", "export")}
    left["load"] = load = left["import"] + left["pv"] + left["discharge"] - left["export"] - left["charge"]
    moved = defaultdict(D)
    order = ("import charge", "pv charge", "pv export", "discharge export", "import charge", "pv load", "discharge load", "import load")
    for i, way in enumerate(order):
        a, b = way.split()
        most = max(D(0), left["import"] - load) if i == 0 else left[a]
        moved[a, b] += (x := min(left[a], left[b], most))
        left[a] -= x
        left[b] -= x
    return moved

FLOWS = {t: flows(t) for t in TIMES}
flow = {key: sum(f[key] for f in FLOWS.values()) for key in
        [(a, b) for a in ("import", "pv", "discharge") for b in ("load", "charge", "export")]}
load = sum(flow[a, "load"] for a in ("import", "pv", "discharge"))

# Hour by hour; a battery gives what was clean of its local day's charge, and what it gives beyond that charge is not.
matched = clean = D(0)
for day in sorted({t.date() for t in TIMES}):
    today = [t for t in TIMES if t.date() == day]
    charged = sum(RISES["charge"][t] for t in today)
    discharged = sum(RISES["discharge"][t] for t in today)
    stored = sum(FLOWS[t]["pv", "charge"] for t in today)
    for hour in range(24):
        quarters = [t for t in today if t.hour == hour]
        given = sum(RISES["discharge"][t] for t in quarters)
        of_battery = mg(given * stored / max(charged, discharged)) if stored else D(0)
        there = sum(FLOWS[t]["pv", "load"] + FLOWS[t]["pv", "export"] for t in quarters) + of_battery
        need = sum(FLOWS[t][a, "load"] for t in quarters for a in ("import", "pv", "discharge"))
        matched += min(need, there)
        clean += there

# Gas as it flows, at 8 degrees and 12.5 kPa of gauge pressure, to 20 degrees, then to 0.
to_20 = (D("100.3") + D("12.5")) / D("101.325") * D("293.15") / D("281.15")
counter = readings["boiler", "volume"]
# What is less than a millionth goes on to the next reading.
gas_at = {t: ((r - min(counter.values())) * to_20).quantize(MICRO, ROUND_FLOOR) for t, r in counter.items()}
gas = {t: gas_at[t + QUARTER] - gas_at[t] for t in TIMES}
normal = {t: mg(gas[t] * D("273.15") / D("293.15")) for t in TIMES}
heat = {t: RISES["heat"][t] * D("0.0036") for t in TIMES}
v = {
    "elec.grid.import": sums["import"], "elec.grid.export": sums["export"], "elec.pv.generation": sums["pv"],
    "elec.battery.charge": sums["charge"], "elec.battery.discharge": sums["discharge"],
    "elec.load.hall": sums["hall"], "reactive.import": sums["ri"], "reactive.export": sums["re"],
    "elec.load.total": load, "balance.residual": load - sums["hall"],
    "balance.residual_pct": (load - sums["hall"]) / (sums["import"] + sums["pv"] + sums["discharge"]) * 100,
    "kpi.self_consumption": (flow["pv", "load"] + flow["pv", "charge"]) / sums["pv"],
    "kpi.self_sufficiency": 1 - flow["import", "load"] / load,
    "clean.matched": matched, "clean.unmatched": clean - matched, "clean.score": matched / load * 100,
    "clean.battery_share": flow["pv", "charge"] / sums["charge"] * 100,
    "fuel.gas.volume": sum(gas.values()), "fuel.gas.normal": sum(normal.values()), "heat.energy": sum(heat.values()),
    "pf": sums["import"] / (sums["import"] ** 2 + (sums["ri"] + sums["re"]) ** 2).sqrt(),
    "demand.month_max": 4 * max(RISES["import"][t] for t in TIMES),
    "storage.rte_raw": sums["discharge"] / sums["charge"] * 100, "storage.efc": sums["discharge"] / 400,
    "co2.scope1.natural_gas": sum(mg(n * D("2.16219")) for n in normal.values()),
    "co2.scope2.heat": sum(mg(h * 110) for h in heat.values()),
    "co2.scope2.location": sum(mg(RISES["import"][t] * factor(t)) for t in TIMES),
    "co2.purchased_net": sum(mg((RISES["import"][t] - RISES["export"][t]) * factor(t)) for t in TIMES),
    "co2.avoided.pv_self": sum(mg(FLOWS[t]["pv", "load"] * factor(t)) for t in TIMES),
    "co2.avoided.pv_export": sum(mg(FLOWS[t]["pv", "export"] * factor(t)) for t in TIMES),
}
names = {"import": "grid", "pv": "pv", "discharge": "battery", "load": "load", "charge": "battery", "export": "grid"}
for (a, b), energy in flow.items():
    if names[a] != names[b]:
        v[f"flow.{names[a]}_to_{names[b]}"] = energy

# What people told.
def rows(name):
    lines = csv.DictReader(open(FOLDER / name, encoding="utf-8"))
    return [r for r in lines if MONTH[0].date() <= datetime.fromisoformat(r["date"]).date() < MONTH[1].date()]

told_of = defaultdict(D)
for r in rows("fuel.csv"):
    each = D(r["amount"]) * (1000 if r["unit"] in ("t", "m3") else 1)
    told_of["fuel.mass." + r["fuel"]] += each * D(r["density_kg_per_l"] or 1)
for r in rows("gas.csv"):
    told_of["refrigerant.loss." + r["refrigerant"]] += D(r["charged_kg"]) - D(r["recovered_kg"])
for r in rows("heat.csv"):
    tonnes = D(r["tonnes"] or 0)
    if r["gj"]:
        each = D(r["gj"])
    elif r["heat"] == "steam":
        each = tonnes * (D(r["enthalpy_kj_per_kg"]) - D(r["return_kj_per_kg"] or "83.74")) / 1000
    else:
        each = tonnes * (D(r["temperature_c"]) - 20) * D("4.1868") / 1000
    told_of["heat." + r["heat"]] += mg(each)
v.update(told_of)
FUELS = {"diesel": ("0.04333", "0.02020", "0.98"), "petrol": ("0.04480", "0.01890", "0.98"), "lng": ("0.041868", "0.01530", "0.99"),
         "lpg": ("0.04731", "0.01720", "0.99")}
for fuel, (ncv, carbon, oxidation) in FUELS.items():
    per_kg = (D(ncv) * D(carbon) * D(oxidation) * 44 / 12 * 1000).quantize(D("0.00001"), ROUND_HALF_UP)
    v["co2.scope1." + fuel] = mg(told_of["fuel.mass." + fuel] * per_kg)
AR5 = {"R-410A": (677 + D(3170)) / 2, "SF6": D(23500), "R-404A": D("0.44") * 3170 + D("0.52") * 4800 + D("0.04") * 1300}
for name, gwp in AR5.items():
    v["refrigerant.co2e." + name] = mg(told_of["refrigerant.loss." + name] * gwp)
v["co2.scope1.refrigerants"] = sum(v["refrigerant.co2e." + name] for name in AR5)
for name in ("steam", "hot_water"):
    v["co2.scope2." + name] = mg(told_of["heat." + name] * 110)
v["co2.total"] = sum(x for n, x in v.items() if n.startswith(("co2.scope1.", "co2.scope2.")))
v["co2.per_load_kwh"] = v["co2.total"] / load
COAL = {"electricity": (sums["import"] - sums["export"]) * D("0.1229"), "pv": sums["pv"] * D("0.1229"),
        "natural_gas": v["fuel.gas.normal"] * D("1.33"), "heat": v["heat.energy"] * D("34.12"),
        "diesel": told_of["fuel.mass.diesel"] * D("1.4571"), "petrol": told_of["fuel.mass.petrol"] * D("1.4714"),
        "lng": told_of["fuel.mass.lng"] * D("1.7572"), "lpg": told_of["fuel.mass.lpg"] * D("1.7143"), "steam": told_of["heat.steam"] * D("34.12"),
        "hot_water": told_of["heat.hot_water"] * D("34.12")}
for carrier, kilograms in COAL.items():
    v["tce.by_carrier." + carrier] = mg(kilograms / 1000)
v["tce.total"] = sum(v["tce.by_carrier." + carrier] for carrier in COAL)
curtailed = sum(D(r["kwh"]) for r in rows("curtailed.csv"))
v["direct.available"] = sums["pv"] + curtailed
v["direct.self_used"] = own = sums["pv"] - sums["export"]
v["direct.self_of_available"] = own / (sums["pv"] + curtailed) * 100
v["direct.self_of_use"] = own / (own + sums["import"]) * 100
v["direct.export_of_available"] = sums["export"] / (sums["pv"] + curtailed) * 100

# Periods of Jiangsu in February; deep valley on the holidays of Spring Festival.
PERIODS = [("peak", 14, 22), ("flat", 6, 11), ("flat", 13, 14), ("flat", 22, 24), ("valley", 0, 6), ("valley", 11, 13)]
by_period = defaultdict(D)
for t in TIMES:
    name = next(name for name, first, end in PERIODS if first <= t.hour < end)
    deep = 10 <= t.hour < 14 and 15 <= t.day <= 23
    by_period["deep" if deep else name] += RISES["import"][t]
v.update({"elec.grid.import." + name: energy for name, energy in by_period.items()})

# How sure: the standard uncertainty of each source of error, in squares, k = 2. A step is read at two ends.
ENDS = D(6).sqrt()
GRID = (D("0.5") ** 2 + D("0.2") ** 2).sqrt() / 100 / D(3).sqrt()
PRESS = (1 + D("0.5") ** 2).sqrt() / 100 / D(3).sqrt()
ONE = 1 / D(3).sqrt() / 100
WATT_HOUR = D("0.001") / ENDS

def fine(name):
    """The distance of two float32 numbers where the register stands at the end of the month."""
    return D(2) ** (math.frexp(float(readings[tuple(REGISTERS[name].split())][MONTH[1]]))[1] - 24) / ENDS

at_gate = (sums["import"] - sums["export"]) * GRID
stored = (sums["charge"] - sums["discharge"]) * ONE
of_load = [at_gate, sums["pv"] * ONE, stored, fine("import"), fine("export"), fine("pv"), WATT_HOUR, WATT_HOUR]
of_hall = [sums["hall"] * PRESS, fine("hall")]
of_heat = [v["heat.energy"] * ONE * 3, D("0.0036") / ENDS]
each = v["co2.scope2.location"] / sums["import"]
unsure = {
    "elec.grid.import": [sums["import"] * GRID, fine("import")], "elec.grid.export": [sums["export"] * GRID, fine("export")],
    "elec.pv.generation": [sums["pv"] * ONE, fine("pv")], "elec.battery.charge": [sums["charge"] * ONE, WATT_HOUR],
    "elec.battery.discharge": [sums["discharge"] * ONE, WATT_HOUR], "elec.load.hall": of_hall,
    "elec.load.total": of_load, "balance.residual": of_load + of_hall,
    # How far temperature and pressure of the gas are off nobody says.
    "heat.energy": of_heat, "co2.scope2.heat": [x * 110 for x in of_heat],
    "co2.scope2.location": [sums["import"] * GRID * each, fine("import") * each, v["co2.scope2.location"] * 4 / 100 / 2],
}

wrong, agreed = [], 0

def same(name, is_, should):
    global agreed
    agreed += is_ == should
    if is_ != should:
        wrong.append(f"{name} is {is_}, should be {should}")

for name, value in v.items():
    same(name, told.get(name, {}).get("v"), mg(value))
for name in v:
    half = 2 * sum(x * x for x in unsure[name]).sqrt() if name in unsure else None
    same("pm of " + name, told.get(name, {}).get("pm"), half and half.quantize(MICRO, ROUND_HALF_UP))

# The bill: each line to the fen, contract of 500 kW, of 630 kVA at least 40 %.
energy = sums["import"]
PRICES = {"purchase": "0.3957", "line_loss": "0.0115", "system_operation": "0.0736", "transmission": "0.1298", "funds": "0.0294"}
BY_PERIOD = {"peak": "1.8", "flat": "1", "valley": "0.35", "deep": "0.28"}
bill = {f"purchase_{p}": fen(by_period[p] * D("0.3957") * D(x)) for p, x in BY_PERIOD.items()}
bill.update({name: fen(energy * D(price)) for name, price in PRICES.items() if name != "purchase"})
price = D("51.2") * (D("0.9") if energy / 630 >= 260 else 1)
demand = v["demand.month_max"]
bill["contract"] = fen((500 + max(D(0), demand - 525) * 2) * price)
pf = v["pf"].quantize(D("0.01"), ROUND_HALF_UP)
assert D("0.70") <= pf < D("0.90")  # half a percent for each hundredth below
bill["power_factor"] = fen(D(sum(bill.values()) - bill["funds"]) / 100 * (D("0.90") - pf) / 2)
made = json.loads((FOLDER / "bill.json").read_text(), parse_float=D, parse_int=D)
for line in made["lines"]:
    same("bill: " + line["name"], line["fen"], bill.pop(line["name"], None))
    bill["total"] = bill.get("total", 0) + int(line["fen"])
same("bill: total", made["total_fen"], bill.pop("total"))
same("bill: lines left", bill, {})
same("bill: mean", made["mean_price"], (made["total_fen"] / 100 / energy).quantize(D("0.0001"), ROUND_HALF_UP))

# Demand response on the 26th, 10 to 12: the last five workdays without the 24th, adjusted by 8 to 10.
def hours(day, *of):
    return sum(RISES["import"][t] for t in TIMES if t.day == day and t.hour in of)

days = [d for d in range(1, 26) if datetime(2026, 2, d).weekday() < 5 and d != 24 and not 15 <= d <= 23][-5:]
base = sum(hours(d, 10, 11) for d in days) / 5
scale = min(max(hours(26, 8, 9) / (sum(hours(d, 8, 9) for d in days) / 5), D("0.8")), D("1.2"))
said = (FOLDER / "response.txt").read_text()
for name, pattern, value in (("reduction", r"reduction (\S+) kWh", base), ("adjusted reduction", r"adjusted by \S+: (\S+) kWh", base * scale)):
    shown = (value - hours(26, 10, 11)).quantize(D("0.01"), ROUND_HALF_UP)
    same("response: " + name, re.search(pattern, said).group(1), str(shown))
print("not looked at:", *sorted(n for n, m in told.items() if n not in v and "v" in m))
for line in wrong:
    print(line)
print(agreed, "figures agree")
sys.exit(1 if wrong else 0)
