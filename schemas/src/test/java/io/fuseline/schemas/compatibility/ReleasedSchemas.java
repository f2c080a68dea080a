package io.fuseline.schemas.compatibility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParser;

/** Golden copies of the schemas of every release: {@code released/<version>/<Record>.avsc}. */
final class ReleasedSchemas {
  static final Path FOLDER = Path.of("src", "test", "resources", "released");

  private ReleasedSchemas() {}

  /** Versions, oldest first. */
  static List<String> versions() {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .sorted(Comparator.comparing(Runtime.Version::parse))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Record name to schema. */
  static Map<String, Schema> of(String version) {
    Map<String, Schema> schemas = new TreeMap<>();
    try (Stream<Path> files = Files.list(FOLDER.resolve(version))) {
      for (Path file : files.toList()) {
        Schema schema = new SchemaParser().parse(file).mainSchema();
        schemas.put(schema.getName(), schema);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return schemas;
  }
}
