package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Units;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the site file says of a CoAP device beside its profile. */
final class CoapReader {

  private static final Map<String, Format> FORMATS =
      Map.of(
          "auto", Format.AUTO,
          "senml-json", Format.SENML_JSON,
          "senml-cbor", Format.SENML_CBOR,
          "json", Format.JSON,
          "text", Format.TEXT);

  private final Problems problems;

  CoapReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Where the device's values are.
   *
   * @param asked whether we ask it; else it pushes
   */
  CoapResource read(Fields fields, String id, boolean asked, DeviceProfile profile) {
    String path = "/ingest/" + id;
    if (asked) {
      fields.require("path", "the device's resource, such as /tank/1");
      path = path(fields);
    } else {
      for (String key : List.of("path", "observe")) {
        if (fields.isWritten(key)) {
          problems.error(fields.at(key), key + " is for devices that are asked; this one pushes");
        }
      }
    }
    Format format = fields.choice("format", FORMATS, Format.AUTO);
    Point point = point(fields, profile);
    String pointer = pointer(fields, format, point);
    if (format == Format.TEXT && point == null) {
      problems.error(fields.valueAt("format"), "a plain text needs point: what its number is");
    }
    if (format == Format.JSON && pointer == null && !hasPointers(profile)) {
      problems.error(
          fields.valueAt("format"),
          "format json needs pointer and point, or a profile whose points have pointers");
    }
    return new CoapResource(
        path, fields.flag("observe", false), format, pointer, point, valueUnit(fields, point));
  }

  private String path(Fields fields) {
    String path = fields.text("path", "/");
    if (!Words.fits(
        path, "(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)+(\\?[A-Za-z0-9._~!$&'()*+,;=:@/-]+)?")) {
      problems.error(
          fields.valueAt("path"), "a path is such as /tank/1 or /tank?n=1, not '" + path + "'");
      return "/";
    }
    return path;
  }

  private @Nullable Point point(Fields fields, DeviceProfile profile) {
    String word = fields.text("point");
    if (word == null) {
      return null;
    }
    List<String> names = profile.named().stream().map(named -> named.point().name()).toList();
    if (!names.contains(word)) {
      problems.error(
          fields.valueAt("point"),
          "profile "
              + profile.name()
              + " has no point '"
              + word
              + "'"
              + Words.instead(word, names));
      return null;
    }
    return Point.find(word);
  }

  private @Nullable String pointer(Fields fields, Format format, @Nullable Point point) {
    String pointer = fields.text("pointer");
    if (pointer == null) {
      return null;
    }
    if (!NamedPointReader.isPointer(pointer)) {
      problems.error(
          fields.valueAt("pointer"),
          "a JSON pointer (RFC 6901) begins with / such as /tank/0/pressure, not '"
              + pointer
              + "'");
    }
    if (format != Format.JSON) {
      problems.error(fields.at("pointer"), "pointer goes with format: json");
    }
    if (point == null && !fields.isWritten("point")) {
      problems.error(fields.at("pointer"), "pointer needs point: what the number there is");
    }
    return pointer;
  }

  private static boolean hasPointers(DeviceProfile profile) {
    return profile.named().stream().anyMatch(named -> named.pointer() != null);
  }

  private @Nullable String valueUnit(Fields fields, @Nullable Point point) {
    String unit = fields.text("value_unit");
    if (unit == null) {
      return null;
    }
    if (point == null) {
      problems.error(fields.at("value_unit"), "value_unit goes with point");
      return null;
    }
    Quantity quantity = point.quantity();
    if (!NamedPointReader.isUnit(quantity, unit, false)) {
      problems.error(
          fields.valueAt("value_unit"),
          quantity.key()
              + " is not measured in '"
              + unit
              + "'; possible: "
              + Units.offered(quantity));
      return null;
    }
    return unit;
  }
}
