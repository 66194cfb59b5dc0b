/*
 * A meter by libmodbus, an implementation that shares nothing with the agent.
 *
 *   libmodbus_meter tcp PORT SERIAL
 *   libmodbus_meter rtu DEVICE SERIAL
 *
 * Unit 7. Holding registers: 0-1 a counter that grows with every request, 2 its lowest 16 bits,
 * 100-103 the serial number of eight characters, 200 a transformer ratio of 1. Every counter that
 * was served is printed as "served COUNTER" before the reply is sent.
 */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 7, REGISTERS = 256, RATIO = 200, SERIAL = 100 };

static void fill(modbus_mapping_t *map, const char *serial) {
  for (int i = 0; i < 4; i++) {
    map->tab_registers[SERIAL + i] =
        (uint16_t)((unsigned char)serial[2 * i] << 8 | (unsigned char)serial[2 * i + 1]);
  }
  map->tab_registers[RATIO] = 1;
}

static int serve(modbus_t *context, modbus_mapping_t *map) {
  static uint32_t counter = 1000000;
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  int length = modbus_receive(context, query);
  if (length < 0) {
    return -1;
  }
  if (length == 0) {
    return 0;
  }
  counter++;
  map->tab_registers[0] = (uint16_t)(counter >> 16);
  map->tab_registers[1] = (uint16_t)counter;
  map->tab_registers[2] = (uint16_t)counter;
  printf("served %u\n", counter);
  fflush(stdout);
  return modbus_reply(context, query, length, map);
}

int main(int argc, char **argv) {
  if (argc != 4 || strlen(argv[3]) != 8) {
    fprintf(stderr, "usage: libmodbus_meter tcp|rtu WHERE SERIAL\n");
    return 2;
  }
  int tcp = strcmp(argv[1], "tcp") == 0;
  modbus_t *context = tcp ? modbus_new_tcp("127.0.0.1", atoi(argv[2]))
                          : modbus_new_rtu(argv[2], 19200, 'N', 8, 1);
  modbus_mapping_t *map = modbus_mapping_new(0, 0, REGISTERS, 0);
  if (context == NULL || map == NULL || modbus_set_slave(context, UNIT) != 0) {
    fprintf(stderr, "%s: %s\n", argv[2], modbus_strerror(errno));
    return 1;
  }
  fill(map, argv[3]);
  int listening = tcp ? modbus_tcp_listen(context, 4) : -1;
  if (tcp ? listening < 0 : modbus_connect(context) != 0) {
    fprintf(stderr, "%s: %s\n", argv[2], modbus_strerror(errno));
    return 1;
  }
  printf("ready\n");
  fflush(stdout);
  for (;;) {
    if (tcp && modbus_tcp_accept(context, &listening) < 0) {
      return 1;
    }
    /* Over TCP until the client hangs up; a serial line has no end, and errors pass. */
    while (serve(context, map) >= 0 || !tcp) {
    }
    modbus_close(context);
  }
}
