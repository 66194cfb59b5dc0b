"""Meters that write down every reply they give: the witness of what could have been read.

An sdm630 is an Eastron SDM630 (input registers, float32), a dtsd1352 an Acrel DTSD1352 (holding
registers, uint32), and a mute one that does not say its transformer ratios. Each read that covers
the energy register counts the meter on by one step, so every served reading differs from every
other. Units that are not listed never answer.

usage: witness_meter.py --log FILE --units 1:sdm630,2:dtsd1352 (--tcp PORT | --serial DEVICE)

One line of JSON per reply: t (CLOCK_MONOTONIC, ns), wall (ms UTC), unit, energy (kWh; null where
the reply did not cover that register), power (W; likewise).
"""

import argparse
import asyncio
import json
import struct
import time

from pymodbus import FramerType
from pymodbus.datastore import ModbusBaseSlaveContext, ModbusServerContext
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer


class Meter(ModbusBaseSlaveContext):
    """A meter whose energy register moves by one step each time it is read."""

    def __init__(self, unit, log):
        self.unit, self.log, self.count = unit, log, 0

    def validate(self, function, address, count=1):
        return function == self.function and address + count <= 0x400

    def getValues(self, function, address, count=1):
        def covers(register):
            return address <= register and address + count >= register + 2

        if covers(self.energy_address):
            self.count += 1
        image = self.image()
        self.log.write(json.dumps({
            "t": time.monotonic_ns(), "wall": time.time_ns() // 1_000_000, "unit": self.unit,
            "energy": self.energy() if covers(self.energy_address) else None,
            "power": self.power() if covers(self.power_address) else None,
        }) + "\n")
        self.log.flush()
        return [image.get(address + i, 0) for i in range(count)]


def words(code, value):
    return struct.unpack(">HH", struct.pack(code, value))


class Sdm630(Meter):
    function, energy_address, power_address = 4, 0x48, 0x34

    def energy(self):
        return round(1000 + self.count / 100, 2)

    def power(self):
        return 1000 + self.count % 100

    def image(self):
        image = {}
        for address, value in ((self.power_address, self.power()), (self.energy_address, self.energy()),
                               (0x4A, 0.25), (0x00, 230.5), (0x02, 231.0), (0x04, 229.5), (0x46, 50.01)):
            image[address], image[address + 1] = words(">f", value)
        return image


class Dtsd1352(Meter):
    function, energy_address, power_address = 3, 0x0A, 0x16A

    def energy(self):
        return round(5000 + self.count / 100, 2)

    def power(self):
        return 2000 + self.count % 100

    def image(self):
        image = {0x61: 2301, 0x62: 2302, 0x63: 2303, 0x77: 5001, 0x8D: 1, 0x8E: 1}
        image[0x0A], image[0x0B] = words(">I", 500000 + self.count)
        image[0x14], image[0x15] = words(">I", 25)
        image[0x16A], image[0x16B] = words(">i", self.power())
        return image


class Mute(Dtsd1352):
    """Says nothing of its transformer ratios."""

    def validate(self, function, address, count=1):
        return super().validate(function, address, count) and (address + count <= 0x8D or address > 0x8E)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--units", required=True)
    parser.add_argument("--tcp", type=int)
    parser.add_argument("--serial")
    options = parser.parse_args()
    models = {"sdm630": Sdm630, "dtsd1352": Dtsd1352, "mute": Mute}
    with open(options.log, "a", encoding="ascii") as log:
        meters = {}
        for listed in options.units.split(","):
            unit, model = listed.split(":")
            meters[int(unit)] = models[model](int(unit), log)
        units = ModbusServerContext(slaves=meters, single=False)
        if options.tcp:
            await StartAsyncTcpServer(context=units, address=("127.0.0.1", options.tcp),
                                      ignore_missing_slaves=True)
        else:
            await StartAsyncSerialServer(context=units, port=options.serial, baudrate=9600,
                                         framer=FramerType.RTU, ignore_missing_slaves=True)


asyncio.run(main())
