#!/usr/bin/env python3
"""Keeps every record in PostgreSQL and says what is missing: consumer.py BROKER PORT DATABASE [CA CERT KEY]
Once before: psql -d DATABASE -f postgres.sql (README.md). Needs python3-paho-mqtt and python3-psycopg2."""
import sys, zlib
import paho.mqtt.client as mqtt
import psycopg2
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

MOST = 2 << 20  # bytes of a batch that was gzipped: a gateway makes none of more than 256 kB
if len(sys.argv) not in (4, 7):
    sys.exit(__doc__)
broker, port, database, *tls = sys.argv[1:]
db = psycopg2.connect(database)

def on_connect(client, userdata, flags, reason, properties):
    # store first: what was delivered before the first of a gateway is not judged.
    kinds = ("store", "meta", "meta/+", "data/+", "interval/+", "event", "batch/#", "undated")
    client.subscribe([(f"lingtan/v1/+/{kind}", 1) for kind in kinds])

def inflated(payload):
    inflater = zlib.decompressobj(wbits=31)
    text = inflater.decompress(payload, MOST)
    if not inflater.eof:
        raise ValueError("not gzip, or more than 2 MB of it")
    return text

def on_message(client, userdata, message):
    try:
        text = inflated(message.payload) if message.topic.endswith("/gz") else message.payload
        with db, db.cursor() as cursor:  # one transaction: what is acknowledged below is on the disk
            cursor.execute("SELECT * FROM keep(%s, %s)", (message.topic, text.decode() or None))
            for hole in cursor:
                print("missing: {} {} seq {} to {}: {}".format(*hole), flush=True)
    except (ValueError, zlib.error, psycopg2.Error) as e:
        # 22, 23, 54: the text, or what is in it, is no record; all else is the database's own trouble.
        if isinstance(e, psycopg2.Error) and (e.pgcode or "")[:2] not in ("22", "23", "54"):
            sys.exit(f"the database is away: {e}")
        print("not a message of a gateway:", message.topic, e, flush=True)
    client.ack(message.mid, message.qos)

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "consumer-py", protocol=mqtt.MQTTv5, manual_ack=True)
client.on_connect, client.on_message = on_connect, on_message
client.on_subscribe = lambda client, userdata, mid, reasons, properties: any(r.is_failure for r in reasons) and print(
    "the broker refuses a subscription: its ACL lacks this user (ca.sh central, ca.sh reader)", flush=True)
client.on_disconnect = lambda client, userdata, flags, reason, properties: print("disconnected:", reason, flush=True)
client.reconnect_delay_set(1, 10)
if tls:
    client.tls_set(*tls)
session = Properties(PacketTypes.CONNECT)
session.SessionExpiryInterval = 14 * 86400  # so long the broker keeps what comes while this is not running
session.MaximumPacketSize = 1 << 20
try:
    client.connect(broker, int(port), clean_start=False, properties=session)
except OSError as e:
    sys.exit(f"no connection to {broker} port {port}: {e}")
client.loop_forever()  # connects again by itself; ends when the database is away: to be started again, and the broker sends again
