package dev.refrain;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules that a compiler does not hold. */
final class ArchitectureTest {
  private static final String ROOT = "dev.refrain";
  private static final Path SOURCES = Path.of("src/main/java");
  private static final int LONGEST_FILE = 400;

  /** Rooms that know the vocabulary and its bytes, and never each other. */
  private static final Set<String> FEATURES =
      Set.of(
          "cache",
          "fanout",
          "flight",
          "http",
          "limit",
          "management",
          "metrics",
          "recording",
          "samples",
          "tracing",
          "upstream");

  /** Features that replicas share: besides, they know the room of the connection to Redis. */
  private static final Set<String> SHARING_BY_REDIS = Set.of("cache", "flight", "samples");

  /** Features that check keys and read requests. */
  private static final Set<String> ASKING_FOR_KEYS = Set.of("http");

  private static final Set<String> OTHER_ROOMS =
      Set.of(
          "address",
          "binding",
          "cassette",
          "cli",
          "inference",
          "config",
          "demo",
          "doctor",
          "job",
          "json",
          "keys",
          "logging",
          "memory",
          "openai",
          "redis",
          "rules",
          "runtime",
          "settings",
          "sse",
          "tls");

  /** What every feature may know: the vocabulary, its bytes, the budget, settings. */
  private static final List<String> SHARED =
      List.of("address", "inference", "json", "memory", "settings", "sse");

  /**
   * Who may use the inside of Vert.x, by full class name, because nothing public does what it
   * needs. Each is a risk at the next upgrade: keep it to one thin class a reason.
   */
  private static final Set<String> INSIDERS =
      Set.of(
          "dev.refrain.http.Socket",
          "dev.refrain.json.Rope",
          "dev.refrain.redis.PipelinedConnection",
          "dev.refrain.upstream.Socket");

  // Read once, and only our own: what a rule says of others it says of their names.
  private static final JavaClasses HOUSE_AND_TESTS = new ClassFileImporter().importPackages(ROOT);
  private static final JavaClasses HOUSE = HOUSE_AND_TESTS.that(not(isTest()));

  @Test
  void everyRoomIsKnownHere() {
    Set<String> known = new TreeSet<>(FEATURES);
    known.addAll(OTHER_ROOMS);

    assertThat(built()).contains("inference", "metrics", "management").isSubsetOf(known);
  }

  @Test
  void everyPackageHasItsMap() {
    Path root = SOURCES.resolve("dev/refrain");

    assertThat(sources().stream().map(Path::getParent).distinct())
        .filteredOn(folder -> !folder.equals(root))
        .isNotEmpty()
        .allSatisfy(folder -> assertThat(folder.resolve("package-info.java")).exists());
  }

  @Test
  void theVocabularyKnowsNothingOfOurs() {
    holds(knowsOnly("inference"));
  }

  @Test
  void bytesOfJsonKnowOnlyTheVocabulary() {
    holds(knowsOnly("json", "inference"));
  }

  @Test
  void eventsKnowOnlyTheVocabularyAndJson() {
    holds(knowsOnly("sse", "inference", "json"));
  }

  @Test
  void theWireLanguageKnowsOnlyTheVocabularyAndItsBytes() {
    holds(knowsOnly("openai", "inference", "json", "rules", "sse"));
  }

  @Test
  void rulesKnowOnlyTheVocabularyAndSettings() {
    holds(knowsOnly("rules", "inference", "settings"));
  }

  @Test
  void whatEndpointsShareKnowsNoneOfThem() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(ROOT + ".openai")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(endpoints()));
  }

  @Test
  void noEndpointKnowsAnother() {
    for (String endpoint : endpoints()) {
      holds(
          noClasses()
              .that()
              .resideInAPackage(endpoint)
              .should()
              .dependOnClassesThat(
                  resideInAnyPackage(endpoints()).and(not(resideInAPackage(endpoint)))));
    }
  }

  @Test
  void onlyTheRootKnowsSingleEndpoints() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, room("openai"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(endpoints()));
  }

  @Test
  void addressesKnowNothingOfOurs() {
    holds(knowsOnly("address"));
  }

  @Test
  void theConfigurationKnowsOfRoomsOnlyTheirSettings() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(room("config"))
            .should()
            .dependOnClassesThat(
                resideInAPackage(ROOT + "..")
                    .and(not(resideInAnyPackage(room("config"), room("address"), room("settings"))))
                    .and(not(isSetting()))));
  }

  @Test
  void settingsAreMadeOfValuesThatKnowOnlyAddresses() {
    holds(knowsOnly("settings", "address"));
  }

  @Test
  void featuresKnowTheVocabularyAndItsBytesAndNeverEachOther() {
    for (String feature : FEATURES) {
      if (!SHARING_BY_REDIS.contains(feature) && !ASKING_FOR_KEYS.contains(feature)) {
        holds(knowsOnly(feature, shared()));
      }
    }
  }

  @Test
  void featuresThatReplicasShareMayUseTheConnectionToRedis() {
    for (String feature : SHARING_BY_REDIS) {
      // Verifier compares stored answers with new ones.
      holds(
          knowsOnly(
              feature, feature.equals("cache") ? shared("redis", "openai") : shared("redis")));
    }
  }

  @Test
  void theDoorAloneAsksForKeysAndReadsRequests() {
    for (String feature : ASKING_FOR_KEYS) {
      holds(knowsOnly(feature, shared("keys", "openai")));
    }
  }

  @Test
  void keysKnowOnlyTheVocabularySettingsAndTheConnectionToRedis() {
    holds(knowsOnly("keys", "inference", "redis", "settings"));
  }

  @Test
  void cassettesKnowTheVocabularyAndTheWireLanguage() {
    holds(knowsOnly("cassette", "inference", "json", "openai", "sse"));
  }

  @Test
  void jobsKnowCassettesAndWhatPassesThrough() {
    holds(knowsOnly("job", "cassette", "inference", "sse", "upstream"));
  }

  @Test
  void onlyJobsAndTheCommandLineKnowCassettes() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(room("cassette"), room("cli"), room("job"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("cassette")));
  }

  @Test
  void onlyTheCommandLineKnowsJobs() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(room("cli"), room("job"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("job")));
  }

  @Test
  void theConnectionToRedisKnowsOnlyTheVocabulary() {
    holds(knowsOnly("redis", "address", "inference"));
  }

  @Test
  void theMemoryBudgetKnowsNothingOfOurs() {
    holds(knowsOnly("memory"));
  }

  @Test
  void certificatesAreReadByARoomThatKnowsOnlySettings() {
    holds(knowsOnly("tls", "settings"));
  }

  @Test
  void logsAreWrittenByARoomThatKnowsNothingOfOurs() {
    holds(knowsOnly("logging"));
  }

  @Test
  void theDoctorKnowsWhereThingsAreAndHowTroubleIsNamed() {
    holds(knowsOnly("doctor", "address", "inference", "redis", "tls", "upstream"));
  }

  @Test
  void onlyTheCommandLineKnowsTheDoctor() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(room("cli"), room("doctor"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("doctor")));
  }

  @Test
  void onlyTheCommandLineKnowsTheDemo() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(room("cli"), room("demo"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("demo")));
  }

  @Test
  void nothingKnowsTheCommandLine() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage(room("cli"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(room("cli")));
  }

  @Test
  void onlyTheCommandLineKnowsTheRoot() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, room("cli"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT));
  }

  @Test
  void theDemoSeesOfTheRootOnlyWhatIsPublic() {
    holds(
        noClasses()
            .that()
            .resideInAPackage(room("demo"))
            .should()
            .dependOnClassesThat(resideInAPackage(ROOT).and(not(isPublic())))
            .allowEmptyShould(!built().contains("demo")));
  }

  @Test
  void jacksonIsKnownWhereTextIsReadAndNowhereElse() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                room("json"),
                room("sse"),
                room("openai"),
                room("config"),
                room("settings"),
                room("cassette"),
                room("demo"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml.jackson.."));
  }

  @Test
  void nobodyKnowsHowVertxIsImplemented() {
    holds(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx.core.impl..", "io.vertx.ext.web.impl.."));
  }

  @Test
  void onlyNamedClassesKnowTheInsideOfVertx() {
    holds(
        noClasses()
            .that(not(isInsider()))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx.core.internal..", "io.vertx.core.http.impl.."));
  }

  @Test
  void nobodySleepsNotEvenInTests() {
    DescribedPredicate<JavaClass> clocks =
        DescribedPredicate.describe(
            "Thread or TimeUnit",
            owner ->
                owner.isEquivalentTo(Thread.class)
                    || owner.isEquivalentTo(java.util.concurrent.TimeUnit.class));
    noClasses()
        .should()
        .callMethodWhere(
            target(nameMatching("sleep"))
                .and(
                    DescribedPredicate.describe(
                        "of a clock", call -> clocks.test(call.getTargetOwner()))))
        .because("what is waited for can be named: a latch, a future, Awaitility")
        .check(HOUSE_AND_TESTS);
  }

  @Test
  void onlyTheEdgesOfTheProcessWaitForFutures() {
    holds(
        noClasses()
            .that(resideOutsideOfPackages(ROOT, room("cli"), room("demo")))
            .should()
            .callMethodWhere(
                DescribedPredicate.describe(
                    "Future.await",
                    call ->
                        call.getName().equals("await")
                            && call.getTargetOwner().getName().equals("io.vertx.core.Future")))
            .because("it would hold up an event loop"));
  }

  @Test
  void everyoneLogsThroughSlf4j() {
    holds(noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging.."));
  }

  @Test
  void onlyCommandsWriteToTheTerminal() {
    holds(noClasses().that(not(talksToATerminal())).should(ACCESS_STANDARD_STREAMS));
  }

  @Test
  void everyClassIsFinalUnlessItIsMadeToBeExtended() {
    holds(classes().should(beClosed()));
  }

  @Test
  void namesAreNounsOfTheDomain() {
    holds(
        noClasses()
            .should()
            .haveSimpleNameStartingWith("Abstract")
            .orShould()
            .haveNameMatching(".*(Impl|Manager|Helpers?|Utils?|Abstract|Base|Processor)"));
  }

  @Test
  void noFileIsTooLongToRead() {
    List<Path> files = sources();

    assertThat(files).isNotEmpty();
    assertThat(files).filteredOn(file -> lines(file) > LONGEST_FILE).isEmpty();
  }

  private static void holds(ArchRule rule) {
    rule.check(HOUSE);
  }

  /** A room depends on itself, on these others of ours, and on libraries. */
  private static ArchRule knowsOnly(String room, String... others) {
    String[] visible =
        Stream.concat(Stream.of(room), Stream.of(others))
            .map(ArchitectureTest::room)
            .toArray(String[]::new);
    return classes()
        .that()
        .resideInAPackage(room(room))
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackages(ROOT + "..").or(resideInAnyPackage(visible)))
        .allowEmptyShould(!built().contains(room));
  }

  private static String[] shared(String... others) {
    return Stream.concat(SHARED.stream(), Stream.of(others)).toArray(String[]::new);
  }

  /** The rooms of single endpoints. */
  private static String[] endpoints() {
    Path rooms = SOURCES.resolve("dev/refrain/openai");
    return sources().stream()
        .map(rooms::relativize)
        .filter(file -> file.getNameCount() == 2 && !file.startsWith(".."))
        .map(file -> room("openai." + file.getName(0)))
        .distinct()
        .toArray(String[]::new);
  }

  /** Records that sections of the file are bound to, with what is nested there, and enums. */
  private static DescribedPredicate<JavaClass> isSetting() {
    return DescribedPredicate.describe(
        "settings", type -> type.isEnum() || type.getName().matches(".*Settings(\\$.*)?"));
  }

  private static DescribedPredicate<JavaClass> isInsider() {
    return DescribedPredicate.describe(
        "insiders", type -> INSIDERS.contains(type.getName().replaceAll("\\$.*", "")));
  }

  private static DescribedPredicate<JavaClass> isTest() {
    return DescribedPredicate.describe(
        "tests",
        type ->
            type.getSource()
                .map(source -> source.getUri().getPath().contains("/test-classes/"))
                .orElse(false));
  }

  private static DescribedPredicate<JavaClass> isPublic() {
    return DescribedPredicate.describe(
        "public", type -> type.getModifiers().contains(JavaModifier.PUBLIC));
  }

  private static DescribedPredicate<JavaClass> talksToATerminal() {
    return resideInAPackage(room("demo"))
        .or(
            DescribedPredicate.describe(
                "Main or a command",
                type ->
                    type.getPackageName().equals(ROOT + ".cli")
                        && type.getName().matches(".*\\.(Main|\\w*Commands?)(\\$.*)?")));
  }

  private static ArchCondition<JavaClass> beClosed() {
    return new ArchCondition<>("be final, sealed, abstract, a record, an enum or an interface") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        String message = type.getName() + " is open to extension";
        events.add(new SimpleConditionEvent(type, isClosed(type), message));
      }
    };
  }

  private static boolean isClosed(JavaClass type) {
    return type.isInterface()
        || type.isEnum()
        || type.isRecord()
        || type.isSealed()
        || type.isAnonymousClass()
        || isEnumConstant(type)
        || type.getModifiers().contains(JavaModifier.FINAL)
        || type.getModifiers().contains(JavaModifier.ABSTRACT);
  }

  private static boolean isEnumConstant(JavaClass type) {
    return type.getRawSuperclass().filter(JavaClass::isEnum).isPresent();
  }

  private static String room(String name) {
    return ROOT + "." + name + "..";
  }

  private static Set<String> built() {
    return sources().stream()
        .map(SOURCES.resolve("dev/refrain")::relativize)
        .filter(file -> file.getNameCount() > 1)
        .map(file -> file.getName(0).toString())
        .collect(toCollection(TreeSet::new));
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
