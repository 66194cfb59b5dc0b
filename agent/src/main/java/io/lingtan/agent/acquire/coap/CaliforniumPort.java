package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.RawDataChannel;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.DtlsHandshakeTimeoutException;
import org.eclipse.californium.scandium.dtls.HandshakeException;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.jspecify.annotations.Nullable;

/**
 * A real peer. Everything here runs on the one thread that Californium is handed, which also
 * resolves the peer's name; the line's thread only leaves tasks there.
 */
public final class CaliforniumPort implements CoapPort {

  private static final int MOST_SIGNALS = 256;
  private static final int COAP = 5683;
  private static final int COAPS = 5684;

  private final Line.Coap line;
  private final URI uri;
  private final Inbox<CoapSignal> signals = new Inbox<>(MOST_SIGNALS);
  private final ScheduledExecutorService executor;
  private final Unasked unasked = new Unasked();

  // Touched on the executor's thread only.
  private final Map<Long, Answer> asked = new HashMap<>();
  private final Map<String, Observed> observed = new HashMap<>();
  private @Nullable CoapEndpoint endpoint;

  /** What is observed under one path; its notifications carry the number of the last question. */
  private record Observed(Token token, long id) {}

  /** Opens nothing yet. */
  public CaliforniumPort(Line.Coap line) {
    this.line = line;
    this.uri = URI.create(line.uri());
    this.executor = Threads.scheduled("coap " + line.id(), 1);
  }

  @Override
  public String where() {
    return line.uri();
  }

  @Override
  public Inbox<CoapSignal> signals() {
    return signals;
  }

  @Override
  public void get(long id, Get question) {
    later(() -> send(id, question));
  }

  @Override
  public void cancel(long id) {
    later(
        () -> {
          Answer answer = asked.remove(id);
          if (answer != null) {
            answer.giveUp();
          }
        });
  }

  @Override
  public void renew() {
    later(this::leave);
  }

  @Override
  public long unasked() {
    return unasked.count();
  }

  @Override
  public void close() {
    later(this::leave);
    executor.shutdown();
  }

  private void later(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException closed) {
      // Nobody waits for an answer after the end.
      return;
    }
  }

  // On the executor's thread.

  private void leave() {
    asked.clear();
    observed.clear();
    CoapEndpoint open = endpoint;
    endpoint = null;
    if (open != null) {
      open.destroy();
    }
  }

  private void send(long id, Get question) {
    try {
      InetSocketAddress peer = peer();
      CoapEndpoint open = endpoint();
      Request request = Request.newGet();
      request.setDestinationContext(new AddressEndpointContext(peer, uri.getHost(), null));
      request.setOptions(URI.create(line.uri() + question.path()));
      request.getOptions().removeUriHost().removeUriPort();
      if (question.accept() != PayloadDecoder.UNKNOWN_FORMAT) {
        request.getOptions().setAccept(question.accept());
      }
      if (question.observe()) {
        observe(id, question.path(), request);
      }
      Answer answer = new Answer(id, question.path(), request);
      request.addMessageObserver(answer);
      asked.put(id, answer);
      open.sendRequest(request);
    } catch (IOException | RuntimeException e) {
      asked.remove(id);
      signals.offer(
          new CoapSignal.Failed(
              id,
              Reason.CONFIG,
              new Sentence(
                  line.uri() + " cannot be asked: " + e.getMessage(),
                  "无法访问 " + line.uri() + "：" + e.getMessage())));
    }
  }

  /** The same token renews what is observed (RFC 7641, section 3.3.1). */
  private void observe(long id, String path, Request request) {
    request.setObserve();
    Observed before = observed.get(path);
    if (before != null) {
      request.setToken(before.token);
      observed.put(path, new Observed(before.token, id));
    }
  }

  private InetSocketAddress peer() throws IOException {
    String host = uri.getHost();
    int port = uri.getPort() >= 0 ? uri.getPort() : isSecure() ? COAPS : COAP;
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (java.net.UnknownHostException e) {
      throw new IOException(
          "no host is called "
              + host
              + "; write its IP address into the site file, or ask whoever keeps the names of this"
              + " network",
          e);
    }
  }

  private boolean isSecure() {
    return uri.getScheme().equals("coaps");
  }

  private CoapEndpoint endpoint() throws IOException {
    CoapEndpoint open = endpoint;
    if (open != null) {
      return open;
    }
    Configuration settings = Californium.settings(line.timeout().toMillis(), DtlsRole.CLIENT_ONLY);
    open = Californium.endpoint(settings, connector(settings), line.id());
    open.setExecutors(executor, executor);
    open.addNotificationListener(this::notified);
    open.addPostProcessInterceptor(unasked);
    open.start();
    endpoint = open;
    return open;
  }

  private Connector connector(Configuration settings) throws IOException {
    if (!isSecure()) {
      return new UDPConnector(new InetSocketAddress(0), settings) {
        @Override
        public void setRawDataReceiver(RawDataChannel receiver) {
          super.setRawDataReceiver(unasked.before(receiver));
        }
      };
    }
    String identity = line.identity();
    Line.KeyFile keys = line.keyFile();
    if (identity == null || keys == null) {
      throw new IOException(line.uri() + " needs identity and key_file in the site file");
    }
    DTLSConnector connector =
        new DTLSConnector(
            DtlsConnectorConfig.builder(settings)
                .setAddress(new InetSocketAddress(0))
                .setAdvancedPskStore(
                    new AdvancedSinglePskStore(identity, SharedKeys.one(keys.file())))
                .setLoggingTag(line.id())
                .build());
    connector.setExecutor(executor);
    return connector;
  }

  private void notified(Request request, Response response) {
    Token token = request.getToken();
    for (Observed each : observed.values()) {
      if (each.token.equals(token)) {
        arrived(each.id, response);
        return;
      }
    }
  }

  private void arrived(long id, Response response) {
    var options = response.getOptions();
    Integer observe = options.getObserve();
    Long maxAge = options.getMaxAge();
    int format = options.getContentFormat();
    signals.offer(
        new CoapSignal.Answered(
            id,
            Californium.code(response.getRawCode()),
            format == MediaTypeRegistry.UNDEFINED ? PayloadDecoder.UNKNOWN_FORMAT : format,
            maxAge == null ? 60 : maxAge,
            observe == null ? CoapSignal.NOT_OBSERVED : observe,
            response.getPayload()));
  }

  /** What comes of one question. */
  private final class Answer extends MessageObserverAdapter {
    private final long id;
    private final String path;
    private final Request request;
    private boolean shakingHands;

    Answer(long id, String path, Request request) {
      this.id = id;
      this.path = path;
      this.request = request;
    }

    /** A wrong key shows in nothing but silence where the other side keeps quiet about it. */
    void giveUp() {
      request.cancel();
      if (shakingHands) {
        signals.offer(
            new CoapSignal.Failed(
                id,
                Reason.CONFIG,
                new Sentence(
                    "no DTLS session with "
                        + line.uri()
                        + " as '"
                        + line.identity()
                        + "' yet: is the node there, is the address right, and do both sides have"
                        + " the same identity and key?",
                    "以 %s 的身份与 %s 还没有建立 DTLS：检查节点是否在线、地址是否正确、双方身份和密钥是否一致"
                        .formatted(line.identity(), line.uri()))));
      }
    }

    @Override
    public void onConnecting() {
      shakingHands = true;
    }

    @Override
    public void onContextEstablished(EndpointContext context) {
      shakingHands = false;
    }

    @Override
    public void onResponse(Response response) {
      if (request.isObserve() && response.getOptions().hasObserve()) {
        observed.put(path, new Observed(request.getToken(), id));
      }
      if (asked.remove(id) != null) {
        arrived(id, response);
      }
    }

    @Override
    public void onTimeout() {
      fail(
          Reason.TIMEOUT,
          new Sentence("no acknowledgement from " + line.uri(), line.uri() + " 没有确认"));
    }

    @Override
    public void onReject() {
      fail(
          Reason.CRC,
          new Sentence(
              line.uri() + " did not understand the request and reset it",
              line.uri() + " 不认识这个请求"));
    }

    @Override
    public void onCancel() {
      fail(
          Reason.CRC,
          new Sentence(
              "the answer of " + path + " could not be put together or was too large",
              path + " 的应答拼不完整或过大"));
    }

    @Override
    public void onResponseHandlingError(Throwable cause) {
      fail(
          Reason.CRC,
          new Sentence(
              "the answer of " + path + " could not be used: " + cause.getMessage(),
              path + " 的应答无法使用：" + cause.getMessage()));
    }

    @Override
    public void onSendError(Throwable error) {
      fail(isDtls(error) ? Reason.CONFIG : Reason.TIMEOUT, words(error));
    }

    private void fail(Reason reason, Sentence words) {
      if (asked.remove(id) != null) {
        signals.offer(new CoapSignal.Failed(id, reason, words));
      }
    }
  }

  private static boolean isDtls(Throwable error) {
    return error instanceof HandshakeException || error.getCause() instanceof HandshakeException;
  }

  private Sentence words(Throwable error) {
    if (!isDtls(error)) {
      return new Sentence(
          "sending to "
              + line.uri()
              + " failed: "
              + error.getMessage()
              + "; is this machine in the network?",
          "发往 %s 失败（%s）：检查网关是否在网络中".formatted(line.uri(), error.getMessage()));
    }
    boolean silent =
        error instanceof DtlsHandshakeTimeoutException
            || error.getCause() instanceof DtlsHandshakeTimeoutException;
    return new Sentence(
        "DTLS with "
            + line.uri()
            + " as '"
            + line.identity()
            + "' failed ("
            + error.getMessage()
            + "): "
            + (silent
                ? "the other side said nothing to it; is the address right, and do both sides have"
                    + " the same key?"
                : "both sides must have the same identity and key; look at key_file and at the"
                    + " node"),
        "与 %s 的 DTLS（身份 %s）没有谈成：%s"
            .formatted(
                line.uri(),
                line.identity(),
                silent ? "对方没有应答，检查地址和双方的密钥" : "双方的身份和密钥必须一致，检查 key_file 和节点"));
  }
}
