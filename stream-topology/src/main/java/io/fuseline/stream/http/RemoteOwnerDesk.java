package io.fuseline.stream.http;

import io.fuseline.stream.admission.Opinion;
import io.fuseline.stream.admission.OwnerDesk;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** Admission by one other instance; see {@link InstanceClient}. */
final class RemoteOwnerDesk implements OwnerDesk {
  private final OtherInstance instance;

  RemoteOwnerDesk(OtherInstance instance) {
    this.instance = instance;
  }

  @Override
  public Opinion ask(Part part) {
    byte[] answer = send(AdmissionRoutes.INTERNAL_ADMISSION, part);
    try {
      return Json.read(answer, Opinion.class);
    } catch (IOException e) {
      throw new IllegalStateException(
          "Instance " + instance + " gave no usable answer: " + e.getMessage(), e);
    }
  }

  @Override
  public void change(Change change) {
    send(AdmissionRoutes.INTERNAL_CHANGE, change);
  }

  private byte[] send(String path, Record what) {
    HttpRequest request =
        instance
            .request(path)
            .header("Content-Type", Json.CONTENT_TYPE)
            .POST(BodyPublishers.ofByteArray(Json.write(what)))
            .build();
    HttpResponse<byte[]> response = instance.send(request);
    if (response.statusCode() / 100 == 2) {
      return response.body();
    }
    throw new StoreUnavailable(
        "Instance "
            + instance
            + " answered "
            + response.statusCode()
            + " "
            + Json.problemType(response.body())
            + " to a question for admission",
        null);
  }
}
