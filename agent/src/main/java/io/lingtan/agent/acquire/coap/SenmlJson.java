package io.lingtan.agent.acquire.coap;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.acquire.coap.SenmlPack.Label;
import java.io.IOException;
import java.util.List;

/** Reads SenML in JSON (RFC 8428, section 5). */
final class SenmlJson {

  private SenmlJson() {}

  static List<SenmlRecord> read(byte[] payload) throws MalformedPayload {
    SenmlPack pack = new SenmlPack();
    try (JsonParser json = PlainJson.parser(payload)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw new MalformedPayload("SenML is an array of records, this begins with something else");
      }
      while (json.nextToken() == JsonToken.START_OBJECT) {
        pack.begin();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          Label label = Label.of(json.currentName());
          json.nextToken();
          SenmlValue value = PlainJson.value(json);
          if (label != null) {
            pack.field(label, value);
          }
        }
        pack.end();
      }
      if (json.currentToken() != JsonToken.END_ARRAY || json.nextToken() != null) {
        throw new MalformedPayload("a SenML pack holds records and nothing else");
      }
    } catch (IOException e) {
      throw PlainJson.malformed(e);
    }
    return pack.records();
  }
}
