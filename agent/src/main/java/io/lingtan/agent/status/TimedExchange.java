package io.lingtan.agent.status;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A request whose answer has to be taken in time: {@link OpenAnswers} interrupts a write that waits
 * for too long, which ends the connection. Used by the thread that made it, but for {@link
 * #cutIfLate}.
 */
final class TimedExchange extends HttpExchange {

  /** Who takes so many bytes in a tick, and no fewer, is never cut off. */
  static final int PER_TICK = 4096;

  private interface Write {
    void run() throws IOException;
  }

  private final HttpExchange of;
  private final OpenAnswers answers;
  private final Thread thread = Thread.currentThread();
  private final int ticks;
  private long taken;
  private long waited;
  private long writingSince = -1;
  private boolean isCut;

  TimedExchange(HttpExchange of, OpenAnswers answers, int ticks) {
    this.of = of;
    this.answers = answers;
    this.ticks = ticks;
  }

  /** Ends the write that it is stuck in, if it has been for too long; returns whether it did. */
  synchronized boolean cutIfLate(long tick) {
    if (isCut || writingSince < 0 || waited + tick - writingSince <= ticks + taken / PER_TICK) {
      return false;
    }
    isCut = true;
    thread.interrupt();
    return true;
  }

  private void timed(int bytes, Write write) throws IOException {
    synchronized (this) {
      if (isCut) {
        throw new IOException("nobody takes the answer");
      }
      writingSince = answers.tick();
    }
    try {
      write.run();
    } finally {
      synchronized (this) {
        waited += answers.tick() - writingSince;
        taken += bytes;
        writingSince = -1;
      }
    }
  }

  @Override
  public void sendResponseHeaders(int code, long length) throws IOException {
    timed(0, () -> of.sendResponseHeaders(code, length));
  }

  @Override
  public OutputStream getResponseBody() {
    OutputStream body = of.getResponseBody();
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        timed(1, () -> body.write(octet));
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        for (int done = 0; done < length; done += PER_TICK) {
          int start = from + done;
          int part = Math.min(PER_TICK, length - done);
          timed(part, () -> body.write(bytes, start, part));
        }
      }

      @Override
      public void flush() throws IOException {
        timed(0, body::flush);
      }

      @Override
      public void close() throws IOException {
        timed(0, body::close);
      }
    };
  }

  @Override
  public void close() {
    try {
      timed(0, of::close);
    } catch (IOException e) {
      of.close(); // its connection is gone: nothing is left to wait for
    } finally {
      answers.over(this);
    }
  }

  @Override
  public Headers getRequestHeaders() {
    return of.getRequestHeaders();
  }

  @Override
  public Headers getResponseHeaders() {
    return of.getResponseHeaders();
  }

  @Override
  public URI getRequestURI() {
    return of.getRequestURI();
  }

  @Override
  public String getRequestMethod() {
    return of.getRequestMethod();
  }

  @Override
  public HttpContext getHttpContext() {
    return of.getHttpContext();
  }

  @Override
  public InputStream getRequestBody() {
    return of.getRequestBody();
  }

  @Override
  public InetSocketAddress getRemoteAddress() {
    return of.getRemoteAddress();
  }

  @Override
  public int getResponseCode() {
    return of.getResponseCode();
  }

  @Override
  public InetSocketAddress getLocalAddress() {
    return of.getLocalAddress();
  }

  @Override
  public String getProtocol() {
    return of.getProtocol();
  }

  @Override
  public Object getAttribute(String name) {
    return of.getAttribute(name);
  }

  @Override
  public void setAttribute(String name, Object value) {
    of.setAttribute(name, value);
  }

  @Override
  public void setStreams(@Nullable InputStream in, @Nullable OutputStream out) {
    of.setStreams(in, out);
  }

  @Override
  public HttpPrincipal getPrincipal() {
    return of.getPrincipal();
  }
}
