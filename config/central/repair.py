#!/usr/bin/env python3
"""Asks gateways for what the archive lacks, once: repair.py BROKER PORT DATABASE [CA CERT KEY]
They send it on their topic batch, where consumer.py takes it. Its certificate may send commands (ca.sh central)."""
import json, secrets, sys, time
import paho.mqtt.client as mqtt
import psycopg2
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MOST = 4  # a gateway takes no more requests at once; what is left is for the next run
WAIT = 20  # seconds for the answers; a gateway that is offline gives none
if len(sys.argv) not in (4, 7):
    sys.exit(__doc__)
broker, port, database, *tls = sys.argv[1:]
db = psycopg2.connect(database)
refused = []
waiting = {}  # epoch and range of each request, by gateway and correlation data: others may ask as well

def on_message(client, userdata, message):
    gateway = message.topic.split("/")[2]
    request = waiting.get(gateway, {}).pop(getattr(message.properties, "CorrelationData", None), None)
    if request is None:
        return
    epoch, first, last = request
    try:
        answer = json.loads(message.payload)
        print(gateway, epoch, f"{first} to {last}:", message.payload.decode()[:300], flush=True)
        gone = [(max(int(low), first), min(int(high), last)) for low, high in answer.get("gone", [])] if answer.get("ok") else []
    except (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError) as e:
        print(gateway, epoch, f"{first} to {last}: not an answer of a gateway:", repr(e)[:300], flush=True)
        return
    with db, db.cursor() as cursor:
        for low, high in gone:
            if low <= high:
                cursor.execute("UPDATE epoch SET gone = gone + int8multirange(int8range(%s, %s, '[]'))"
                               " WHERE (gateway, epoch) = (%s, %s)", (low, high, gateway, epoch))

def on_subscribe(client, userdata, mid, reasons, properties):
    refused.extend(reason for reason in reasons if reason.is_failure)
    client.on_subscribe = None  # asked once, even where the connection breaks
    for gateway, requests in waiting.items():
        for key, (epoch, first, last) in requests.items():
            asked = Properties(PacketTypes.PUBLISH)
            asked.CorrelationData = key
            command = json.dumps({"epoch": epoch, "from": first, "to": last})
            client.publish(f"lingtan/v1/{gateway}/cmd/replay", command, 1, properties=asked)

def on_publish(client, userdata, mid, reason, properties):
    if reason.is_failure:
        refused.append(reason)

with db, db.cursor() as cursor:
    cursor.execute("SELECT gateway, epoch, first, least(last, first + 999999) FROM wanted ORDER BY 1, 2, 3")
    for gateway, *request in cursor:
        requests = waiting.setdefault(gateway, {})
        if len(requests) < MOST:
            requests[secrets.token_bytes(8)] = request
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "repair-py", protocol=mqtt.MQTTv5)
client.on_message, client.on_subscribe, client.on_publish = on_message, on_subscribe, on_publish
client.on_connect = lambda client, *rest: client.subscribe("lingtan/v1/+/reply/replay", 1)
if tls:
    client.tls_set(*tls)
try:
    client.connect(broker, int(port))
except OSError as e:
    sys.exit(f"no connection to {broker} port {port}: {e}")
client.loop_start()
end = time.monotonic() + (WAIT if waiting else 0)
while any(waiting.values()) and not refused and time.monotonic() < end:
    time.sleep(0.1)
if refused:
    sys.exit(f"the broker refuses cmd/replay or its answers ({refused[0]}): use a certificate of ca.sh central")
silent = sorted(gateway for gateway, requests in waiting.items() if requests)
if silent:
    print("no answer from", *silent, "(offline, or busy): asked again by the next run")
