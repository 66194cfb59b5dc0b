package io.lingtan.agent.packet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * Paho's way to a broker, but that what comes is read through a gate.
 *
 * @param to the way itself
 * @param gate puts a {@link PacketGate} before what comes
 */
public record GatedWay(NetworkModule to, UnaryOperator<InputStream> gate) implements NetworkModule {

  /**
   * It tells stack traces of its own races where a connection is given up; what matters of that
   * comes to its caller. Kept here, or what is set on it would be forgotten.
   */
  private static final Logger ITS_LOG = Logger.getLogger("org.eclipse.paho");

  public GatedWay {
    ITS_LOG.setLevel(Level.OFF);
  }

  @Override
  public void start() throws IOException, MqttException {
    to.start();
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return gate.apply(to.getInputStream());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return to.getOutputStream();
  }

  @Override
  public void stop() throws IOException {
    to.stop();
  }

  @Override
  public String getServerURI() {
    return to.getServerURI();
  }
}
