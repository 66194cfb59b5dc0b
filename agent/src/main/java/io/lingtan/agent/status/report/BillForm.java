package io.lingtan.agent.status.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.bill.BasicCharge;
import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.Fen;
import io.lingtan.agent.bill.MonthBill;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.bill.MonthStatement.Demand;
import io.lingtan.agent.bill.MonthStatement.Line;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.price.RetailCalendar;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A month's bill as text for a terminal, and as JSON. */
public final class BillForm {

  private static final String ABSENT = "—";

  private BillForm() {}

  /** One row for each line, and what it rests on. */
  public static String text(MonthStatement of) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, prices of %s: %s%n".formatted(of.month(), of.prices().place(), of.prices().source()));
    for (Line line : of.lines()) {
      text.append(
          "  %-26s %14s %-4s x %-10s %14s  %s%s%n"
              .formatted(
                  line.name(),
                  plain(line.amount()),
                  line.unit().equals("1") ? "" : line.unit(),
                  plain(line.price())
                      + (line.name().equals(MonthStatement.POWER_FACTOR) ? " %" : ""),
                  money(line.fen()),
                  line.quality().word()
                      + (line.estimated() > 0
                          ? ", %d %% estimated".formatted(line.estimated())
                          : ""),
                  line.why() == null ? "" : ": " + line.why()));
    }
    MonthBill bill = of.bill();
    text.append(
        "  %-26s %48s  %s%n"
            .formatted(
                "total yuan", money(bill == null ? null : bill.totalFen()), of.quality().word()));
    if (bill != null && bill.meanPrice() != null) {
      text.append("  mean price %s yuan/kWh%n".formatted(plain(bill.meanPrice())));
    }
    if (of.demand() != null) {
      text.append("  greatest demand %s kW".formatted(plain(of.demand().greatestKw())));
      text.append(
          of.demand().agreedKw() == null
              ? "%n".formatted()
              : "; agreed %s kW, beyond 105 %% of it %s kW, which count double%n"
                  .formatted(plain(of.demand().agreedKw()), plain(of.demand().beyondKw())));
    }
    if (of.choices().size() > 1) {
      text.append("  basic charge by");
      of.choices().forEach((way, fen) -> text.append(" %s %s;".formatted(way, money(fen))));
      text.append(" cheapest: ")
          .append(String.join(", ", BasicCharge.cheapest(of.choices())))
          .append(';');
      text.append(
          of.breakEvenKw() == null
              ? "%n".formatted()
              : " equal at %s kW%n".formatted(of.breakEvenKw().setScale(1, RoundingMode.HALF_UP)));
    }
    RetailCalendar calendar = of.prices().calendar();
    if (calendar != null) {
      text.append(
          "  parts of the day by %s, %s, version %.12s%n"
              .formatted(calendar.name(), calendar.document(), calendar.sha256()));
    }
    of.wanting().forEach(why -> text.append("  ! ").append(why).append('\n'));
    return text.toString();
  }

  static String money(@Nullable Long fen) {
    return fen == null ? ABSENT : Fen.yuan(fen).toPlainString();
  }

  static String plain(@Nullable BigDecimal number) {
    return number == null ? ABSENT : number.toPlainString();
  }

  /** One line; money in fen, and what is not known is left out. */
  public static String json(MonthStatement of) {
    return Json.text(
        json -> {
          json.writeStartObject();
          json.writeStringField("month", of.month().toString());
          json.writeStringField("prices", of.prices().place());
          json.writeStringField("source", of.prices().source());
          json.writeArrayFieldStart("lines");
          for (Line line : of.lines()) {
            write(line, json);
          }
          json.writeEndArray();
          MonthBill bill = of.bill();
          if (bill != null) {
            json.writeNumberField("total_fen", bill.totalFen());
            number("mean_price", bill.meanPrice(), json);
          }
          json.writeStringField("q", of.quality().word());
          Demand demand = of.demand();
          if (demand != null) {
            json.writeObjectFieldStart("demand");
            number("kw", demand.greatestKw(), json);
            number("agreed_kw", demand.agreedKw(), json);
            number("beyond_kw", demand.beyondKw(), json);
            json.writeStringField("q", demand.quality().word());
            json.writeEndObject();
          }
          if (of.choices().size() > 1) {
            json.writeArrayFieldStart("cheapest");
            for (String way : BasicCharge.cheapest(of.choices())) {
              json.writeString(way);
            }
            json.writeEndArray();
          }
          json.writeObjectFieldStart("basic_fen");
          for (Map.Entry<String, Long> choice : of.choices().entrySet()) {
            json.writeNumberField(choice.getKey(), choice.getValue());
          }
          json.writeEndObject();
          number("break_even_kw", rounded(of.breakEvenKw()), json);
          json.writeArrayFieldStart("days");
          for (DayCharge day : of.days()) {
            json.writeStartObject();
            json.writeStringField("day", day.day().toString());
            number("kwh", day.kwh(), json);
            if (day.fen() != null) {
              json.writeNumberField("fen", day.fen());
            }
            json.writeStringField("q", day.quality().word());
            json.writeNumberField("est", day.estimated());
            if (day.why() != null) {
              json.writeStringField("why", day.why());
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          if (of.prices().spot() != null) {
            json.writeStringField("spot_version", of.prices().spot().sha256());
          }
          RetailCalendar calendar = of.prices().calendar();
          if (calendar != null) {
            json.writeStringField("calendar", calendar.name() + ", " + calendar.document());
            json.writeStringField("calendar_version", calendar.sha256());
          }
          json.writeArrayFieldStart("wanting");
          for (String why : of.wanting()) {
            json.writeString(why);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(Line line, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", line.name());
    json.writeStringField("of", line.figures());
    number("v", line.amount(), json);
    json.writeStringField("u", line.unit());
    number("price", line.price(), json);
    if (line.fen() != null) {
      json.writeNumberField("fen", line.fen());
    }
    json.writeStringField("q", line.quality().word());
    json.writeNumberField("est", line.estimated());
    if (line.why() != null) {
      json.writeStringField("why", line.why());
    }
    json.writeEndObject();
  }

  /** A quotient, to millionths as all figures are. */
  private static @Nullable BigDecimal rounded(@Nullable BigDecimal quotient) {
    if (quotient == null) {
      return null;
    }
    BigDecimal millionths = quotient.setScale(6, RoundingMode.HALF_UP).stripTrailingZeros();
    return millionths.scale() < 0 ? millionths.setScale(0) : millionths;
  }

  private static void number(String name, @Nullable BigDecimal value, JsonGenerator json)
      throws IOException {
    if (value != null) {
      json.writeFieldName(name);
      json.writeNumber(value.toPlainString());
    }
  }
}
