package dev.refrain.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/**
 * A program as users write one: asks for a completion of each of its arguments, by the variables
 * that clients read, prints the answers, and ends with 7 if all are successes, else with 1.
 */
final class JobProgram {
  private JobProgram() {}

  public static void main(String[] prompts) throws IOException, InterruptedException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    HttpClient client = HttpClient.newHttpClient();
    boolean all = true;
    for (String prompt : prompts) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(System.getenv("OPENAI_BASE_URL") + "/completions"))
              .header("Authorization", "Bearer " + System.getenv("OPENAI_API_KEY"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}"))
              .build();
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      all &= response.statusCode() == 200;
      out.println(response.body());
    }
    System.exit(all ? 7 : 1);
  }
}
