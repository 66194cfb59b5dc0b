package io.lingtan.agent.acquire.share;

import io.lingtan.agent.acquire.share.ReadRequest.Garbage;
import io.lingtan.agent.acquire.share.ReadRequest.Incomplete;
import io.lingtan.agent.acquire.share.ReadRequest.Read;
import io.lingtan.agent.acquire.share.ReadRequest.Refused;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SelectorWaiter;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.share.Share;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers other masters that read a line through us. Runs on a thread of its own, or by hand: it
 * never blocks, and never touches the line, which it asks by a bounded inbox.
 *
 * <p>Limits: {@value #MOST_CALLERS} connections, {@value #MOST_OF_ADDRESS} of one address; of each
 * {@value Caller#MOST_OPEN} open questions and {@value Caller#MOST_A_SECOND} a second; {@value
 * SharedLine#MOST_WAITING} questions of all of them wait for the line, {@value #PATIENCE_SECONDS} s
 * at most. One that asks for nothing for a while makes room for a newcomer. Each refusal is
 * counted.
 */
public final class ShareStep implements Step {

  private static final Logger log = LoggerFactory.getLogger(ShareStep.class);

  static final int MOST_CALLERS = 16;
  static final int MOST_OF_ADDRESS = 8;

  private static final int PATIENCE_SECONDS = 5;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long PATIENCE_NANOS = PATIENCE_SECONDS * SECOND_NANOS;
  private static final long SPARE_AFTER_NANOS = 60 * SECOND_NANOS;
  private static final long FIRST_PAUSE_NANOS = SECOND_NANOS;
  private static final long LONGEST_PAUSE_NANOS = 30 * SECOND_NANOS;

  /** Connections that are turned away within a second, before the rest waits for the next one. */
  private static final int MOST_TURNED_AWAY = 50;

  private static final int MOST_ACCEPTED_AT_ONCE = 16;
  private static final int BACKLOG = 16;
  private static final int LEAST_TIMEOUT_MILLIS = 10;
  private static final int LONGEST_TIMEOUT_MILLIS = 10_000;

  private final String name;
  private final Share share;
  private final SharedLine line;
  private final int timeoutMillis;
  private final SelectorWaiter waiter = new SelectorWaiter();
  private final List<Caller> callers = new ArrayList<>();
  private final SortedMap<String, Long> connections = new TreeMap<>();
  private final SortedMap<String, Long> answers = new TreeMap<>();
  private @Nullable ServerSocketChannel server;
  private @Nullable SelectionKey door;
  private long openDueNanos = Long.MIN_VALUE;
  private long pauseNanos;
  private long secondNanos;
  private int turnedAway;
  private int asked;
  private @Nullable Sentence problem;
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile ShareSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param share how the line is lent
   */
  public ShareStep(Line line, Share share, SharedLine shared) {
    this.name = "share " + line.id();
    this.share = share;
    this.line = shared;
    this.timeoutMillis =
        Math.clamp(line.timeout().toMillis(), LEAST_TIMEOUT_MILLIS, LONGEST_TIMEOUT_MILLIS);
    for (String how : List.of("taken", "left", "not_allowed", "full", "idle", "slow", "garbage")) {
      connections.put(how, 0L);
    }
    for (String by :
        List.of(
            "memory",
            "line",
            "device_exception",
            "no_answer",
            "busy",
            "not_a_read",
            "no_device",
            "malformed")) {
      answers.put(by, 0L);
    }
    this.snapshot = shoot();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  /** Whom it serves, as of now. Any thread. */
  public ShareSnapshot snapshot() {
    return snapshot;
  }

  private ShareSnapshot shoot() {
    return new ShareSnapshot(
        share.where(),
        problem,
        callers.size(),
        connections,
        answers,
        line.lineNanos() / 1_000_000L);
  }

  /** Runs on the share's thread. Returns how many things happened, 0 when idle. */
  @Override
  public int step(MonotonicInstant instant) {
    long now = instant.nanos();
    int done = 0;
    asked = 0;
    if (server == null && openDueNanos <= now) {
      open(now);
      done++;
    }
    try {
      waiter.selector().selectNow();
      waiter.selector().selectedKeys().clear();
    } catch (IOException e) {
      failed(e, now);
    }
    done += accept(now);
    for (Iterator<Caller> each = callers.iterator(); each.hasNext(); ) {
      Caller caller = each.next();
      String ended = serve(caller, now);
      if (ended != null) {
        caller.close();
        each.remove();
        count(connections, ended);
        done++;
      }
    }
    done += asked;
    snapshot = shoot();
    due = new MonotonicInstant(Math.max(0, nextDue(now)));
    return done;
  }

  private long nextDue(long now) {
    long next = server == null ? openDueNanos : Long.MAX_VALUE;
    if (turnedAway >= MOST_TURNED_AWAY) {
      next = Math.min(next, secondNanos + SECOND_NANOS);
    }
    for (Caller caller : callers) {
      next = Math.min(next, caller.dueNanos(now));
    }
    return next;
  }

  private static void count(SortedMap<String, Long> counters, String what) {
    counters.merge(what, 1L, Long::sum);
  }

  // Who comes.

  private void open(long now) {
    try {
      InetSocketAddress place = new InetSocketAddress(share.host(), share.port());
      if (place.isUnresolved()) {
        throw new IOException("no address is called " + share.host());
      }
      ServerSocketChannel opened = ServerSocketChannel.open();
      server = opened;
      opened.configureBlocking(false);
      opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      opened.bind(place, BACKLOG);
      door = opened.register(waiter.selector(), SelectionKey.OP_ACCEPT);
      problem = null;
      pauseNanos = 0;
      log.info("{}: other masters may read at {}", name, share.where());
    } catch (IOException e) {
      failed(e, now);
    }
  }

  private void failed(IOException e, long now) {
    closeServer();
    pauseNanos = Math.clamp(pauseNanos * 2, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    openDueNanos = now + pauseNanos;
    Sentence words =
        new Sentence(
            "%s cannot be listened on: %s; is another program there, is it an address of this machine, is the port above 1023?"
                .formatted(share.where(), e.getMessage()),
            "%s 打不开（%s）：检查端口是否被占用、地址是否属于本机、端口是否大于 1023".formatted(share.where(), e.getMessage()));
    if (problem == null || !problem.equals(words)) {
      log.warn("{}: {}", name, words);
    }
    problem = words;
  }

  private int accept(long now) {
    ServerSocketChannel open = server;
    SelectionKey key = door;
    if (open == null || key == null) {
      return 0;
    }
    if (now - secondNanos >= SECOND_NANOS) {
      secondNanos = now;
      turnedAway = 0;
    }
    int done = 0;
    try {
      while (done < MOST_ACCEPTED_AT_ONCE && turnedAway < MOST_TURNED_AWAY) {
        SocketChannel socket = open.accept();
        if (socket == null) {
          break;
        }
        done++;
        admit(socket, now);
      }
    } catch (IOException e) {
      turnedAway = MOST_TURNED_AWAY; // no descriptors left: in a second there may be
    }
    key.interestOps(turnedAway >= MOST_TURNED_AWAY ? 0 : SelectionKey.OP_ACCEPT);
    return done;
  }

  private void admit(SocketChannel socket, long now) throws IOException {
    InetAddress address = ((InetSocketAddress) socket.getRemoteAddress()).getAddress();
    boolean allowed = share.allows(address);
    if (!allowed || !hasRoom(address, now)) {
      socket.close();
      turnedAway++;
      count(connections, allowed ? "full" : "not_allowed");
      return;
    }
    socket.configureBlocking(false);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    SelectionKey key = socket.register(waiter.selector(), SelectionKey.OP_READ);
    callers.add(new Caller(socket, key, address, now));
    count(connections, "taken");
  }

  /** Whether there is room for one more of this address, if need be in place of an idle one. */
  private boolean hasRoom(InetAddress address, long now) {
    long own = callers.stream().filter(caller -> caller.address().equals(address)).count();
    if (own < MOST_OF_ADDRESS && callers.size() < MOST_CALLERS) {
      return true;
    }
    Caller spare =
        callers.stream()
            .filter(caller -> own < MOST_OF_ADDRESS || caller.address().equals(address))
            .max(Comparator.comparingLong(caller -> caller.idleNanos(now)))
            .orElse(null);
    if (spare == null || spare.idleNanos(now) < SPARE_AFTER_NANOS) {
      return false;
    }
    spare.close();
    callers.remove(spare);
    count(connections, "idle");
    return true;
  }

  // What they ask.

  /** Returns why the connection ends, null if it goes on. */
  private @Nullable String serve(Caller caller, long now) {
    answerOpen(caller, now);
    boolean there = caller.receive(now);
    for (int i = 0; i <= Caller.MOST_OPEN; i++) {
      ReadRequest next = caller.next(now);
      if (next instanceof Incomplete) {
        break;
      }
      asked++;
      switch (next) {
        case Incomplete incomplete -> {}
        case Garbage garbage -> {
          return "garbage";
        }
        case Refused(int transaction, int unit, int function, int code) -> {
          count(answers, code == ReadRequest.NOT_A_READ ? "not_a_read" : "malformed");
          caller.answer(ReadRequest.exception(transaction, unit, function, code), now);
        }
        case Read read -> ask(caller, read, now);
      }
    }
    if (!there || !caller.send(now)) {
      return "left";
    }
    if (caller.isSlow(now)) {
      return "slow";
    }
    if (caller.isIdle(now)) {
      return "idle";
    }
    caller.listen(now);
    return null;
  }

  private void ask(Caller caller, Read read, long now) {
    if (!line.hasUnit(read.unit())) {
      refuse(caller, read, ReadRequest.NO_PATH, "no_device", now);
      return;
    }
    byte[] told = line.recent(read.unit(), read.block(), now);
    if (told != null) {
      count(answers, "memory");
      caller.answer(ReadRequest.values(read, told), now);
      return;
    }
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Request.Registers request =
        new Request.Registers(
            read.unit(), read.block().function(), read.block().address(), read.block().words());
    var _ = answer.whenComplete((_, _) -> waiter.wake());
    if (line.questions().offer(new Inquiry(request, timeoutMillis, null, false, answer))) {
      caller.open().add(new Caller.Open(read, answer, now + PATIENCE_NANOS));
    } else {
      refuse(caller, read, ReadRequest.BUSY, "busy", now);
    }
  }

  private void refuse(Caller caller, Read read, int code, String why, long now) {
    count(answers, why);
    int function = read.block().function();
    caller.answer(ReadRequest.exception(read.transaction(), read.unit(), function, code), now);
  }

  private void answerOpen(Caller caller, long now) {
    for (Iterator<Caller.Open> each = caller.open().iterator(); each.hasNext(); ) {
      Caller.Open question = each.next();
      Read read = question.read();
      if (question.answer().isDone()) {
        each.remove();
        answer(caller, read, question.answer().join(), now);
      } else if (now >= question.untilNanos()) {
        each.remove();
        question.answer().cancel(false);
        refuse(caller, read, ReadRequest.BUSY, "busy", now);
      }
    }
  }

  private void answer(Caller caller, Read read, Answer answer, long now) {
    switch (answer) {
      case Answer.Value(var wire, var value) -> {
        count(answers, wire.sent().length == 0 ? "memory" : "line");
        caller.answer(ReadRequest.values(read, value), now);
      }
      case Answer.Refused(var wire, int code) ->
          refuse(caller, read, code, "device_exception", now);
      case Answer.Silent silent ->
          refuse(caller, read, ReadRequest.TARGET_SILENT, "no_answer", now);
      case Answer.Garbled garbled ->
          refuse(caller, read, ReadRequest.TARGET_SILENT, "no_answer", now);
      case Answer.NotAsked notAsked -> refuse(caller, read, ReadRequest.NO_PATH, "no_answer", now);
      case Answer.Here here -> throw new IllegalStateException("registers were asked for");
    }
  }

  private void closeServer() {
    ServerSocketChannel open = server;
    server = null;
    door = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.warn("{}: {} stays open: {}", name, share.where(), e.toString());
      }
    }
  }

  /** Ends all connections and frees the port. */
  @Override
  public void close() {
    callers.forEach(Caller::close);
    callers.clear();
    closeServer();
    waiter.release();
  }
}
