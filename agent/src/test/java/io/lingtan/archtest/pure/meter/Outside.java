package io.lingtan.archtest.pure.meter;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;

interface Outside {
  void file(File file);

  void path(Path path);

  void address(URI uri);

  void database(Connection connection);
}
