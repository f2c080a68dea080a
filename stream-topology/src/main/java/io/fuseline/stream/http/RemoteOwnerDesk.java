package io.fuseline.stream.http;

import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;

/** Admission by one other instance; see {@link InstanceClient}. */
final class RemoteOwnerDesk implements OwnerDesk {
  private final HttpClient http;
  private final HostInfo host;
  private final Duration answerWithin;

  RemoteOwnerDesk(HttpClient http, HostInfo host, Duration answerWithin) {
    this.http = http;
    this.host = host;
    this.answerWithin = answerWithin;
  }

  @Override
  public Opinion ask(Part part) {
    byte[] answer = send(AdmissionRoutes.INTERNAL_ADMISSION, part);
    try {
      return Json.read(answer, Opinion.class);
    } catch (IOException e) {
      throw new IllegalStateException(
          "Instance " + base() + " gave no usable answer: " + e.getMessage(), e);
    }
  }

  @Override
  public void change(Change change) {
    send(AdmissionRoutes.INTERNAL_CHANGE, change);
  }

  private byte[] send(String path, Record what) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .timeout(answerWithin)
            .header("Content-Type", Json.CONTENT_TYPE)
            .POST(BodyPublishers.ofByteArray(Json.write(what)))
            .build();
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new StoreUnavailable("Instance " + base() + " did not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailable("Interrupted while asking instance " + base(), e);
    }
    if (response.statusCode() / 100 == 2) {
      return response.body();
    }
    throw new StoreUnavailable(
        "Instance "
            + base()
            + " answered "
            + response.statusCode()
            + " "
            + Json.problemType(response.body())
            + " to a question for admission",
        null);
  }

  private String base() {
    String name = host.host().contains(":") ? "[" + host.host() + "]" : host.host();
    return "http://" + name + ":" + host.port();
  }
}
