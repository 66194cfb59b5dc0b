"""Works a year of a site out again from what anybody has who subscribes to it: the energies of its
15-minute intervals, the site's terms of billing, the files of prices, periods and factors, and what
people told. Compares each line of twelve bills to the fen and each emission to the milligram.

    year.py FOLDER CONFIG     exit 0: all agree. 1: what does not, a line each.
"""

import csv
import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal as D, getcontext
from functools import cache
from pathlib import Path

import yaml

getcontext().prec = 50
FOLDER, CONFIG = map(Path, sys.argv[1:])
ZONE = timezone(timedelta(hours=8))
ENERGIES = ("elec.grid.import", "elec.grid.export", "reactive.import", "reactive.export")

def load(path):
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # numbers as they are written

def milligrams(kilograms):
    return kilograms.quantize(D("0.000001"), ROUND_HALF_EVEN)

def fen(yuan):
    return int((yuan * 100).quantize(D(1), ROUND_HALF_UP))

def local(millis):
    return datetime.fromtimestamp(int(millis) // 1000, ZONE)

# Of an interval that was told more than once the last word counts.
rows = csv.DictReader(open(FOLDER / "quarters.csv"))
quarters = {local(row["start"]): [D(row[name]) for name in ENERGIES] for row in rows}
quarters = {t: of for t, of in quarters.items() if t.year == 2026}
assert len(quarters) == 365 * 96
told = {}
for line in open(FOLDER / "records.ndjson", encoding="utf-8"):
    record = json.loads(line, parse_float=D, parse_int=D)
    told[f"{local(record['start']):{'%Y-%m' if record['interval'] == '1M' else '%Y'}}"] = record["metrics"]
site = load(FOLDER / "site.yaml")
terms, kva = site["bill"], D(site["bill"]["kva"])
prices = load(FOLDER / "prices.yaml")["prices"]
tariff = load(CONFIG / "tariffs" / (site["metering"]["tariff"] + ".yaml"))
spot = {r["start"]: D(r["yuan_per_kwh"]) for r in csv.DictReader(open(FOLDER / "spot.csv"))}
wrong, agreed = [], 0

def same(name, is_, should):
    global agreed
    agreed += is_ == should
    if is_ != should:
        wrong.append(f"{name} is {is_}, should be {should}")

def holiday(day):
    spans = (each.split("/") for each in tariff["holidays"])
    return any(span[0] <= f"{day:%Y-%m-%d}" <= span[-1] for span in spans)

def within(time, slots):
    now = f"{time:%H:%M}"
    return any(slot[:5] <= now < slot[6:] for slot in slots)

@cache
def period(t):
    season = next(s for s in tariff["seasons"] if str(t.month) in s["months"])
    name = next(p for p in ("peak", "flat", "valley") if within(t, season[p]))
    for key, special in (("sharp_peak", "sharp"), ("deep_valley", "deep")):
        for part in tariff[key]:
            user = part.get("class", terms["class"]) == terms["class"] and kva >= D(part["from_kva"])
            day = holiday(t) if part.get("days") == "holidays" else str(t.month) in part["months"]
            name = special if user and day and within(t, part["slots"]) else name
    return name

def energy_lines(times, price):
    """Each part of the price in each period, rounded by itself."""
    lines, by_period = {}, defaultdict(D)
    for t in times:
        by_period[period(t)] += quarters[t][0]
    twice = D(terms.get("purchase_factor", 1))
    if "spot" in price:
        lines["purchase_spot"] = fen(twice * sum(quarters[t][0] * spot[f"{t:%Y-%m-%dT%H:%M}"] for t in times))
    for name, kwh in by_period.items():
        for part, each in price.get("floated", {}).items():
            lines[f"{part}_{name}"] = fen(kwh * D(each) * D(price["factors"][name]) * (twice if part == "purchase" else 1))
        if "contract" in price:
            lines["purchase_" + name] = fen(kwh * D(price["contract"][name]) * twice)
    all_kwh = sum(by_period.values())
    return lines | {part: fen(all_kwh * D(each)) for part, each in price["fixed"].items()}, all_kwh

def percent(factor):
    """(83)水电财字第215号: a hundredth at a time, away from the standard."""
    here, standard = int(factor * 100), int(D(terms["power_factor"]) * 100)
    most = {90: 95, 85: 94, 80: 92}[standard]
    up = sum(D("0.1") if at < 90 else D("0.15") for at in range(standard, min(here, most)))
    down = range(standard - 1, here - 1, -1)
    return sum(D("0.5") if standard - at <= 20 else D(1) if standard - at <= 25 else D(2) for at in down) - up

def bill(month, times):
    price = next(p for p in prices if p["voltage"] == terms["voltage"] and p["month"][:7] <= month <= p["month"][-7:])
    lines, kwh = energy_lines(times, price)
    days = defaultdict(list)
    for t in times:
        days[f"{t:%Y-%m-%d}"].append(t)
    by_day = {day: energy_lines(of, price)[0] for day, of in days.items()}
    if "spot" in price:
        lines["purchase_spot"] = sum(of["purchase_spot"] for of in by_day.values())
    greatest = 4 * max(quarters[t][0] for t in times)
    kilowatt = D(price["demand"]) * (D("0.9") if kwh >= 260 * kva else 1)
    agreed_kw = max(D(terms.get("contract_kw", 0)), kva * D("0.4"))
    beyond = max(D(0), greatest - agreed_kw * D("1.05"))
    base = agreed_kw * D("1.05") if beyond and terms.get("over_contract") == "B" else agreed_kw
    ways = {"capacity": fen(kva * D(price["capacity"])), "demand": fen(greatest * kilowatt)}
    if "contract_kw" in terms:
        ways["contract"] = fen((base + 2 * beyond) * kilowatt)
    lines[terms["basic"]] = ways[terms["basic"]]
    kvarh = sum(quarters[t][2] + quarters[t][3] for t in times)
    factor = (kwh / (kwh * kwh + kvarh * kvarh).sqrt()).quantize(D("0.01"), ROUND_HALF_UP)
    green = sum(lines.get(part, 0) for part in ("funds", "green"))
    lines["power_factor"] = fen(D(sum(lines.values()) - green) / 100 * percent(factor) / 100)
    return lines, ways, {day: sum(of.values()) for day, of in by_day.items()}, kwh

def judge_bill(month, times):
    lines, ways, days, kwh = bill(month, times)
    made = bills[month]
    for line in made["lines"]:
        same(f"{month} {line['name']}", line["fen"], lines.pop(line["name"], 0))
    same(month + " lines left", {name: of for name, of in lines.items() if of}, {})
    same(month + " ways", made["basic_fen"], ways)
    same(month + " cheapest", made["cheapest"], [way for way in made["basic_fen"] if ways[way] == min(ways.values())])
    same(month + " total", made["total_fen"], sum(line["fen"] for line in made["lines"]))
    same(month + " mean", made["mean_price"], (D(made["total_fen"]) / 100 / kwh).quantize(D("0.0001"), ROUND_HALF_UP))
    same(month + " days", {day["day"]: day["fen"] for day in made["days"]}, days)

# Factors: the newest of the place that is not of a later year.
grid = load(CONFIG / "factors/cn-electricity.yaml")["factors"]
here = [f for f in grid if f["region"] == site["site"]["region"] and "basis" not in f and int(f["data_year"]) <= 2026]
LOCATION = D(max(here, key=lambda f: f["data_year"])["value"])
FUELS = {f["carrier"]: D(f["value"]) for f in load(CONFIG / "factors/cn-fuels.yaml")["factors"] if "ncv" in f}
GWP = {"R-410A": (677 + D(3170)) / 2, "SF6": D(23500)}  # AR5, half R-32 and half R-125

def emissions(times, of):
    v = {name: sum(quarters[t][i] for t in times) for i, name in enumerate(ENERGIES)}
    v["co2.scope2.location"] = sum(milligrams(quarters[t][0] * LOCATION) for t in times)
    mass, lost = defaultdict(D), defaultdict(D)
    for row in csv.DictReader(open(FOLDER / "fuel.csv", encoding="utf-8")):
        if row["date"].startswith(of):
            mass[row["fuel"]] += D(row["amount"]) * (1000 if row["unit"] in ("t", "m3") else 1) * D(row["density_kg_per_l"] or 1)
    for row in csv.DictReader(open(FOLDER / "gas.csv", encoding="utf-8")):
        if row["date"].startswith(of):
            lost[row["refrigerant"]] += D(row["charged_kg"]) - D(row["recovered_kg"])
    v |= {"co2.scope1." + fuel: milligrams(kg * FUELS[fuel]) for fuel, kg in mass.items()}
    if lost:
        v["co2.scope1.refrigerants"] = sum(milligrams(kg * GWP[gas]) for gas, kg in lost.items())
    v["co2.total"] = sum(x for name, x in v.items() if name.startswith("co2."))
    return v

bills = {b["month"]: b for b in (json.loads(line, parse_float=D, parse_int=D) for line in open(FOLDER / "bills.ndjson"))}
for of in [f"2026-{month:02}" for month in range(1, 13)] + ["2026"]:
    times = [t for t in sorted(quarters) if f"{t:%Y-%m}".startswith(of)]
    for name, value in emissions(times, of).items():
        same(f"{of} {name}", told[of].get(name, {}).get("v"), value)
    if "-" in of:
        judge_bill(of, times)
print(sum(int(b["total_fen"]) for b in bills.values()) / 100, "yuan", told["2026"]["co2.total"]["v"], "kg")
for line in wrong:
    print(line)
print(agreed, "figures agree")
sys.exit(1 if wrong else 0)
