package io.fuseline.schemas.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.schemas.RecordTypes;
import io.fuseline.schemas.serde.SchemaRegistration;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/**
 * A step of a release, run by name only: {@code mvn -pl schemas test -Dtest=WriteReleasedSchemas
 * -Dschemas.release=0.2.0} writes the golden copies of that release.
 */
class WriteReleasedSchemas {
  @Test
  void writeGoldenCopies() throws Exception {
    String version = System.getProperty("schemas.release");
    assertThat(version).as("-Dschemas.release=<version>").isNotBlank();
    Path folder = Files.createDirectories(ReleasedSchemas.FOLDER.resolve(version));
    for (var type : RecordTypes.ALL) {
      Schema schema = SchemaRegistration.publishedSchema(type);
      Files.writeString(folder.resolve(schema.getName() + ".avsc"), schema.toString(true) + "\n");
    }
  }
}
