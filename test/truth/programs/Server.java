import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** com.sun.net.httpserver. Usage: java Server.java PORT LOG [CERT KEY] */
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

  /** Of PEM files, as openssl(1) makes them. */
  static SSLContext contextOf(String cert, String key) throws GeneralSecurityException, IOException {
    Certificate certificate;
    try (FileInputStream in = new FileInputStream(cert)) {
      certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    byte[] pkcs8 = Base64.getMimeDecoder().decode(Files.readString(Path.of(key)).replaceAll("-----.*-----", ""));
    PrivateKey secret = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("server", secret, new char[0], new Certificate[] {certificate});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  static HttpServer serverFor(String[] args) throws GeneralSecurityException, IOException {
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
    if (args.length < 4) return HttpServer.create(address, 1024);
    HttpsServer server = HttpsServer.create(address, 1024);
    server.setHttpsConfigurator(new HttpsConfigurator(contextOf(args[2], args[3])));
    return server;
  }

  public static void main(String[] args) throws GeneralSecurityException, IOException {
    // Else a body waits until its head is acknowledged, which a client may delay by 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    byte[] small = filled(200, 's');
    byte[] large = filled(102400, 'l');
    PrintWriter log = new PrintWriter(new FileWriter(args[1], true), true);
    HttpServer server = serverFor(args);
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
