package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.report.KeptMonths;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryPagesTest {

  @TempDir private Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private KeptMonths kept;
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    kept = new KeptMonths(folder);
    kept.june();
    StatusSettings anyPort = new StatusSettings(true, "127.0.0.1", 0, null, true, List.of(), null);
    server =
        StatusServer.start(
            anyPort,
            null,
            () -> {
              throw new IllegalStateException("no snapshot is needed here");
            },
            () -> {
              throw new IllegalStateException("no bundle is needed here");
            },
            kept.pages(),
            new FakeActions(),
            TestAccess.open());
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    kept.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static String policy(HttpResponse<String> reply) {
    return reply.headers().firstValue("Content-Security-Policy").orElse("");
  }

  @Test
  void theReportIsServedUnderTheStrictPolicy() throws Exception {
    HttpResponse<String> page = get("/report/2026-06?lang=en");
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("Monthly report"), page.body());
    assertTrue(policy(page).startsWith("default-src 'self'"), policy(page));
    HttpResponse<String> csv = get("/report/2026-06.csv");
    assertEquals("text/csv; charset=utf-8", csv.headers().firstValue("Content-Type").orElse(""));
    assertEquals(200, get("/report.css").statusCode());
    // The present month, with a way to the one before, to the page, and to none that has not begun.
    String present = get("/report/").body();
    assertTrue(present.contains("<p class=\"month\">2026-07"), present);
    assertTrue(present.contains("<a href=\"/\">"), present);
    assertTrue(present.contains("/report/2026-06?") && !present.contains("2026-08"), present);
    assertTrue(page.body().contains("/report/2026-07?"), "from the past onwards");
    assertEquals(404, get("/report/june").statusCode());
  }

  @Test
  void theKeyIsAJwkWithTheHeadOfTheChain() throws Exception {
    String jwk = get("/api/key").body();
    assertEquals(43, VerifyingKey.ofJwk(jwk).x().length());
    assertTrue(jwk.contains("\"head\":\"" + kept.head() + "\""), jwk);
  }

  @Test
  void aFigureIsExplained() throws Exception {
    String path = "/api/explain?metric=co2.scope2.market&seq=" + kept.last();
    HttpResponse<String> json = get(path);
    assertEquals(200, json.statusCode());
    assertTrue(json.body().contains("\"name\":\"cn-elec/CN/2023/residual\""), json.body());
    assertTrue(json.body().contains("\"rule\":\"product\""), json.body());
    String text = get(path + "&form=text").body();
    assertTrue(text.startsWith("co2.scope2.market  18571.464 kg"), text);
    assertEquals(404, get("/api/explain?metric=nothing&seq=" + kept.last()).statusCode());
    assertEquals(404, get("/api/explain?metric=co2.total&seq=999").statusCode());
    assertEquals(400, get("/api/explain?metric=co2.total&seq=x").statusCode());
  }

  @Test
  void theAuditorsPageRunsNothingButWhatStandsInIt() throws Exception {
    HttpResponse<String> page = get("/verify.html");
    assertEquals(200, page.statusCode());
    assertTrue(policy(page).startsWith("default-src 'none'; script-src 'sha256-"), policy(page));
    assertFalse(policy(page).contains("unsafe"), policy(page));
    String body = page.body();
    assertFalse(
        body.matches("(?s).*(src=|href=\"http|@import|[^4]url\\(|fetch\\(|XMLHttp).*"), body);
    assertFalse(body.contains("style=\"") || body.contains("onclick="), "allowed by no hash");
  }
}
