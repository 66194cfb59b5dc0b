package io.lingtan.archtest.names;

interface Names {
  interface MeterManager {}

  interface MeterHelper {}

  interface MeterUtil {}

  interface MeterUtils {}

  interface MeterImpl {}

  interface MeterBase {}

  interface MeterData {}

  interface MeterInfo {}

  interface AbstractMeter {}

  interface Database {}
}
