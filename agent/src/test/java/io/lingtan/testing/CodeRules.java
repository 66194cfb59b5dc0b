package io.lingtan.testing;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.accessTargetWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** The rules of the house, each for a root package, so that a test can also aim it at bad code. */
public final class CodeRules {
  private static final Set<String> THREAD_STARTS =
      Set.of("<init>", "start", "sleep", "startVirtualThread", "ofVirtual", "ofPlatform");
  private static final Set<String> FUTURE_THREADS =
      Set.of("supplyAsync", "runAsync", "delayedExecutor", "orTimeout", "completeOnTimeout");
  private static final Set<String> EXECUTORS =
      Set.of(
          "java.util.concurrent.Executors",
          "java.util.concurrent.ThreadLocalRandom",
          "java.util.random.RandomGeneratorFactory");

  private CodeRules() {}

  /** The classes of the product under {@code root}, without tests; never none. */
  public static JavaClasses mainClasses(String root) {
    JavaClasses found =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(root);
    if (found.isEmpty()) {
      throw new IllegalStateException("no class under " + root + ": the rules would check nothing");
    }
    return found;
  }

  /**
   * Classes under {@code root.stage} know no class under {@code root} but their own and the allowed
   * stages'.
   */
  public static ArchRule stageUsesOnly(String root, String stage, String... allowed) {
    return stageUsesOnly(root, stage, DescribedPredicate.alwaysFalse(), allowed);
  }

  /** The same, with single classes allowed beside the stages. */
  public static ArchRule stageUsesOnly(
      String root, String stage, DescribedPredicate<JavaClass> exceptions, String... allowed) {
    String[] rooms =
        Stream.concat(Stream.of(stage), Stream.of(allowed))
            .map(room -> root + "." + room + "..")
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(root + "." + stage + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(not(resideInAnyPackage(rooms)))
                .and(not(exceptions))
                .as("other stages than %s", String.join(", ", allowed)))
        .allowEmptyShould(true);
  }

  /** Every class is in one of the stages or directly in {@code root}. */
  public static ArchRule noOtherPackages(String root, String... stages) {
    String[] rooms =
        Stream.concat(Stream.of(root), Stream.of(stages).map(stage -> root + "." + stage + ".."))
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .resideInAnyPackage(rooms)
        .allowEmptyShould(true);
  }

  /** Packages under {@code root}, each by its whole name, do not use one another in a circle. */
  public static ArchRule noCycles(String root) {
    return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
  }

  /** Folders with more files of Java than {@code most}, and how many they have. */
  public static Map<Path, Long> crowded(Path top, int most) throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      Map<Path, Long> rooms =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .collect(Collectors.groupingBy(Path::getParent, TreeMap::new, Collectors.counting()));
      rooms.values().removeIf(count -> count <= most);
      return rooms;
    }
  }

  /** Names that classes of more than one package have, nested ones left out. */
  public static Set<String> namesTwice(JavaClasses classes) {
    Set<String> seen = new TreeSet<>();
    Set<String> twice = new TreeSet<>();
    for (JavaClass type : classes) {
      if (type.isTopLevelClass()
          && !type.getSimpleName().equals("package-info")
          && !seen.add(type.getSimpleName())) {
        twice.add(type.getSimpleName());
      }
    }
    return twice;
  }

  /** No clocks, threads, timers or randomness in these packages: they are handed in. */
  public static ArchRule noClocksThreadsOrRandomness(DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should(
            accessTargetWhere(
                describe(
                    "reads a clock, starts a thread or makes randomness",
                    access -> isAmbient(access))))
        .allowEmptyShould(true);
  }

  private static boolean isAmbient(JavaAccess<?> access) {
    AccessTarget target = access.getTarget();
    JavaClass owner = target.getOwner();
    String type = owner.getName();
    String name = target.getName();
    boolean made = name.equals("<init>");
    return (type.startsWith("java.time.") && name.equals("now"))
        || (type.equals("java.time.Clock")
            && (name.startsWith("system") || name.startsWith("tick")))
        || (type.equals("java.util.Calendar") && name.equals("getInstance"))
        || (type.equals("java.util.Date") && made && isWithoutParameters(target))
        || (type.equals("java.lang.System")
            && (name.equals("nanoTime") || name.equals("currentTimeMillis")))
        || (owner.isAssignableTo(Thread.class) && THREAD_STARTS.contains(name))
        || type.startsWith("java.lang.Thread$Builder")
        || (owner.isAssignableTo("java.util.Timer") && made)
        || (owner.isAssignableTo("java.util.concurrent.ExecutorService") && made)
        || (type.equals("java.util.concurrent.ForkJoinPool") && name.equals("commonPool"))
        || (type.equals("java.util.concurrent.CompletableFuture") && FUTURE_THREADS.contains(name))
        || (type.equals("java.util.concurrent.TimeUnit") && name.equals("sleep"))
        || EXECUTORS.contains(type)
        || (type.startsWith("java.util.stream.") && name.equals("parallel"))
        || name.equals("parallelStream")
        || (owner.isAssignableTo("java.util.Random") && (made || name.startsWith("getInstance")))
        || (type.equals("java.util.random.RandomGenerator")
            && (name.equals("of") || name.equals("getDefault")))
        || (type.equals("java.util.SplittableRandom") && made)
        || (type.endsWith("Math") && name.equals("random"))
        || (type.equals("java.util.UUID") && name.equals("randomUUID"));
  }

  private static boolean isWithoutParameters(AccessTarget target) {
    return target instanceof AccessTarget.CodeUnitAccessTarget unit
        && unit.getRawParameterTypes().isEmpty();
  }

  /** Figures are worked out of what is handed in: no files, network or database. */
  public static ArchRule noInputOrOutput(String root, String... stages) {
    return noClasses()
        .that()
        .resideInAnyPackage(
            Stream.of(stages).map(stage -> root + "." + stage + "..").toArray(String[]::new))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                    "java.io..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net..",
                    "java.sql..")
                .and(not(JavaClass.Predicates.type(Serializable.class)))
                .as("read or write outside the program"))
        .allowEmptyShould(true);
  }

  /** Static fields are final, and of no type that exists to be changed. */
  public static ArchRule noMutableStatics() {
    return fields()
        .that()
        .areStatic()
        .should(
            new ArchCondition<JavaField>("never change") {
              @Override
              public void check(JavaField field, ConditionEvents events) {
                boolean fixed =
                    field.getModifiers().contains(JavaModifier.FINAL)
                        && !isMadeToChange(field.getRawType());
                events.add(
                    new SimpleConditionEvent(
                        field, fixed, field.getFullName() + " is static and can change"));
              }
            })
        .allowEmptyShould(true);
  }

  /** Interfaces such as Map stay allowed: what is behind them cannot be told from the type. */
  private static boolean isMadeToChange(JavaClass type) {
    return type.getPackageName().equals("java.util.concurrent.atomic")
        || type.isAssignableTo("java.lang.StringBuilder")
        || (!type.isInterface()
            && !type.isEnum()
            && (type.isAssignableTo("java.util.Collection")
                || type.isAssignableTo("java.util.Map")));
  }

  public static ArchRule noEmptyNames() {
    return noClasses()
        .should()
        .haveNameMatching(
            ".*[.$]([A-Za-z0-9_]*(Manager|Helper|Util|Utils|Impl|Base|Data|Info)|Abstract[A-Z][A-Za-z0-9_]*)")
        .because("a name says what a thing does")
        .allowEmptyShould(true);
  }

  public static ArchRule everyPackageIsNullMarked() {
    return classes()
        .should(
            new ArchCondition<JavaClass>("be in a package whose package-info says @NullMarked") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                events.add(
                    new SimpleConditionEvent(
                        type,
                        type.getPackage().isAnnotatedWith(NullMarked.class),
                        type.getName() + ": its package has no @NullMarked package-info"));
              }
            })
        .allowEmptyShould(true);
  }
}
