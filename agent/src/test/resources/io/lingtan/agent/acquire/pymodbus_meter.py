"""An Eastron SDM630 by pymodbus, an implementation that shares nothing with the agent.

    pymodbus_meter.py tcp PORT UNIT...
    pymodbus_meter.py rtu DEVICE UNIT...

Where METER_SERIAL names a file, the number in it is the meter's serial number, read anew each time.
Units that are not listed never answer. Each register pair that was served is printed as
"served UNIT ADDRESS VALUE", before the reply is sent; the numbers change with every request.
"""

import asyncio
import os
import struct
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSequentialDataBlock
from pymodbus.framer import FramerType
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer

LAST = 0x60


class Registers(ModbusSequentialDataBlock):
    def __init__(self, unit):
        super().__init__(1, [0] * LAST)
        self.unit = unit
        self.count = 0

    def getValues(self, address, count=1):
        self.count += 1
        words = []
        # The data model counts from 1, the wire from 0.
        for at in range(0, LAST, 2):
            value = struct.unpack(">f", struct.pack(">f", self.number(at)))[0]
            words += struct.unpack(">HH", struct.pack(">f", value))
        first = address - 1
        for at in range(first + first % 2, first + count - 1, 2):
            raw = words[at] << 16 | words[at + 1]
            print("served", self.unit, at, f"{raw:08x}", flush=True)
        return words[first : first + count]

    def number(self, at):
        if at == 0x48:
            return 12345.0 + self.count / 8
        return (self.unit * 1000 + at) + (self.count % 100) / 10


class Serial(ModbusSequentialDataBlock):
    """Holding registers: the serial number at 0xFC00, nothing else."""

    def __init__(self, file):
        super().__init__(0xFC01, [0, 0])
        self.file = file

    def getValues(self, address, count=1):
        with open(self.file) as text:
            number = int(text.read())
        return [number >> 16, number & 0xFFFF][address - 0xFC01 :][:count]


async def main():
    serial = os.environ.get("METER_SERIAL")
    more = {"hr": Serial(serial)} if serial else {}
    kind, where, units = sys.argv[1], sys.argv[2], [int(unit) for unit in sys.argv[3:]]
    slaves = {unit: ModbusSlaveContext(ir=Registers(unit), **more) for unit in units}
    context = ModbusServerContext(slaves=slaves, single=False)
    if kind == "tcp":
        await StartAsyncTcpServer(
            context, address=("127.0.0.1", int(where)), ignore_missing_slaves=True
        )
    else:
        await StartAsyncSerialServer(
            context,
            framer=FramerType.RTU,
            port=where,
            baudrate=19200,
            ignore_missing_slaves=True,
        )


asyncio.run(main())
