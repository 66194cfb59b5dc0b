package io.lingtan.agent.journal.code;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.RowSum;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The journal's dictionary: device ids, boots, reasons, and lists of points, each under a number,
 * so that a segment of a few samples does not spell them out. Only ever grows, up to a limit; after
 * it texts are spelt out.
 *
 * <p>Numbers are given by the ledger's thread, looked up by any. A name is in memory before the
 * transaction that writes it ends, so that a reader of the segment always finds it; if the
 * transaction fails, the name is written with the next.
 */
public final class Names {
  public static final int MOST = 4096;
  private static final int LONGEST = 4096;

  /** The form of a file whose points each software knows that reads any of today's files. */
  public static final int LEAST_FORM = 6;

  /** What software that reads form 6 and no higher one takes for damage. */
  private static final Set<Quantity> SINCE_7 = EnumSet.of(Quantity.ENERGY_ABSORBED, Quantity.OWN);

  private final ConcurrentHashMap<String, Integer> numbers = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, String> texts = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Point[]> shapes = new ConcurrentHashMap<>();
  private int saved;
  private int saving;
  private volatile int form = LEAST_FORM;

  public void load(Database db) throws SQLException {
    form = LEAST_FORM;
    numbers.clear();
    texts.clear();
    shapes.clear();
    try (ResultSet rows =
        db.statement("SELECT number, text, sum FROM name ORDER BY number").executeQuery()) {
      while (rows.next()) {
        RowSum.check(rows, 3, rows.getInt(1), rows.getString(2));
        numbers.put(rows.getString(2), rows.getInt(1));
        texts.put(rows.getInt(1), rows.getString(2));
        form = Math.max(form, form(rows.getString(2)));
      }
    }
    saved = texts.size();
  }

  /**
   * After a commit of which nobody knows what became: what the file has of what memory knows is not
   * written again.
   */
  public void agree(Database db) throws SQLException {
    saved = 0;
    try (ResultSet rows =
        db.statement("SELECT number, text FROM name ORDER BY number").executeQuery()) {
      while (rows.next()
          && rows.getInt(1) == saved + 1
          && rows.getString(2).equals(texts.get(saved + 1))) {
        saved++;
      }
    }
  }

  /**
   * In the transaction, in which the file's header comes to say what it takes to read them: older
   * software then refuses the file, and takes no record in it for damaged.
   */
  public void save(Database db) throws SQLException {
    if (form > LEAST_FORM && db.number("PRAGMA user_version", 0) < form) {
      db.run("PRAGMA user_version=" + form);
    }
    saving = texts.size();
    for (int number = saved + 1; number <= saving; number++) {
      PreparedStatement insert =
          db.statement("INSERT INTO name (number, text, sum) VALUES (?, ?, ?)");
      insert.setInt(1, number);
      insert.setString(2, text(number));
      insert.setLong(3, RowSum.of(number, text(number)));
      insert.executeUpdate();
    }
  }

  /** The transaction of the last {@link #save} ended well. */
  public void saved() {
    saved = saving;
  }

  /** How many the file has. */
  public int onCard() {
    return saved;
  }

  /** Writes all that come after this number; returns the last of them. */
  public int put(ByteSink to, int after) {
    int last = texts.size();
    to.putVarint(after);
    to.putVarint(last - after);
    for (int number = after + 1; number <= last; number++) {
      to.putText(texts.getOrDefault(number, ""));
    }
    return last;
  }

  /** Takes up what {@link #put(ByteSink, int)} wrote for another process. */
  public void takeUp(ByteSource from) throws DamagedSegment {
    int number = from.takeCount(MOST);
    for (int left = from.takeCount(MOST); left > 0; left--) {
      number++;
      String text = from.takeText();
      String known = texts.get(number);
      if (known == null && number == texts.size() + 1) {
        form = Math.max(form, form(text));
        texts.put(number, text);
        numbers.put(text, number);
      } else if (!text.equals(known)) {
        throw new DamagedSegment("name " + number + " is another one in the dictionary");
      }
    }
  }

  /**
   * The form that a file with this point has. Whoever adds a quantity, or another {@link
   * io.lingtan.agent.reading.Form}, adds a form.
   */
  static int form(Point point) {
    return SINCE_7.contains(point.quantity()) ? 7 : LEAST_FORM;
  }

  /** The highest of the points in it, if it is a list of points. */
  private static int form(String text) {
    int highest = LEAST_FORM;
    for (String word : text.split(" ", -1)) {
      try {
        Point point = word.indexOf('/') > 0 ? Point.ofCode(word) : Point.find(word);
        highest = Math.max(highest, point == null ? LEAST_FORM : form(point));
      } catch (IllegalArgumentException e) {
        // A device, a boot or a reason: no point.
      }
    }
    return highest;
  }

  /** The text's number, a new one if need be; null if there is no more room. */
  private @Nullable Integer number(String text) {
    Integer number = numbers.get(text);
    if (number == null) {
      form = Math.max(form, form(text));
    }
    if (number == null && texts.size() < MOST && text.length() <= LONGEST) {
      number = texts.size() + 1;
      texts.put(number, text);
      numbers.put(text, number);
    }
    return number;
  }

  public void put(ByteSink to, String text) {
    Integer number = number(text);
    to.putVarint(number == null ? 0 : number);
    if (number == null) {
      to.putText(text);
    }
  }

  public String take(ByteSource from) throws DamagedSegment {
    int number = from.takeCount(MOST);
    if (number == 0) {
      return from.takeText();
    }
    String text = texts.get(number);
    if (text == null) {
      throw new DamagedSegment("name " + number + " is not in the dictionary");
    }
    return text;
  }

  /** The points that a list written by {@link #shape} names, ascending; the array is shared. */
  Point[] points(String shape) throws DamagedSegment {
    Point[] known = shapes.get(shape);
    if (known != null) {
      return known;
    }
    List<Point> points = new ArrayList<>();
    for (String word : shape.isEmpty() ? new String[0] : shape.split(" ")) {
      points.add(point(word));
    }
    Point[] made = points.toArray(Point[]::new);
    if (shapes.size() < MOST) {
      shapes.put(shape, made);
    }
    return made;
  }

  private Point point(String word) throws DamagedSegment {
    try {
      return Point.ofCode(word.startsWith("=") ? text(Integer.parseInt(word.substring(1))) : word);
    } catch (IllegalArgumentException e) {
      throw new DamagedSegment("no point is called " + word, e);
    }
  }

  /**
   * A list of points. An own point's code stands in the dictionary once and its number here: {@code
   * power =17}. Where the dictionary is full the code is spelt out.
   */
  String shape(Iterable<Point> points) {
    StringBuilder names = new StringBuilder();
    for (Point point : points) {
      String code = point.code();
      Integer number = point.isOwn() ? number(code) : null;
      names.append(names.isEmpty() ? "" : " ").append(number == null ? code : "=" + number);
    }
    return names.toString();
  }

  private String text(int number) {
    return texts.getOrDefault(number, "");
  }
}
