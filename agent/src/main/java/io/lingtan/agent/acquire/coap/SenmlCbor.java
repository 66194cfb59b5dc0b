package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.SenmlPack.Label;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads SenML in CBOR (RFC 8428, section 6). */
final class SenmlCbor {

  private SenmlCbor() {}

  static List<SenmlRecord> read(byte[] payload) throws MalformedPayload {
    CborReader cbor = new CborReader(payload);
    SenmlPack pack = new SenmlPack();
    long records = cbor.begin(CborReader.ARRAY, "SenML is an array of records, this is none");
    for (long i = 0; hasNext(cbor, records, i); i++) {
      pack.begin();
      long fields = cbor.begin(CborReader.MAP, "a SenML record is a map, this is none");
      for (long j = 0; hasNext(cbor, fields, j); j++) {
        Label label = label(cbor);
        SenmlValue value = cbor.value();
        if (label != null) {
          pack.field(label, value);
        }
      }
      pack.end();
    }
    if (!cbor.isAtEnd()) {
      throw new MalformedPayload("there is something behind the SenML pack");
    }
    return pack.records();
  }

  private static boolean hasNext(CborReader cbor, long length, long done) throws MalformedPayload {
    return length == CborReader.INDEFINITE ? !cbor.endsHere() : done < length;
  }

  private static @Nullable Label label(CborReader cbor) throws MalformedPayload {
    return cbor.peek() == CborReader.TEXT ? Label.of(cbor.text()) : Label.of(cbor.whole());
  }
}
