package io.lingtan.agent.command.draft;

import io.lingtan.agent.command.draft.CellAddress.Counting;
import io.lingtan.agent.command.draft.RegisterTable.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a {@link DraftPoint} of a row, with what is not sure about it. */
final class RowReader {

  private static final Pattern NUMBER = Pattern.compile("[x×*]?\\s*([0-9]+(?:[.,][0-9]+)?)");
  private static final Pattern FRACTION =
      Pattern.compile("(?:1\\s*)?[/÷]\\s*([0-9]+(?:[.,][0-9]+)?)");
  private static final Pattern POWER = Pattern.compile("10\\s*(?:\\^|\\*\\*)\\s*(-?[0-9]{1,2})");
  private static final Pattern EXPONENT = Pattern.compile("([0-9.]+)e(-?[0-9]{1,2})");
  private static final BigDecimal LEAST = new BigDecimal("0.000000001");
  private static final int LONGEST_NAME = 60;

  private final boolean hexadecimal;
  private final boolean tellsFunctions;
  private final Counting counting;
  private final @Nullable Integer usualFunction;
  private final Set<String> points = new HashSet<>();
  private final Set<String> names = new HashSet<>();

  /**
   * By what the register is multiplied.
   *
   * @param factor null for 1
   * @param unit that stands with it, null if none does
   * @param doubt what somebody has to look at, null if nothing is doubtful
   */
  private record Scale(@Nullable String factor, @Nullable MakerUnit unit, @Nullable String doubt) {
    static final Scale NONE = new Scale(null, null, null);
  }

  /**
   * @param usualFunction for rows that name none; null if nobody said
   */
  RowReader(RegisterTable table, Counting counting, @Nullable Integer usualFunction) {
    this.hexadecimal = table.hexadecimal();
    this.tellsFunctions = table.tellsFunctions();
    this.counting = counting;
    this.usualFunction = usualFunction;
  }

  /**
   * The row's value.
   *
   * @throws Unusable if it has none that can be read; the message says why
   */
  DraftPoint read(Row row) throws Unusable {
    List<String> unsure = new ArrayList<>();
    String cell = row.get(Column.ADDRESS);
    CellAddress place = CellAddress.of(cell, hexadecimal);
    int address = place == null ? -1 : place.wire(counting);
    if (place == null || address < 0) {
      throw new Unusable(
          row.line(), "'" + cell + "' is no address such as 40001, 100 or 0x0064: left out");
    }
    if (row.get(Column.ACCESS).toLowerCase(Locale.ROOT).matches("w|wo|write|write only|只写|写")) {
      throw new Unusable(row.line(), "can only be written, and nothing is written here: left out");
    }
    int function = function(row, place, unsure);
    int words = words(row, place);
    String type = function <= 2 ? "bit" : type(row, words, unsure);
    int needed = type.endsWith("64") ? 4 : type.endsWith("32") ? 2 : 1;
    if (words > 0 && words < needed) {
      unsure.add(type + " has " + needed + " registers, the table says " + words);
    }
    words = Math.max(words, words == 0 || !type.equals("string") ? needed : words);
    MakerUnit unit = MakerUnit.of(row.get(Column.UNIT));
    Scale scale = scale(row);
    if (scale.doubt != null) {
      unsure.add(scale.doubt);
    }
    MakerUnit stepped = scale.unit;
    if (stepped != null && row.get(Column.UNIT).isEmpty()) {
      unit = new MakerUnit(null, stepped.ucum());
    }
    String ucum = unit.ucum();
    if (ucum == null) {
      unsure.add("unit '" + row.get(Column.UNIT) + "' is not known here");
      ucum = "1";
    }
    String factor = scale.factor;
    if (unit.step() != null && ucum.equals("1")) {
      BigDecimal step = new BigDecimal(unit.step());
      String stated = "step '" + unit.step() + "' of the unit cannot be meant";
      Scale both = usable(factor == null ? step : step.multiply(new BigDecimal(factor)), stated);
      factor = both.factor;
      if (both.doubt != null) {
        unsure.add(both.doubt);
      }
      unit = new MakerUnit(null, "1");
    }
    String label = DraftPoint.label(row.get(Column.NAME));
    String point = type.equals("string") || function <= 2 ? null : PointWords.find(label);
    if (label.matches("[A-Za-z0-9.]{1,8}") && row.get(Column.NOTE).matches(".*\\p{IsHan}.*")) {
      // A sign such as ImpEp is explained beside it.
      label = DraftPoint.label(label + " " + row.get(Column.NOTE));
      point =
          point == null && function > 2 && !type.equals("string")
              ? PointWords.find(row.get(Column.NOTE))
              : point;
    }
    if (point != null && !points.add(point)) {
      unsure.add(point + " is there already");
      point = null;
    }
    return new DraftPoint(
        row.line(),
        point,
        name(DraftPoint.label(row.get(Column.NAME)), address),
        label,
        function,
        address,
        place.hexadecimal(),
        type,
        words,
        factor,
        unit.step(),
        ucum,
        words > 1 ? order(row) : null,
        unsure);
  }

  private int function(Row row, CellAddress place, List<String> unsure) {
    String cell = row.get(Column.FUNCTION).toLowerCase(Locale.ROOT);
    if (cell.contains("input reg") || cell.equals("input") || cell.contains("输入寄存")) {
      return 4;
    }
    if (cell.contains("holding") || cell.contains("保持")) {
      return 3;
    }
    if (cell.contains("coil") || cell.contains("线圈")) {
      return 1;
    }
    if (cell.contains("discrete") || cell.contains("离散")) {
      return 2;
    }
    Matcher number = Pattern.compile("(?:0x|fc|^|[^0-9a-fx])0?([1-4])(?:h|[^0-9]|$)").matcher(cell);
    if (number.find()) {
      return Integer.parseInt(number.group(1));
    }
    if (place.function() > 0) {
      return place.function();
    }
    if (counting == Counting.REFERENCE && place.isReference()) {
      return place.referenceFunction();
    }
    if (usualFunction != null) {
      return usualFunction;
    }
    if (tellsFunctions) {
      unsure.add("function 3 or 4?");
    }
    return 3;
  }

  private static int words(Row row, CellAddress place) {
    Matcher words = Pattern.compile("([0-9]{1,3}).*").matcher(row.get(Column.WORDS));
    if (words.matches()) {
      return Math.clamp(Integer.parseInt(words.group(1)), 0, 125);
    }
    Matcher bytes = Pattern.compile("([0-9]{1,3}).*").matcher(row.get(Column.BYTES));
    return bytes.matches()
        ? Math.clamp((Integer.parseInt(bytes.group(1)) + 1) / 2, 0, 125)
        : place.words();
  }

  private static String type(Row row, int words, List<String> unsure) {
    String cell = row.get(Column.TYPE).toLowerCase(Locale.ROOT).replaceAll("[\\s_-]+", "");
    boolean unsigned =
        cell.matches(".*(?:unsign|uint|\\bu[0-9]|^u|int[0-9]*u(?![a-z])|无符号|word|ushort|ulong).*");
    boolean signed = !unsigned && cell.matches(".*(?:sign|int|^s[0-9]|^i[0-9]|short|long|有符号|整).*");
    Matcher bits = Pattern.compile("(64|32|16|8)").matcher(cell);
    int size = bits.find() ? Integer.parseInt(bits.group(1)) : namedSize(cell);
    if (cell.matches(".*(?:float|real|single|ieee|浮点|单精度|double|双精度|^f32|^f64).*")) {
      boolean isDouble = size == 64 || cell.matches(".*(?:double|lreal|双精度).*") || words == 4;
      return isDouble && !cell.contains("单精度") ? "float64" : "float32";
    }
    if (cell.matches(".*(?:str|ascii|char|text|字符|字串).*")) {
      return "string";
    }
    if (cell.contains("bcd")) {
      return "bcd";
    }
    boolean isKnown =
        signed
            || unsigned
            || size > 0
            || cell.matches("[-—/.]*|n/?a|无|.*(?:bit|flag|位|enum|枚举|hex).*");
    if (size == 0 || (words > 1 && size <= 16)) {
      size = words == 2 ? 32 : words == 4 ? 64 : words > 1 ? -1 : size == 0 ? 16 : size;
    }
    if (size < 0) {
      unsure.add(words + " registers of what?");
      return "string";
    }
    if (cell.matches(".*(?:bit|flag|位|enum|枚举).*") && !signed && !unsigned) {
      unsure.add(
          cell.matches(".*(?:enum|枚举).*")
              ? "write what each number means: text: {0: off}"
              : "write what each bit means: bits: {0: fault}");
    } else if (!isKnown) {
      unsure.add(
          "type '"
              + DraftPoint.label(row.get(Column.TYPE))
              + "' is not understood: write uint16, int16, uint32, int32, uint64, int64, float32,"
              + " float64, bcd or string");
    } else if (!signed && !unsigned) {
      unsure.add("with or without sign?");
    }
    return (signed ? "int" : "uint") + (size == 64 ? 64 : size == 32 ? 32 : 16);
  }

  /**
   * Bits of a type that is called by a name: of controllers (IEC 61131-3), where a DINT has twice
   * the bits of an INT, or of C.
   *
   * @return 0 if it has none
   */
  private static int namedSize(String cell) {
    if (cell.matches("u?lint.*|.*(?:lword|qword|longlong).*")) {
      return 64;
    }
    if (cell.matches("u?dint.*|.*(?:dword|doubleword|long|长).*")) {
      return 32;
    }
    return cell.matches("u?sint.*|.*(?:word|short|短|char|byte).*") ? 16 : 0;
  }

  private static @Nullable String order(Row row) {
    String cell = (row.get(Column.ORDER) + " " + row.get(Column.TYPE)).toUpperCase(Locale.ROOT);
    for (String order : List.of("CDAB", "BADC", "DCBA", "ABCD")) {
      if (cell.contains(order)) {
        return order;
      }
    }
    boolean little = cell.matches(".*(?:LITTLE|SWAP|LOW WORD FIRST|LSW FIRST|低字在前|低位在前).*");
    return little ? "little" : null;
  }

  private static Scale scale(Row row) {
    boolean gain = row.get(Column.SCALE).isEmpty();
    String cell = (gain ? row.get(Column.GAIN) : row.get(Column.SCALE)).toLowerCase(Locale.ROOT);
    if (cell.matches("[-—/]*|n/?a|无|none")) {
      return Scale.NONE;
    }
    String doubt =
        "scale '" + DraftPoint.label(cell) + "' is not understood: a number, times CT or PT?";
    Matcher power = POWER.matcher(cell);
    Matcher exponent = EXPONENT.matcher(cell);
    Matcher fraction = FRACTION.matcher(cell);
    Matcher number = NUMBER.matcher(cell);
    if (power.matches()) {
      int by = Integer.parseInt(power.group(1));
      return usable(BigDecimal.ONE.scaleByPowerOfTen(gain ? -by : by), doubt);
    }
    if (exponent.matches() && exponent.group(1).matches("[0-9]+(\\.[0-9]+)?")) {
      return usable(new BigDecimal(exponent.group(0)), doubt);
    }
    if (fraction.matches()) {
      return divided(MakerUnit.number(fraction.group(1)), doubt);
    }
    if (number.matches()) {
      String written = MakerUnit.number(number.group(1));
      if (gain) {
        return divided(written, doubt);
      }
      boolean large = new BigDecimal(written).compareTo(BigDecimal.TEN) >= 0;
      Scale scale = usable(new BigDecimal(written), doubt);
      return large && scale.factor != null
          ? new Scale(scale.factor, null, "is it times or divided by " + scale.factor + "?")
          : scale;
    }
    MakerUnit unit = MakerUnit.of(gain ? row.get(Column.GAIN) : row.get(Column.SCALE));
    if (unit.ucum() == null || unit.step() == null) {
      // Alone it is the row's unit once more, or letters such as PT.
      boolean isSame = unit.ucum() != null && unit.equals(MakerUnit.of(row.get(Column.UNIT)));
      return isSame ? Scale.NONE : new Scale(null, null, doubt);
    }
    Scale step = usable(new BigDecimal(unit.step()), doubt);
    return new Scale(step.factor, unit, step.doubt);
  }

  private static Scale divided(String by, String otherwise) {
    BigDecimal number = new BigDecimal(by);
    return number.signum() == 0
        ? new Scale(null, null, otherwise)
        : usable(BigDecimal.ONE.divide(number, 12, RoundingMode.HALF_EVEN), otherwise);
  }

  /** The factor, or none and a doubt if no profile can have it. */
  private static Scale usable(BigDecimal factor, String otherwise) {
    if (factor.compareTo(LEAST) < 0 || factor.compareTo(BigDecimal.valueOf(1_000_000_000)) > 0) {
      return new Scale(null, null, otherwise);
    }
    return factor.compareTo(BigDecimal.ONE) == 0
        ? Scale.NONE
        : new Scale(factor.stripTrailingZeros().toPlainString(), null, null);
  }

  /** A name of its own: the maker's in small letters, or the register's number. */
  private String name(String label, int address) {
    String plain = PointWords.plain(label).replaceAll("[^a-z0-9]+", "_").replaceAll("^_+|_+$", "");
    boolean tells = plain.matches("[a-z][a-z0-9_]+") && !label.matches(".*\\p{IsHan}.*");
    String name = tells ? plain : "register_" + address;
    name = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    if (io.lingtan.agent.reading.Point.find(name) != null) {
      name = name + "_own";
    }
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + "_" + i;
    }
    return unique;
  }
}
