package io.lingtan.agent;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What no gateway writes, and what anybody who has one's certificate can send to the archive of
 * {@code config/central}.
 *
 * @param mark what the archive says of it: a word of {@code unreadable}, or the quality of a
 *     figure; {@link #REFUSED} where it must not be kept, {@link #HARMLESS} where no answer rests
 *     on it
 * @param messages topic below the gateway's and JSON, a blank between; {@code HOUR} stands for the
 *     milliseconds of the last full hour
 */
record CentrePoison(String mark, List<String> messages) {

  private static final String REFUSED = "refused";
  private static final String HARMLESS = "harmless";

  /** The quality of a figure, and of an interval that cannot be told. */
  private static final String UNREADABLE = "unreadable";

  private static final String MOST = "9223372036854775807";
  private static final String LEAST = "-9223372036854775808";

  private static CentrePoison of(String mark, String... messages) {
    return new CentrePoison(mark, List.of(messages));
  }

  /** A message with an array that is nested so deep, in a place that an answer reads. */
  static CentrePoison deep(String kind, int levels) {
    String nested = "[".repeat(levels) + "]".repeat(levels);
    return switch (kind) {
      case "meta" -> of("meta", "meta {\"site\":{},\"deep\":" + nested + "}");
      case "meta/d" -> of("meta", "meta/d {\"deep\":" + nested + "}");
      case "event" -> certificate(",\"detail\":{\"deep\":" + nested + "}");
      case "interval/1h" -> figure("{\"v\":5,\"q\":\"measured\",\"deep\":" + nested + "}");
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** Whether it must not be kept. */
  boolean isRefused() {
    return mark.equals(REFUSED);
  }

  /** Whether no answer of the archive tells of it. */
  boolean isSilent() {
    return isRefused() || mark.equals(HARMLESS);
  }

  /**
   * Hands the messages to the archive until one is refused.
   *
   * @return its SQLSTATE, empty where none is
   */
  String send(Connection connection, String gateway, long hour) throws SQLException {
    for (String message : messages) {
      int space = message.indexOf(' ');
      try (PreparedStatement keep = connection.prepareStatement("SELECT keep(?, ?::json)")) {
        keep.setString(1, "lingtan/v1/" + gateway + "/" + message.substring(0, space));
        keep.setString(2, message.substring(space + 1).replace("HOUR", "" + hour));
        keep.execute();
      } catch (SQLException e) {
        return String.valueOf(e.getSQLState());
      }
    }
    return "";
  }

  /** Its beginning. */
  @Override
  public String toString() {
    String all = mark + " " + messages;
    return all.length() < 300 ? all : all.substring(0, 300) + "…";
  }

  static List<CentrePoison> all() {
    List<CentrePoison> all = new ArrayList<>();
    intervals(all);
    samples(all);
    births(all);
    stores(all);
    events(all);
    return all;
  }

  private static void intervals(List<CentrePoison> all) {
    for (String value :
        List.of(
            "\"abc\"",
            "\"5\"",
            "1e200000",
            "-1e999",
            "1e-200000",
            "1e16",
            "9".repeat(200),
            "0." + "3".repeat(50_000),
            "[1]",
            "{}",
            "true",
            "null")) {
      all.add(figure("{\"v\":" + value + ",\"u\":\"kW.h\",\"q\":\"measured\",\"cov\":100}"));
    }
    for (String members :
        List.of(
            "\"q\":\"measured\"",
            "\"v\":5",
            "\"v\":5,\"q\":\"missing\"",
            "\"v\":5,\"q\":7",
            "\"v\":5,\"q\":[]",
            "\"v\":5,\"q\":\"measured\",\"cov\":\"100\"",
            "\"v\":5,\"q\":\"measured\",\"cov\":1e30",
            "\"v\":5,\"q\":\"measured\",\"cov\":-1",
            "\"v\":5,\"q\":\"measured\",\"cov\":100,\"est\":{}",
            "\"v\":5,\"q\":\"measured\",\"cov\":100,\"est\":3000000000")) {
      all.add(figure("{" + members + "}"));
    }
    for (String figure : List.of("5", "[]", "null", "\"\\ufffd\"")) {
      all.add(figure(figure));
    }
    for (String metrics : List.of("5", "[]", "\"x\"", "null", "[" + "1,".repeat(50_000) + "1]")) {
      all.add(of(UNREADABLE, interval(",\"metrics\":" + metrics)));
    }
    all.add(of(UNREADABLE, interval("")));
    all.add(of(REFUSED, interval(",\"metrics\":{\"elec.load.total\":\"\\ud800\"}")));
    all.add(of(REFUSED, interval(",\"metrics\":{}").replace("\"rev\":0", "\"rev\":3000000000")));
    all.add(of(HARMLESS, interval(",\"metrics\":{}").replace("HOUR", "253402300800000")));
    all.add(of(REFUSED, interval(",\"metrics\":{}").replace("HOUR", MOST)));
    all.add(of(HARMLESS, interval(",\"metrics\":{\"\\u0000\":{\"v\":1,\"q\":\"\\u0000\"}}")));
  }

  private static CentrePoison figure(String json) {
    return of(UNREADABLE, interval(",\"metrics\":{\"elec.load.total\":" + json + "}"));
  }

  private static String interval(String members) {
    return "interval/1h {\"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":HOUR,\"interval\":\"1h\","
        + "\"start\":HOUR,\"end\":HOUR,\"rev\":0"
        + members
        + "}";
  }

  private static void samples(List<CentrePoison> all) {
    String sample =
        "data/d {\"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":HOUR,\"device\":\"d\",\"values\":";
    for (String values :
        List.of("5", "[]", "\"x\"", "null", "{\"power\":\"abc\"}", "{\"power\":1e200000}")) {
      all.add(of(HARMLESS, "meta/d {\"points\":[\"\\u0000\\ud800\"]}", sample + values + "}"));
    }
    all.add(of(REFUSED, "meta/d 5", sample.replace("HOUR", "-253402300800000") + "{\"power\":1}}"));
    all.add(of(REFUSED, sample.replace("HOUR", MOST) + "{\"power\":1}}"));
  }

  private static void births(List<CentrePoison> all) {
    for (String meta : List.of("5", "[]", "null", "\"x\"", "{\"site\":5}", "{\"site\":[]}")) {
      all.add(of("meta", "meta " + meta));
    }
    // The last two are zones by the rules of POSIX, which this server would go by: one that
    // gateways do not.
    for (String zone :
        List.of("\"No/Such\"", "5", "\"\"", "\"\\u0000\"", "\"abc5\"", "\"+08:00\"")) {
      all.add(of("site.zone", "meta {\"site\":{\"zone\":" + zone + "}}", day()));
      all.add(of(UNREADABLE, "meta {\"site\":{\"zone\":" + zone + "}}", day()));
    }
    for (String name :
        List.of(
            "\\u0000",
            "\\ud800",
            "\\udc00\\ud800",
            "\\\\ud83d\\ude00",
            "\\ud83d\\ud83d\\ude00\\ude00",
            "x".repeat(100_000),
            "\\udc00".repeat(2_000))) {
      String site = "{\"site\":{\"name\":\"" + name + "\"}}";
      all.add(of(HARMLESS, "meta " + site, "meta/d " + site, day()));
    }
    for (String period : List.of("\"abc\"", "\"10000\"", "1e200000", "-5", "0", "[]", "1e12")) {
      all.add(of("record_ms", "meta/d {\"record_ms\":" + period + "}"));
      all.add(of("record_ms of d", store(9, 9, ""), "meta/d {\"record_ms\":" + period + "}"));
    }
    all.add(of("meta of d", store(9, 9, ""), "meta/d []"));
  }

  private static String day() {
    return interval(",\"metrics\":{}").replace("1h", "1d");
  }

  private static String store(Object last, Object acked, String members) {
    return "store {\"epoch\":\"e\",\"ts\":HOUR,\"last\":%s,\"acked\":%s%s}"
        .formatted(last, acked, members);
  }

  private static String dropped(String... drops) {
    return ",\"dropped\":[" + String.join(",", drops) + "]";
  }

  private static String drop(Object from, Object to, Object count) {
    return "{\"from\":%s,\"to\":%s,\"count\":%s}".formatted(from, to, count);
  }

  private static void stores(List<CentrePoison> all) {
    String none = dropped();
    all.add(of("store", store(MOST, LEAST, none)));
    all.add(of("store", store(MOST, LEAST, none), store(MOST, MOST, none)));
    all.add(of("store", store(MOST, MOST, none)));
    all.add(of("store", store(LEAST, LEAST, none)));
    all.add(of("store", store(3, 9, none)));
    all.add(of("store", store(9, 9, dropped(drop(1, 2, MOST), drop(3, 4, MOST)))));
    all.add(of("store", store(9, 9, dropped(drop(1, 2, LEAST), drop(3, 4, LEAST)))));
    all.add(
        of("store", store(9, 9, dropped(drop(LEAST, "9223372036854775806", 1)) + ahead(LEAST))));
    all.add(of("store", store(9, 9, none + ",\"held\":" + MOST)));
    all.add(of("store", store(9, 2, none + ",\"oldest_unacked_ts\":-60000000000000")));
    all.add(of("store", store(9, 2, none).replace("HOUR", "9000000000000000")));
    all.add(of("store", store(9, 2, none + ",\"previous\":[" + previous() + "]")));
    all.add(of(REFUSED, store(9, 2, none).replace("HOUR", MOST)));
    all.add(of(REFUSED, store("\"9\u00e9\"", 2, none)));
    all.add(of(REFUSED, store(9, 9, dropped("5"))));
    all.add(of(REFUSED, store(9, 9, dropped(drop(1, MOST, 1)))));
    all.add(of(REFUSED, store(9, 9, ",\"ahead\":[[5,1]]")));
    all.add(
        of(REFUSED, store(9, 9, ",\"dropped\":[" + (drop(1, 2, 1) + ",").repeat(20_000) + "5]")));
    String drops = (drop(1, 2, 1) + ",").repeat(20_000);
    all.add(of(REFUSED, store(9, 9, ",\"dropped\":[" + drops + drop(1, 2, 1) + "]")));
  }

  private static String ahead(Object from) {
    return ",\"ahead\":[[" + from + ",9223372036854775806]]";
  }

  /** Epochs that together have more to deliver than a bigint holds. */
  private static String previous() {
    String epoch = "{\"epoch\":\"p%d\",\"last\":900000000000000,\"acked\":0}";
    return IntStream.range(0, 12).mapToObj(epoch::formatted).collect(Collectors.joining(","));
  }

  private static void events(List<CentrePoison> all) {
    for (String detail :
        List.of(
            "",
            ",\"detail\":5",
            ",\"detail\":[]",
            ",\"detail\":{\"ends\":\"abc\"}",
            ",\"detail\":{\"ends\":\"1796999999000\"}",
            ",\"detail\":{\"ends\":99999999999999999}",
            ",\"detail\":{\"ends\":-1e300000}",
            ",\"detail\":{\"ends\":[1]}")) {
      all.add(certificate(detail));
    }
    all.add(of(HARMLESS, event("[5]", ",\"severity\":{}")));
    all.add(of(HARMLESS, event("\"\\u0000\"", ",\"severity\":[]")));
  }

  private static CentrePoison certificate(String members) {
    return of("uplink.certificate", event("\"uplink.certificate\"", members));
  }

  private static String event(String name, String members) {
    return "event {\"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":HOUR,\"event\":"
        + name
        + members
        + "}";
  }
}
