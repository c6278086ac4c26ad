import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Executors;

/** com.sun.net.httpserver. Usage: java Server.java PORT LOG */
public class Server {
  static byte[] filled(int size, char with) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  static double now() {
    Instant instant = Instant.now();
    return instant.getEpochSecond() * 1e3 + instant.getNano() / 1e6;
  }

  public static void main(String[] args) throws IOException {
    byte[] small = filled(200, 's');
    byte[] large = filled(102400, 'l');
    PrintWriter log = new PrintWriter(new FileWriter(args[1], true), true);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 1024);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", (HttpExchange exchange) -> {
      double start = now();
      exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      byte[] file = path.endsWith("/small") ? small : path.endsWith("/large") ? large : null;
      byte[] body = file != null ? file : "nothing here".getBytes();
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head) exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(file != null ? 200 : 404, head ? -1 : body.length);
      if (!head) exchange.getResponseBody().write(body);
      exchange.close();
      log.println(String.format(Locale.ROOT,
          "{\"path\":\"%s\",\"method\":\"%s\",\"status\":%d,\"start\":%.3f,\"end\":%.3f,\"bytes\":%d}",
          path, exchange.getRequestMethod(), file != null ? 200 : 404, start, now(), head ? 0 : body.length));
    });
    server.start();
    System.out.println("ready");
  }
}
