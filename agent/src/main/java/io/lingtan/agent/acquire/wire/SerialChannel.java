package io.lingtan.agent.acquire.wire;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortDataListener;
import com.fazecast.jSerialComm.SerialPortEvent;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Signals;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A serial port through jSerialComm, opened exclusively and read without blocking.
 *
 * <p>The library's event thread does one thing: it wakes the line's thread.
 */
public final class SerialChannel implements Channel {

  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EBUSY = 16;
  private static final int EAGAIN = 11;

  private final Line.Serial line;
  private final Waiter waiter = Waiter.parking();
  private final byte[] out = new byte[256];
  private final byte[] in = new byte[512];
  private @Nullable SerialPort port;
  private @Nullable Trouble trouble;
  private volatile boolean unplugged;

  public SerialChannel(Line.Serial line) {
    this.line = line;
  }

  @Override
  public String where() {
    return line.port();
  }

  @Override
  public Opening open() {
    if (port != null) {
      return Opening.OPEN;
    }
    trouble = null;
    unplugged = false;
    Path path = Path.of(line.port());
    if (!Files.exists(path)) {
      return failed(missing());
    }
    if (!FieldPorts.isDevice(path)) {
      return failed(noDevice());
    }
    if (!Files.isReadable(path) || !Files.isWritable(path)) {
      return failed(forbidden());
    }
    try {
      // The first one loads the library, which would make the process deaf for SIGHUP.
      Signals.keep(SerialLibrary::load);
      SerialPort opened = SerialPort.getCommPort(line.port());
      configure(opened);
      if (!opened.openPort(0)) {
        return failed(describe(opened.getLastErrorCode()));
      }
      opened.flushIOBuffers();
      opened.addDataListener(new Wakening());
      port = opened;
      return Opening.OPEN;
    } catch (SerialPortInvalidPortException e) {
      return failed(missing());
    } catch (LinkageError e) {
      return failed(noLibrary(e));
    }
  }

  private static Trouble noLibrary(LinkageError e) {
    String machine = System.getProperty("os.name") + '/' + System.getProperty("os.arch");
    String folder = System.getProperty("java.io.tmpdir");
    return new Trouble(
        Reason.CONFIG,
        new Sentence(
            "no serial port can be opened: jSerialComm's native library does not load on %s (%s); it"
                    .formatted(machine, e.getMessage())
                + " is unpacked into %s, which must have room and let programs run; then restart"
                    .formatted(folder)
                + " lingtan",
            "打不开任何串口：jSerialComm 的本机库在 %s 上装载失败（%s）；它解压到 %s，那里要有空间并允许执行程序，处理后重启网关程序"
                .formatted(machine, e.getMessage(), folder)));
  }

  @Override
  public boolean format(CharacterFormat format) {
    SerialPort open = port;
    if (open == null) {
      return false;
    }
    // Nothing is on its way: a request is over before the next one asks for another form.
    if (!parameters(open, format)) {
      gone();
      return false;
    }
    return true;
  }

  private boolean parameters(SerialPort opened, CharacterFormat format) {
    return opened.setComPortParameters(
        format.baud(),
        8,
        format.stopBits() == 2 ? SerialPort.TWO_STOP_BITS : SerialPort.ONE_STOP_BIT,
        switch (isPseudoTerminal() ? Parity.NONE : format.parity()) {
          case NONE -> SerialPort.NO_PARITY;
          case EVEN -> SerialPort.EVEN_PARITY;
          case ODD -> SerialPort.ODD_PARITY;
        });
  }

  /**
   * A simulator's port has no wire and so no parity; asked for it, it refuses from the second
   * opening on, when nothing else is left that could be changed (tcsetattr(3), EINVAL).
   */
  private boolean isPseudoTerminal() {
    try {
      return Path.of(line.port()).toRealPath().startsWith("/dev/pts");
    } catch (IOException e) {
      return false;
    }
  }

  private void configure(SerialPort opened) {
    parameters(opened, line.format());
    opened.setFlowControl(SerialPort.FLOW_CONTROL_DISABLED);
    opened.setComPortTimeouts(SerialPort.TIMEOUT_NONBLOCKING, 0, 0);
    // "auto": the adapter or its driver turns the line round by itself.
    switch (line.rs485()) {
      case "rts" -> opened.setRs485ModeParameters(true, true, false, line.echo(), 0, 0);
      case "rts-low" -> opened.setRs485ModeParameters(true, false, false, line.echo(), 0, 0);
      default -> {}
    }
  }

  private Trouble describe(int error) {
    return switch (error) {
      case ENOENT -> missing();
      case EACCES -> forbidden();
      case EBUSY, EAGAIN ->
          new Trouble(
              Reason.CONFIG,
              new Sentence(
                  "serial port "
                      + line.port()
                      + " is in use by another program; find it with: sudo fuser -v "
                      + line.port(),
                  "串口 " + line.port() + " 被别的程序占用：用 sudo fuser -v " + line.port() + " 查是哪个"));
      default ->
          new Trouble(
              Reason.CONFIG,
              new Sentence(
                  "serial port "
                      + line.port()
                      + " cannot be opened (error "
                      + error
                      + "); is it a serial port, and can it do "
                      + line.format().baud()
                      + " baud?",
                  "串口 %s 打不开（错误 %d）：确认它是串口，且支持 %d 波特"
                      .formatted(line.port(), error, line.format().baud())));
    };
  }

  private Trouble missing() {
    return new Trouble(
        Reason.CONFIG,
        new Sentence(
            "serial port "
                + line.port()
                + " does not exist; plug the adapter in, or take its lasting name from"
                + " /dev/serial/by-path",
            "串口 " + line.port() + " 不存在：插好转换器，或改用 /dev/serial/by-path 下不变的名字"));
  }

  private Trouble noDevice() {
    return new Trouble(
        Reason.CONFIG,
        new Sentence(
            line.port()
                + " is no serial port but a file or something else; take its name from"
                + " /dev/serial/by-path",
            line.port() + " 不是串口设备，而是文件或别的东西：改用 /dev/serial/by-path 下的名字"));
  }

  private Trouble forbidden() {
    String user = System.getProperty("user.name", "USER");
    return new Trouble(
        Reason.CONFIG,
        new Sentence(
            "no permission on serial port "
                + line.port()
                + "; let the agent's user in with: sudo usermod -aG dialout "
                + user
                + " and start it again",
            "没有串口 %s 的权限：执行 sudo usermod -aG dialout %s 后重新启动网关程序".formatted(line.port(), user)));
  }

  private Opening failed(Trouble why) {
    trouble = why;
    return Opening.FAILED;
  }

  @Override
  public int send(ByteBuffer bytes) {
    SerialPort open = port;
    if (open == null) {
      return -1;
    }
    int length = Math.min(bytes.remaining(), out.length);
    bytes.get(bytes.position(), out, 0, length);
    int sent = open.writeBytes(out, length);
    if (sent < 0) {
      return gone();
    }
    bytes.position(bytes.position() + sent);
    return sent;
  }

  @Override
  public int receive(ByteBuffer into) {
    SerialPort open = port;
    if (open == null) {
      return -1;
    }
    if (unplugged) {
      return gone();
    }
    int there = open.bytesAvailable();
    if (there < 0) {
      return gone();
    }
    if (there == 0) {
      return 0;
    }
    int count = open.readBytes(in, Math.min(Math.min(there, into.remaining()), in.length));
    if (count < 0) {
      return gone();
    }
    into.put(in, 0, count);
    return count;
  }

  private int gone() {
    failed(
        new Trouble(
            Reason.CONFIG,
            new Sentence(
                "serial port "
                    + line.port()
                    + " went away; plug the adapter in again. It is tried until it is back",
                "串口 " + line.port() + " 不见了：重新插好转换器，程序会一直重试")));
    return -1;
  }

  @Override
  public @Nullable Trouble trouble() {
    return trouble;
  }

  @Override
  public void close() {
    SerialPort open = port;
    port = null;
    if (open != null) {
      open.removeDataListener();
      open.closePort();
    }
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  private final class Wakening implements SerialPortDataListener {
    @Override
    public int getListeningEvents() {
      return SerialPort.LISTENING_EVENT_DATA_AVAILABLE
          | SerialPort.LISTENING_EVENT_PORT_DISCONNECTED;
    }

    @Override
    public void serialEvent(SerialPortEvent event) {
      if (event.getEventType() == SerialPort.LISTENING_EVENT_PORT_DISCONNECTED) {
        unplugged = true;
      }
      waiter.wake();
    }
  }
}
