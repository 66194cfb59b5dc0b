"""Both ends of a line that the agent lends, by pymodbus, which shares nothing with the agent.

    pymodbus_share.py tcp|rtu-tcp PORT          a meter under unit 1
    pymodbus_share.py rtu DEVICE
    pymodbus_share.py ask PORT ROUNDS           another master, which reads it at the agent

Every input register of one reply holds the number of that reply: registers that differ are of two.
Holding register A holds A + 1000, coil A is on where A % 3 is 0, discrete input A where A % 5 is 0.
"""

import asyncio
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSequentialDataBlock
from pymodbus.framer import FramerType
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer

LAST = 3000


class Numbered(ModbusSequentialDataBlock):
    def __init__(self):
        super().__init__(1, [0] * LAST)
        self.count = 0

    def getValues(self, address, count=1):
        self.count += 1
        return [self.count % 60000] * count


def block(value):
    # The data model counts from 1, the wire from 0.
    return ModbusSequentialDataBlock(1, [value(at) for at in range(LAST)])


async def serve(kind, where):
    meter = ModbusSlaveContext(
        ir=Numbered(),
        hr=block(lambda at: at + 1000),
        co=block(lambda at: at % 3 == 0),
        di=block(lambda at: at % 5 == 0),
    )
    context = ModbusServerContext(slaves={1: meter}, single=False)
    if kind == "rtu":
        await StartAsyncSerialServer(
            context, framer=FramerType.RTU, port=where, baudrate=19200, ignore_missing_slaves=True
        )
    else:
        framer = FramerType.RTU if kind == "rtu-tcp" else FramerType.SOCKET
        await StartAsyncTcpServer(
            context, framer=framer, address=("127.0.0.1", int(where)), ignore_missing_slaves=True
        )


def ask(port, rounds):
    client = ModbusTcpClient("127.0.0.1", port=port, timeout=8)
    assert client.connect()
    last = 0
    for _ in range(rounds):
        reply = client.read_input_registers(0, count=4, slave=1)
        assert not reply.isError(), reply
        assert len(set(reply.registers)) == 1, f"torn: {reply.registers}"
        assert reply.registers[0] >= last, f"older than before: {reply.registers[0]} after {last}"
        last = reply.registers[0]
    print("input registers", rounds, "reads, last reply", last)
    reply = client.read_holding_registers(100, count=50, slave=1)
    assert reply.registers == [at + 1000 for at in range(100, 150)], reply
    reply = client.read_coils(7, count=1999, slave=1)
    assert reply.bits[:1999] == [at % 3 == 0 for at in range(7, 2006)], reply
    reply = client.read_discrete_inputs(1, count=20, slave=1)
    assert reply.bits[:20] == [at % 5 == 0 for at in range(1, 21)], reply
    print("all four kinds are as served")
    for what, reply in {
        "write_register": client.write_register(100, 1, slave=1),
        "write_registers": client.write_registers(100, [1, 2], slave=1),
        "write_coil": client.write_coil(1, True, slave=1),
        "mask_write": client.mask_write_register(address=100, slave=1),
        "other_unit": client.read_holding_registers(0, count=1, slave=9),
        "no_such_register": client.read_holding_registers(40000, count=1, slave=1),
    }.items():
        print(what, "exception", reply.exception_code)
    client.close()


if sys.argv[1] == "ask":
    ask(int(sys.argv[2]), int(sys.argv[3]))
else:
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
