package io.lingtan.agent.site.read;

import io.lingtan.agent.site.SiteFileFuzz;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Profiles, factor files and tariffs: one, or problems that each have their place in the file. */
public final class CatalogueFuzz implements FuzzTarget {

  private static final Path FILE = Path.of("/nowhere/fuzz/name.yaml");
  private static final List<String> FOLDERS =
      List.of("../config/profiles", "../config/factors", "../config/tariffs");

  private final List<Catalogue<?>> catalogues =
      List.of(Catalogue.profiles(null), Catalogue.factors(null), Catalogue.tariffs(null));

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < FOLDERS.size(); i++) {
      for (byte[] file : SiteFileFuzz.files(FOLDERS.get(i))) {
        seeds.add(Bytes.of(file, i));
      }
    }
    return seeds;
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    Catalogue<?> catalogue = catalogues.get(bytes.take() % FOLDERS.size());
    byte[] file = bytes.rest();
    Catalogue.Loaded<?> loaded = catalogue.read(FILE, "name", file);
    SiteFileFuzz.check(FILE, file, loaded.value() != null, loaded.problems());
  }
}
