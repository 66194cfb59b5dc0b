"""Meters by pymodbus, an implementation that shares nothing with the agent, serving typed dumps.

    pymodbus_dump.py PORT FILE

Each line of FILE is "UNIT FUNCTION ADDRESS WORD", numbers decimal, the address as on the wire.
What no line names reads 0, so that a hole between two values may be read over.
"""

import asyncio
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSequentialDataBlock
from pymodbus.server import StartAsyncTcpServer


class Typed(ModbusSequentialDataBlock):
    def __init__(self, words):
        super().__init__(1, [0])
        self.words = words

    def validate(self, address, count=1):
        return 1 <= address and address + count <= 65_537

    def getValues(self, address, count=1):
        # The data model counts from 1, the wire from 0.
        return [self.words.get(address - 1 + i, 0) for i in range(count)]


async def main():
    port, file = int(sys.argv[1]), sys.argv[2]
    units = {}
    with open(file, encoding="ascii") as lines:
        for line in lines:
            unit, function, address, word = (int(part) for part in line.split())
            units.setdefault(unit, {1: {}, 2: {}, 3: {}, 4: {}})[function][address] = word
    slaves = {
        unit: ModbusSlaveContext(
            co=Typed(words[1]), di=Typed(words[2]), hr=Typed(words[3]), ir=Typed(words[4])
        )
        for unit, words in units.items()
    }
    await StartAsyncTcpServer(
        ModbusServerContext(slaves=slaves, single=False),
        address=("127.0.0.1", port),
        ignore_missing_slaves=True,
    )


asyncio.run(main())
