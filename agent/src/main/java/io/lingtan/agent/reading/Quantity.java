package io.lingtan.agent.reading;

/**
 * What a point measures, with its unit.
 *
 * <p>Signs: a meter's {@code power} is positive exactly while {@code energy_import} counts; a
 * source's (inverter, battery, fuel cell) while it delivers. The profile normalises to this.
 */
public enum Quantity {
  POWER("power", "W", "W", "功率"),
  ENERGY_IMPORT("energy_import", "kW.h", "kWh", "正向有功电能"),
  ENERGY_EXPORT("energy_export", "kW.h", "kWh", "反向有功电能"),
  ENERGY_GENERATED("energy_generated", "kW.h", "kWh", "发电量"),
  ENERGY_CHARGED("energy_charged", "kW.h", "kWh", "充电量"),
  ENERGY_DISCHARGED("energy_discharged", "kW.h", "kWh", "放电量"),
  REACTIVE_POWER("reactive_power", "V.A", "var", "无功功率"),
  REACTIVE_ENERGY_IMPORT("reactive_energy_import", "kV.A.h", "kvarh", "正向无功电能"),
  REACTIVE_ENERGY_EXPORT("reactive_energy_export", "kV.A.h", "kvarh", "反向无功电能"),
  APPARENT_POWER("apparent_power", "V.A", "VA", "视在功率"),
  VOLTAGE("voltage", "V", "V", "电压"),
  CURRENT("current", "A", "A", "电流"),
  FREQUENCY("frequency", "Hz", "Hz", "频率"),
  POWER_FACTOR("power_factor", "1", "", "功率因数"),
  SOC("soc", "%", "%", "荷电状态"),
  SOH("soh", "%", "%", "健康状态"),
  TEMPERATURE("temperature", "Cel", "°C", "温度"),
  PRESSURE("pressure", "MPa", "MPa", "压力"),
  MASS("mass", "kg", "kg", "质量"),
  VOLUME("volume", "m3", "m³", "体积"),
  FLOW("flow", "m3/h", "m³/h", "流量"),
  DISTANCE("distance", "km", "km", "里程"),
  STATE("state", "1", "", "状态"),
  PULSES("pulses", "1", "", "脉冲数"),
  DEMAND("demand", "W", "W", "当前需量"),
  DEMAND_MAX("demand_max", "W", "W", "最大需量"),
  /** What an inverter takes from the busbar, to charge the battery behind it. */
  ENERGY_ABSORBED("energy_absorbed", "kW.h", "kWh", "吸收电量"),
  /**
   * What a profile calls and measures itself: the point has name and unit, and no figure uses it.
   */
  OWN("own", "1", "", "自定义");

  private final String key;
  private final String ucum;
  private final String symbol;
  private final String chinese;

  Quantity(String key, String ucum, String symbol, String chinese) {
    this.key = key;
    this.ucum = ucum;
    this.symbol = symbol;
    this.chinese = chinese;
  }

  /** The name in records and site files, such as {@code energy_import}. */
  public String key() {
    return key;
  }

  /** The unit's UCUM code. */
  public String ucum() {
    return ucum;
  }

  /** The unit as people write it: kvarh where UCUM only has kV.A.h. */
  public String symbol() {
    return symbol;
  }

  public String chinese() {
    return chinese;
  }

  /** Whether it is a counter that intervals are made from. */
  public boolean isRegister() {
    return switch (this) {
      case ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED,
          REACTIVE_ENERGY_IMPORT,
          REACTIVE_ENERGY_EXPORT ->
          true;
      default -> false;
    };
  }

  /** Whether voltage and current are both in it, and so both transformer ratios. */
  public boolean isWithRatios() {
    return isRegister()
        || switch (this) {
          case POWER, REACTIVE_POWER, APPARENT_POWER, DEMAND, DEMAND_MAX -> true;
          default -> false;
        };
  }

  /** What changes places with it where a CT is the wrong way round; itself if nothing does. */
  public Quantity opposite() {
    return switch (this) {
      case ENERGY_IMPORT -> ENERGY_EXPORT;
      case ENERGY_EXPORT -> ENERGY_IMPORT;
      case ENERGY_CHARGED -> ENERGY_DISCHARGED;
      case ENERGY_DISCHARGED -> ENERGY_CHARGED;
      case REACTIVE_ENERGY_IMPORT -> REACTIVE_ENERGY_EXPORT;
      case REACTIVE_ENERGY_EXPORT -> REACTIVE_ENERGY_IMPORT;
      default -> this;
    };
  }

  /** Whether an active energy counts while its device's power is above 0, and not below. */
  public boolean isWithPositivePower() {
    return this == ENERGY_IMPORT || this == ENERGY_GENERATED || this == ENERGY_DISCHARGED;
  }
}
