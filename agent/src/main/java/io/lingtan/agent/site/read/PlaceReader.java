package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Map;

/** Reads {@code site}: where the site stands. */
final class PlaceReader {

  private static final String USUAL_ZONE = "Asia/Shanghai";

  private final Fields fields;
  private final Problems problems;

  PlaceReader(Fields site, Problems problems) {
    this.fields = site.group("site", Section.PLACE);
    this.problems = problems;
  }

  Site.Place read(String gateway, Map<String, Caption> labels) {
    boolean lat = fields.has("lat");
    if (lat != fields.has("lon")) {
      problems.error(
          fields.at(lat ? "lat" : "lon"), "lat and lon come together; the other one is missing");
    }
    String region = region();
    double north = degrees("lat", "-90", "90");
    double east = degrees("lon", "-180", "180");
    if (region.startsWith("CN") && (north < 3 || north > 54 || east < 73 || east > 136)) {
      problems.warning(
          fields.at("lat"),
          new Sentence(
              "lat and lon are outside of China, and region is "
                  + region
                  + ": the sun rises and sets at another time there; is a sign wrong?",
              "lat 和 lon 不在中国境内，而 region 是 " + region + "：日出日落时间会错；请检查正负号"));
    }
    return new Site.Place(
        fields.text("name", gateway),
        zone(),
        region,
        north,
        east,
        fields.flag("simulated", false),
        airKpa(),
        labels);
  }

  private double airKpa() {
    BigDecimal kilopascals = fields.decimal("air_kpa", "50", "110");
    return kilopascals == null ? Site.Place.STANDARD_KPA : kilopascals.doubleValue();
  }

  private double degrees(String key, String least, String most) {
    BigDecimal number = fields.decimal(key, least, most);
    return number == null ? Double.NaN : number.doubleValue();
  }

  private ZoneId zone() {
    String text = fields.text("zone", USUAL_ZONE);
    if (text.matches("Etc/GMT[-+][1-9][0-9]?") && ZoneId.getAvailableZoneIds().contains(text)) {
      char sign = text.charAt(7) == '-' ? '+' : '-';
      String other = text.replace(text.charAt(7), sign);
      problems.warning(
          fields.valueAt("zone"),
          new Sentence(
              "%s is UTC%s%s, because these names turn the sign round: the other one is %s; better name a place such as %s"
                  .formatted(text, sign, text.substring(8), other, USUAL_ZONE),
              "%s 是 UTC%s%s（这类名称正负相反），反过来是 %s；最好写地名，如 %s"
                  .formatted(text, sign, text.substring(8), other, USUAL_ZONE)));
    }
    return ZoneId.getAvailableZoneIds().contains(text) ? ZoneId.of(text) : told(text);
  }

  private ZoneId told(String text) {
    String nearest = Words.nearest(text, ZoneId.getAvailableZoneIds());
    problems.error(
        fields.valueAt("zone"),
        "'"
            + text
            + "' is no time zone"
            + (nearest == null ? ", such as " + USUAL_ZONE : "; did you mean '" + nearest + "'?"));
    return ZoneId.of(USUAL_ZONE);
  }

  private String region() {
    String text = fields.text("region", "CN");
    if (!text.matches("[A-Z]{2}(-[A-Z0-9]{1,20})?")) {
      problems.error(
          fields.valueAt("region"), "'" + text + "' is no region; such as CN, CN-EAST or CN-JS");
    }
    return text;
  }
}
