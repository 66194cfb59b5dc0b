package io.lingtan.agent.packet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.UnaryOperator;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * Paho's way to a broker, but that what comes is read through a gate.
 *
 * @param to the way itself
 * @param gate puts a {@link PacketGate} before what comes
 */
public record GatedWay(NetworkModule to, UnaryOperator<InputStream> gate) implements NetworkModule {

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
