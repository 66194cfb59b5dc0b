"""Reads meters over Modbus TCP once a second and publishes each reading; keeps nothing.

usage: loop.py MODBUS_PORT BROKER_PORT METERS TIMEOUT_S NAME:DECIMALS...
"""
import inspect
import json
import sys
import time

import paho.mqtt.client as mqtt
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException

modbus_port, broker_port, meters, timeout = (int(word) for word in sys.argv[1:5])
points = [(name, int(decimals)) for name, decimals in (word.split(":") for word in sys.argv[5:])]

meter = ModbusTcpClient("127.0.0.1", port=modbus_port, timeout=timeout, retries=0)
if hasattr(mqtt, "CallbackAPIVersion"):
    broker = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="loop-py", protocol=mqtt.MQTTv5)
else:
    broker = mqtt.Client(client_id="loop-py", protocol=mqtt.MQTTv5)
broker.reconnect_delay_set(1, 1)
broker.max_inflight_messages_set(1000)
while True:
    try:
        broker.connect("127.0.0.1", broker_port)
        break
    except OSError:
        time.sleep(1)
broker.loop_start()

# pymodbus has renamed it.
named = inspect.signature(meter.read_holding_registers).parameters
unit_word = "device_id" if "device_id" in named else "slave"

round_at = time.monotonic()
while True:
    for unit in range(1, meters + 1):
        try:
            if not meter.connected:
                meter.connect()
            reply = meter.read_holding_registers(0, count=2 * len(points), **{unit_word: unit})
        except ModbusException:
            continue
        if reply.isError():
            continue
        words = reply.registers
        values = {}
        for i, (name, decimals) in enumerate(points):
            value = words[2 * i] << 16 | words[2 * i + 1]
            values[name] = value / 10**decimals if decimals else value
        text = json.dumps({"ts": int(time.time() * 1000), "device": f"m{unit}", "values": values},
                          separators=(",", ":"))
        if broker.is_connected():
            broker.publish(f"bench/m{unit}", text, qos=1)
    round_at = max(round_at + 1, time.monotonic())
    time.sleep(max(0, round_at - time.monotonic()))
