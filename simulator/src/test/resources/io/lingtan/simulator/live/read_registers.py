"""Reads registers with a Modbus master that is nobody's here.

Arguments: host, port, then unit:function:address:count for each read. In place of a host the path of
a serial port, with baud and parity (N or E) for the port: /dev/pts/3 19200E. Prints one line of hex
words per read.
"""
import inspect
import sys

from pymodbus.client import ModbusSerialClient, ModbusTcpClient

host, port, *reads = sys.argv[1:]
if host.startswith("/"):
    client = ModbusSerialClient(host, baudrate=int(port[:-1]), parity=port[-1], timeout=3)
else:
    client = ModbusTcpClient(host, port=int(port), timeout=3)
if not client.connect():
    sys.exit("no connection to %s:%s" % (host, port))
# The unit's name changed between versions.
parameters = inspect.signature(client.read_holding_registers).parameters
unit_name = next(name for name in ("device_id", "slave", "unit") if name in parameters)
for read in reads:
    unit, function, address, count = (int(part, 0) for part in read.split(":"))
    ask = client.read_holding_registers if function == 3 else client.read_input_registers
    reply = ask(address, count=count, **{unit_name: unit})
    if reply.isError():
        sys.exit("%s: %s" % (read, reply))
    print(" ".join("%04x" % word for word in reply.registers))
client.close()
