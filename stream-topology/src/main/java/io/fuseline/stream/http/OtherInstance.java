package io.fuseline.stream.http;

import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;

/**
 * One other instance of the same application, at its internal routes.
 *
 * @param answerWithin how long one answer may take
 */
record OtherInstance(HttpClient http, HostInfo host, Duration answerWithin) {

  /** A request to a path that begins with a slash; GET unless it is made something else. */
  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(this + path)).timeout(answerWithin);
  }

  /**
   * Its answer, whatever the status.
   *
   * @throws StoreUnavailable when it is down or too slow
   */
  HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new StoreUnavailable("Instance " + this + " did not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable("Interrupted while asking instance " + this, e);
    }
  }

  /** Its address as a URL without a path. */
  @Override
  public String toString() {
    String name = host.host().contains(":") ? "[" + host.host() + "]" : host.host();
    return "http://" + name + ":" + host.port();
  }
}
