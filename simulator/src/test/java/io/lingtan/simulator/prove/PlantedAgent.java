package io.lingtan.simulator.prove;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The agent with a bug in it: its patched sources compiled aside, in memory, and a class loader in
 * which they stand in the place of the shipped ones. Everything of the agent and the simulator is
 * loaded again there, and meets the patched classes; the JDK and the libraries are shared.
 */
final class PlantedAgent extends ClassLoader {

  private static final Path TOP = Path.of("..");

  private final Map<String, byte[]> patched;

  private PlantedAgent(Map<String, byte[]> patched) {
    super(PlantedAgent.class.getClassLoader());
    this.patched = patched;
  }

  /**
   * Compiles a bug.
   *
   * @throws IllegalArgumentException if a patch does not fit the sources, or what it makes of them
   *     is no Java
   */
  static PlantedAgent with(PlantedBug bug) throws IOException {
    List<JavaFileObject> sources = new ArrayList<>();
    for (SourcePatch patch : bug.patches()) {
      String source = patch.apply(Files.readString(TOP.resolve(patch.file())));
      sources.add(new Source(patch.file(), source));
    }
    return new PlantedAgent(compile(bug, sources));
  }

  /** Of this process. */
  static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static Map<String, byte[]> compile(PlantedBug bug, List<JavaFileObject> sources)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Classes classes = new Classes(files)) {
      List<String> options = List.of("-nowarn", "-proc:none", "-g", "-classpath", classPath());
      if (!compiler.getTask(said, classes, null, options, null, sources).call()) {
        throw new IllegalArgumentException(bug + " does not compile: " + said);
      }
      Map<String, byte[]> made = new HashMap<>();
      classes.made.forEach((name, bytes) -> made.put(name, bytes.toByteArray()));
      return made;
    }
  }

  /** A patched source. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String file, String text) {
      super(URI.create("string:///" + file), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps in memory what is compiled. */
  private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> made = new HashMap<>();

    Classes(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, javax.tools.FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("class:///" + name.replace('.', '/')), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          made.put(name, bytes);
          return bytes;
        }
      };
    }
  }

  /** What a proof of a scenario says, with this agent. */
  PlantedRun.Said prove(Path scenario, long seed) {
    try {
      @SuppressWarnings("unchecked")
      BiFunction<String, Long, List<String>> run =
          (BiFunction<String, Long, List<String>>)
              loadClass(PlantedRun.class.getName()).getDeclaredConstructor().newInstance();
      return PlantedRun.Said.of(run.apply(scenario.toString(), seed));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot load the agent with the bug", e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith("io.lingtan.")) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = patched.get(name);
    if (bytes == null) {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        bytes = in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
