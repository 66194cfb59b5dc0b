package io.lingtan.simulator.prove;

import io.lingtan.agent.journal.file.Connector;
import io.lingtan.simulator.fault.HostFault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * SQLite on a disk that is full, read-only or broken for some time. It answers as SQLite does, with
 * the result code that the real file system leads to, at the statement where that shows: a WAL is
 * written in COMMIT, and a read-only one is noticed at BEGIN IMMEDIATE. What is read comes from the
 * kernel's memory and goes on.
 *
 * <p>Real full and failing file systems are for the tests that may make some; this is for many
 * seeds at once in one process, where no limit of the operating system can be set for one of them.
 */
final class FaultyDisk implements Connector {

  /** Primary result codes, sqlite.org/rescode.html. */
  static final int READ_ONLY = 8;

  static final int IO_ERROR = 10;
  static final int FULL = 13;

  private static final String BEGIN = "BEGIN IMMEDIATE";
  private static final String COMMIT = "COMMIT";

  private final Connector sqlite = Connector.sqlite();
  private final MachineClock clock;
  private final Holding<HostFault> faults;
  private final RandomGenerator random;
  private final SortedMap<String, Long> injected = new TreeMap<>();

  /** What is to be done with a statement. */
  private enum Fate {
    RUN,
    FAIL,
    /** The card takes everything, and then its "synced" is lost. */
    RUN_AND_FAIL
  }

  /**
   * @param random decides how far a failing write comes
   */
  public FaultyDisk(MachineClock clock, List<HostFault> faults, RandomGenerator random) {
    this.clock = clock;
    this.faults =
        new Holding<>(
            faults.stream()
                .filter(
                    fault ->
                        fault instanceof HostFault.DiskFull
                            || fault instanceof HostFault.ReadOnly
                            || fault instanceof HostFault.IoError)
                .toList());
    this.random = random;
  }

  @Override
  public Connection connect(Path file) throws SQLException {
    return onTransactions(sqlite.connect(file));
  }

  /** Only what begins and ends transactions is looked at; all else goes through as it is. */
  private Connection onTransactions(Connection connection) {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          Object result = method.invoke(connection, arguments);
          return result instanceof PreparedStatement statement
                  && arguments != null
                  && arguments[0] instanceof String sql
                  && (sql.equals(BEGIN) || sql.equals(COMMIT))
              ? onExecute(statement, sql)
              : result;
        });
  }

  private PreparedStatement onExecute(PreparedStatement statement, String sql) {
    return proxy(
        PreparedStatement.class,
        (method, arguments) -> {
          if (!method.getName().equals("execute")) {
            return method.invoke(statement, arguments);
          }
          HostFault fault = now();
          Fate fate = fault == null ? Fate.RUN : fate(fault, sql);
          Object result = fate == Fate.FAIL ? null : method.invoke(statement, arguments);
          if (fault != null && fate != Fate.RUN) {
            throw struck(fault);
          }
          return result;
        });
  }

  private Fate fate(HostFault fault, String sql) {
    return switch (fault) {
      case HostFault.DiskFull full -> sql.equals(COMMIT) ? Fate.FAIL : Fate.RUN;
      case HostFault.ReadOnly readOnly -> sql.equals(BEGIN) ? Fate.FAIL : Fate.RUN;
      case HostFault.IoError error -> {
        if (!sql.equals(COMMIT)) {
          yield Fate.RUN;
        }
        yield random.nextInt(3) == 0 ? Fate.RUN_AND_FAIL : Fate.FAIL;
      }
      default -> Fate.RUN;
    };
  }

  private @Nullable HostFault now() {
    List<HostFault> holding = faults.at(clock.worldMillis());
    return holding.isEmpty() ? null : holding.getFirst();
  }

  private SQLException struck(HostFault fault) {
    injected.merge(fault.kind(), 1L, Long::sum);
    return switch (fault) {
      case HostFault.DiskFull full ->
          new SQLException("[SQLITE_FULL] database or disk is full", "", FULL);
      case HostFault.ReadOnly readOnly ->
          new SQLException("[SQLITE_READONLY] attempt to write a readonly database", "", READ_ONLY);
      default -> new SQLException("[SQLITE_IOERR] disk I/O error", "", IO_ERROR);
    };
  }

  /** How many transactions each kind of fault has failed. */
  public SortedMap<String, Long> injected() {
    return new TreeMap<>(injected);
  }

  private interface Call {
    @Nullable Object with(Method method, Object @Nullable [] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              try {
                return call.with(method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            }));
  }
}
