package io.fuseline.deploy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The directions of docs/design.md, section 2: dependencies point one way only. */
class ArchitectureTest {
  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.fuseline");

  @Test
  void shouldDependInOneDirectionBetweenModules() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("schemas")
        .definedBy("io.fuseline.schemas..")
        .layer("enrichment")
        .definedBy("io.fuseline.enrichment..")
        .layer("stream")
        .definedBy("io.fuseline.stream..")
        .layer("alerting")
        .definedBy("io.fuseline.alerting..")
        .layer("deploy")
        .definedBy("io.fuseline.deploy..")
        .whereLayer("schemas")
        .mayNotAccessAnyLayer()
        .whereLayer("enrichment")
        .mayOnlyAccessLayers("schemas")
        .whereLayer("stream")
        .mayOnlyAccessLayers("enrichment", "schemas")
        .whereLayer("alerting")
        .mayOnlyAccessLayers("schemas")
        .whereLayer("deploy")
        .mayNotBeAccessedByAnyLayer()
        .check(OURS);
  }

  @Test
  void shouldHaveNoCyclesBetweenPackages() {
    slices().matching("io.fuseline.(**)").should().beFreeOfCycles().check(OURS);
  }

  @Test
  void shouldKeepKafkaOutOfEnrichment() {
    noClasses()
        .that()
        .resideInAPackage("io.fuseline.enrichment..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka..")
        .check(OURS);
  }

  /**
   * The deciding core runs in the topology, in replay and under property tests: time and state come
   * in as arguments.
   */
  @Test
  void shouldKeepKafkaClockAndInputOutputOutOfTheJudge() {
    noClasses()
        .that()
        .resideInAnyPackage("io.fuseline.stream.judge..", "io.fuseline.stream.admission..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.kafka..", "java.net..", "java.nio.file..", "java.nio.channels..")
        .orShould()
        .dependOnClassesThat(
            describe("read a clock or a file", ArchitectureTest::isClockOrInputOutput))
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .check(OURS);
  }

  @Test
  void shouldDecideInPureJava() {
    classes()
        .that()
        .resideInAnyPackage("io.fuseline.stream.judge..", "io.fuseline.stream.admission..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.apache.avro..",
            "io.fuseline.schemas..",
            "io.fuseline.enrichment..",
            "io.fuseline.stream..")
        .check(OURS);
  }

  private static boolean isClockOrInputOutput(JavaClass type) {
    // Reading and writing state as bytes in memory is no input or output.
    Set<String> inMemory =
        Set.of(
            "java.io.Serializable",
            "java.io.ByteArrayInputStream",
            "java.io.ByteArrayOutputStream",
            "java.io.DataInputStream",
            "java.io.DataOutputStream",
            "java.io.DataInput",
            "java.io.DataOutput",
            "java.io.InputStream",
            "java.io.OutputStream",
            "java.io.IOException",
            "java.io.UncheckedIOException");
    return type.getName().equals("java.time.Clock")
        || (type.getPackageName().equals("java.io") && !inMemory.contains(type.getName()));
  }
}
