package io.lingtan.agent.site.yaml;

import java.util.List;

/**
 * Every key there is, by the group that it stands in. {@code config/README.md} explains each, and a
 * test compares the two.
 */
@SuppressWarnings("ImmutableEnumChecker") // Its list is made by List.of alone.
public enum Section implements Keys {
  SITE_FILE(
      "site file",
      "gateway site lines metering carbon mqtt journal status clock profiles factors tariffs bill"
          + " fleet reports"),
  CENTRE("fleet of gateways", "key group confirm"),
  PLACE("site", "name zone region lat lon simulated air_kpa"),
  LINE("lines[]", "id label serial modbus-tcp modbus-rtu-tcp coap coap-server gpio share devices"),
  SHARE("share", "listen allow"),
  SERIAL("serial", "port baud parity stop_bits rs485 echo timeout"),
  TCP("modbus-tcp", "host port timeout after_timeout single_client parallel transaction_ids"),
  RTU_TCP("modbus-rtu-tcp", "host port timeout after_timeout single_client"),
  COAP("coap", "uri identity key_file timeout"),
  COAP_SERVER("coap-server", "listen keys timeout"),
  GPIO("gpio", "chip timeout"),
  DEVICE(
      "devices[]",
      "id label profile unit address path every record ct pt deadband max_interval groups framing"
          + " observe format pointer value_unit offset per_pulse point debounce bias active_low"
          + " active inactive"),
  GROUP("groups[]", "points every"),
  FRAMING("framing", "baud parity stop_bits"),
  METERING(
      "metering",
      "interval allocation tariff tariff_extras meters max_interpolation close_after keep"
          + " all_loads_metered corrections closed"),
  METER(
      "meters[]",
      "id label device role rated_kw reverse parent exchange capacity_kwh round_trip volume_m3"
          + " gas_celsius max_rate coupling input fuel heat heat_efficiency power_efficiency"
          + " nominal_mpa temperature_of fill_pause vent_mpa hose_l"
          + " gas_raw gas_kpa actual_celsius actual_kpa class ct_class own"),
  EXCHANGE("exchange[]", "at point old new"),
  CARBON(
      "carbon",
      "factors accept method certificates feeds fleet hourly certificate_hours direct_supply"),
  FLEET("fleet", "diesel_l_per_100km"),
  DIRECT_SUPPLY("direct_supply", "self_of_available_min self_of_use_min export_max"),
  MQTT(
      "mqtt",
      "servers tls user password_file batch gzip max_payload require_app_ack state"
          + " views spread reply_prefixes"),
  VIEW("views[]", "kind prefix group primary_host servers tls user password_file"),
  TLS("tls", "ca cert key est"),
  JOURNAL("journal", "path max_size commit key_file"),
  STATUS("status", "enabled listen pin_file view hosts tls"),
  PAGE_TLS("status.tls", "cert key"),
  CLOCK("clock", "trust max_hold"),

  PROFILE(
      "profile",
      "name kind protocol maker document source fits example defaults points own models identity"
          + " max_words turnaround sleeps part_of coupling meter_type"),
  PROFILE_DEFAULTS("defaults", "function base type word_order update ratio item item_bytes"),
  PROFILE_POINT(
      "point",
      "address function base item item_bytes at bytes type words word_order bit bits scale"
          + " scale_from offset unit reverse ratio sentinels modulus max_rate update min max texts"
          + " name pointer sum value storage tariff subunit vife nth"),

  PROFILE_OWN(
      "own point",
      "address function base item item_bytes at bytes type words word_order bit bits scale offset"
          + " unit reverse ratio sentinels update min max text name value storage tariff subunit"
          + " vife nth"),

  FACTORS("factor file", "name version defaults publications factors"),
  FACTOR_DEFAULTS("factor defaults", "carrier region basis gas gwp_set unit status publication"),
  PUBLICATION("publications", "document url published_on retrieved_on sha256"),
  FACTOR(
      "factors[]",
      "id carrier region basis gas gwp_set value unit data_year valid_from valid_to publication"
          + " supersedes status uncertainty u95_pct note ncv carbon oxidation co2_per_gj density"
          + " ch4_per_tj n2o_per_tj shares"),

  BILL(
      "bill",
      "class kva transformer_kva one_season voltage prices basic contract_kw contract_floor"
          + " over_contract demand discount_from discount power_factor outside purchase_factor"
          + " response"),
  RESPONSE("response", "source price baseline by paid_from paid_to charge charged_below"),
  PRICE_FILE("price file", "prices"),
  PRICES(
      "prices[]",
      "month voltage source floated fixed factors contract calendar spot row capacity demand"),
  CALENDAR("calendar file", "name document days"),
  CALENDAR_DAYS("days[]", "dates weekdays months slots"),

  FORM("form", "name title source each columns rows"),
  FORM_COLUMN("columns[]", "name zh en digits of"),

  TARIFF(
      "tariff file",
      "name version region document url status valid_from valid_to seasons sharp_peak"
          + " deep_valley holidays"),
  SEASON("seasons[]", "months peak flat valley all_year"),
  TARIFF_USERS("all_year[]", "class from_kva below_kva"),
  TARIFF_EXTRA("sharp_peak[], deep_valley[]", "months days slots class from_kva below_kva");

  private final String title;
  private final List<String> keys;

  Section(String title, String keys) {
    this.title = title;
    this.keys = List.of(keys.split(" "));
  }

  /** What the group is called in messages and in {@code config/README.md}. */
  @Override
  public String title() {
    return title;
  }

  @Override
  public List<String> keys() {
    return keys;
  }
}
