package io.fuseline.stream.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * Answers for requests that Jetty refuses before any route sees them, such as one with an address
 * that cannot be decoded or a header that is too long; in the same form as all other errors.
 */
final class Refusals extends ErrorHandler {

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      String message,
      Throwable cause,
      Callback callback) {
    describe(response.getHeaders());
    response.write(true, ByteBuffer.wrap(Json.write(problem(message).document(status))), callback);
  }

  private static void describe(HttpFields.Mutable headers) {
    headers.put("Content-Type", Problem.CONTENT_TYPE).put("X-Content-Type-Options", "nosniff");
  }

  private static Problem problem(String message) {
    return new Problem(
        Problem.Kind.BAD_REQUEST,
        "The request was refused: " + message + ".",
        "Percent-encode what stands in the address, as UTF-8; /openapi.yaml says how to ask.");
  }
}
