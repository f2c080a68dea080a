package io.fuseline.stream.http;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The files of the web page and the API document, read once. Only what is listed here can be
 * fetched, so no path of a request ever reaches the class path.
 */
final class Assets {
  private static final List<String> PAGE_FILES =
      List.of(
          "api.js",
          "app.js",
          "charts.js",
          "dom.js",
          "episodes.js",
          "icon.svg",
          "money.js",
          "overview.js",
          "run.js",
          "style.css",
          "value.js");

  private static final Map<String, String> CONTENT_TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "yaml", "application/yaml");

  private static final class Asset {
    private final byte[] content;
    private final String contentType;
    private final String etag;

    Asset(byte[] content, String contentType) {
      this.content = content;
      this.contentType = contentType;
      this.etag = etag(content);
    }
  }

  private final Asset index = read("/web/index.html");
  private final Asset openApi = read("/openapi.yaml");
  private final Map<String, Asset> page = new HashMap<>();
  private final Map<String, Asset> webJars = new HashMap<>();

  Assets() {
    PAGE_FILES.forEach(name -> page.put(name, read("/web/" + name)));
    addWebJar("chart.js", "dist", "chart.umd.min.js");
  }

  void register(RoutesConfig routes) {
    routes.get("/", send(index));
    routes.get("/openapi.yaml", send(openApi));
    routes.get("/web/{file}", context -> send(context, page.get(context.pathParam("file"))));
    routes.get(
        "/webjars/{name}/{file}",
        context ->
            send(
                context, webJars.get(context.pathParam("name") + "/" + context.pathParam("file"))));
  }

  /** The page asks for a library without its version, which only the build knows. */
  private void addWebJar(String name, String folder, String file) {
    var maven = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + name + "/pom.properties")) {
      maven.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String root = "/META-INF/resources/webjars/" + name + "/" + maven.getProperty("version");
    webJars.put(name + "/" + file, read(root + "/" + folder + "/" + file));
  }

  private static Handler send(Asset asset) {
    return context -> send(context, asset);
  }

  private static void send(Context context, Asset asset) {
    if (asset == null) {
      throw new Problem(
          Problem.Kind.NO_SUCH_ROUTE, "There is no file " + context.path() + ".", "Start from / .");
    }
    context.header("Cache-Control", "no-cache").header("ETag", asset.etag);
    if (asset.etag.equals(context.header("If-None-Match"))) {
      context.status(304);
    } else {
      context.contentType(asset.contentType).result(asset.content);
    }
  }

  private static Asset read(String resource) {
    try (InputStream in = open(resource)) {
      byte[] content = in.readAllBytes();
      String type = CONTENT_TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
      return new Asset(content, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = Assets.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(
          resource
              + " is not on the class path; the jar was built without it, build it again with Maven");
    }
    return in;
  }

  /** Weak, since the same content is also sent compressed. */
  private static String etag(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return "W/\"" + new BigInteger(1, digest).toString(36) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
