package io.lingtan.agent.site;

import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.reply.InReply;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One register in words: where it is, and what it stands for. */
public final class RegisterText {

  private RegisterText() {}

  /** Such as {@code FC3 32080 (0x7D50) int32}. */
  public static String place(RegisterPoint register) {
    if (register.place() instanceof InReply.RecordKey key) {
      return record(key);
    }
    if (register.function() == RegisterPoint.ITEM) {
      return String.format(
          Locale.ROOT, "item %08X, %d bytes", register.address(), register.words());
    }
    String coded = word(register.type());
    String size =
        switch (register.type()) {
          case STRING, BCD -> " of " + register.words();
          case BIT -> register.function() > 2 ? " " + register.bit() : "";
          case BITS -> " " + register.bit() + ".." + (register.bit() + register.bits() - 1);
          default -> register.order() == WordOrder.BIG ? "" : " " + order(register.order());
        };
    return String.format(
        Locale.ROOT,
        "FC%d %d (0x%04X) %s%s",
        register.function(),
        register.address(),
        register.address(),
        coded,
        size);
  }

  /** Such as {@code record energy, tariff 1}. */
  private static String record(InReply.RecordKey key) {
    StringBuilder text = new StringBuilder("record ").append(key.quantity().key());
    if (key.function() != InReply.RecordKey.Function.NOW) {
      text.append(' ').append(key.function().key());
    }
    text.append(key.storage() == 0 ? "" : ", storage " + key.storage());
    text.append(key.tariff() == 0 ? "" : ", tariff " + key.tariff());
    text.append(key.subunit() == 0 ? "" : ", subunit " + key.subunit());
    text.append(key.vife().isEmpty() ? "" : ", VIFE " + key.vife());
    return text.append(key.nth() == 0 ? "" : ", number " + key.nth()).toString();
  }

  public static String order(WordOrder order) {
    return switch (order) {
      case BIG -> "ABCD";
      case LITTLE -> "CDAB";
      case BIG_SWAPPED -> "BADC";
      case LITTLE_SWAPPED -> "DCBA";
    };
  }

  /** What one step of it is in the point's unit, and what else matters to a reader. */
  public static String meaning(RegisterPoint register) {
    if (!register.texts().isEmpty()) {
      Map<Long, String> sorted = new TreeMap<>(register.texts());
      return sorted.entrySet().stream()
          .map(text -> text.getKey() + " " + text.getValue())
          .collect(Collectors.joining(", "));
    }
    if (register.point() != null && !register.point().bits().isEmpty()) {
      return new TreeMap<>(register.point().bits())
          .entrySet().stream()
              .map(bit -> bit.getKey() + " " + bit.getValue().english())
              .collect(Collectors.joining(", ", "bits ", ""));
    }
    StringBuilder text = new StringBuilder(register.scale().stripTrailingZeros().toPlainString());
    if (register.scaleFrom() >= 0) {
      text.append(" × 10^[").append(register.scaleFrom()).append(']');
    }
    text.append(
        switch (register.ratio()) {
          case NONE -> "";
          case CT -> " × CT";
          case PT -> " × PT";
          case CT_PT -> " × CT × PT";
        });
    if (register.offset().signum() != 0) {
      text.append(register.offset().signum() > 0 ? " + " : " - ")
          .append(register.offset().abs().toPlainString());
    }
    if (register.modulus() != null) {
      text.append(", begins again at ").append(register.modulus().toPlainString());
    }
    if (register.ratio() != Ratio.NONE) {
      text.append(", secondary");
    }
    return text.toString();
  }

  public static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
