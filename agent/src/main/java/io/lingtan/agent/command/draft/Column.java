package io.lingtan.agent.command.draft;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a column of a maker's table tells, by the words that makers head it with. */
@SuppressWarnings("ImmutableEnumChecker") // Its list is made by List.of alone.
enum Column {
  ADDRESS(
      "address|addr|register address|start address|starting address|modbus address|data address"
          + "|register|reg|register no|register number|reg addr|reference|modbus reference"
          + "|地址|寄存器地址|起始地址|通讯地址|通信地址|数据地址|寄存器|寄存器编号|点号"),
  NAME(
      "name|parameter|parameter name|variable|signal|signal name|item|data item|point|point"
          + " name|measured value|measurand|measuring point|register name|measurement|quantity"
          + " name|description|parameter description|data"
          + "|名称|参数名称|参数|变量名|变量名称|变量|数据项|数据项名称|信号|信号名称|测点|测点名称|含义|描述|内容|数据内容|寄存器名称"),
  TYPE("type|data type|datatype|format|data format|value type|数据类型|类型|数据格式|格式"),
  SCALE(
      "scale|scaling|scale factor|factor|multiplier|coefficient|ratio|resolution"
          + "|倍率|系数|比例|比例系数|缩放|缩放系数|精度|分辨率|变比"),
  /** By which the number in the register is divided. */
  GAIN("gain|divisor|divide by|增益|倍数|放大倍数"),
  UNIT("unit|units|单位"),
  FUNCTION(
      "function|function code|function codes|modbus function|fc|func|fun|read function|register"
          + " type|功能码|读功能码|功能|命令|寄存器类型"),
  WORDS(
      "words|length|len|size|quantity|count|number of registers|no of registers|registers|qty"
          + "|register count|word count|number of words"
          + "|长度|数量|寄存器数|寄存器个数|寄存器数量|字数|字长|数据长度|个数"),
  BYTES("bytes|byte|byte count|byte length|length bytes|字节|字节数|字节长度"),
  ORDER("word order|byte order|order|endian|字节序|字节顺序|顺序"),
  ACCESS("access|r w|rw|read write|read only|读写|读写属性|读写权限|权限|属性|访问"),
  NOTE("remark|remarks|note|notes|comment|comments|备注|说明|注释|范围|range");

  private final List<String> words;

  Column(String words) {
    this.words = List.of(words.split("\\|"));
  }

  /** How a heading is compared: without case, brackets and what is in them. */
  static String plain(String heading) {
    return Normalizer.normalize(heading, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\([^)]*\\)|\\[[^]]*]", " ")
        .replaceAll("[^\\p{IsHan}a-z0-9]+", " ")
        .strip();
  }

  /** The column whose longest word the heading has; null if it is none. */
  static @Nullable Column of(String heading) {
    String plain = plain(heading);
    Column found = null;
    int longest = 0;
    for (Column column : values()) {
      for (String word : column.words) {
        boolean whole = plain.equals(word);
        boolean within =
            word.codePointAt(0) > 0x7F
                ? plain.contains(word)
                : (" " + plain + " ").contains(" " + word + " ");
        int length = whole ? 1000 : within ? word.length() : 0;
        if (length > longest) {
          found = column;
          longest = length;
        }
      }
    }
    boolean bytes = heading.toLowerCase(Locale.ROOT).contains("byte") || heading.contains("字节");
    return found == WORDS && bytes ? BYTES : found;
  }
}
