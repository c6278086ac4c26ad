import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiFunction;

/** gRPC on Netty: `java GrpcShop server PORT`, or `java GrpcShop client PORT ROUNDS`, which waits for a line before and after. */
public class GrpcShop {
  private static final MethodDescriptor<String, String> ONE = method("One", MethodType.UNARY);
  private static final MethodDescriptor<String, String> FAIL = method("Fail", MethodType.UNARY);
  private static final MethodDescriptor<String, String> MANY =
      method("Many", MethodType.CLIENT_STREAMING);
  private static final MethodDescriptor<String, String> LIST =
      method("List", MethodType.SERVER_STREAMING);
  private static final MethodDescriptor<String, String> LARGE =
      method("Large", MethodType.SERVER_STREAMING);
  private static final MethodDescriptor<String, String> TALK =
      method("Talk", MethodType.BIDI_STREAMING);
  private static final String MEGABYTE = "l".repeat(1 << 20);

  /** In these, the first, large messages are asked for. */
  private static final int LARGE_ROUNDS = 10;

  private static class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes());
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName("weir.test.Shop/" + name)
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("server")) serve(Integer.parseInt(args[1]));
    else ask(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
  }

  private static void serve(int port) throws Exception {
    ServerServiceDefinition shop =
        ServerServiceDefinition.builder("weir.test.Shop")
            .addMethod(ONE, ServerCalls.asyncUnaryCall((word, to) -> send(to, word)))
            .addMethod(FAIL, ServerCalls.asyncUnaryCall((word, to) -> to.onError(notFound())))
            .addMethod(LIST, ServerCalls.asyncServerStreamingCall((w, to) -> send(to, "a", "b", "c")))
            .addMethod(
                LARGE,
                ServerCalls.asyncServerStreamingCall(
                    (word, to) -> send(to, MEGABYTE, MEGABYTE, MEGABYTE)))
            .addMethod(
                MANY, ServerCalls.asyncClientStreamingCall(to -> new Each(w -> {}, () -> send(to, "all"))))
            .addMethod(
                TALK, ServerCalls.asyncBidiStreamingCall(to -> new Each(to::onNext, to::onCompleted)))
            .build();
    var server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port)).addService(shop).build();
    server.start();
    System.out.println("ready");
    server.awaitTermination();
  }

  private static StatusRuntimeException notFound() {
    return Status.NOT_FOUND.asRuntimeException();
  }

  private static void send(StreamObserver<String> to, String... words) {
    for (String word : words) to.onNext(word);
    to.onCompleted();
  }

  /** What is done with each message, and at their end. */
  private record Each(java.util.function.Consumer<String> next, Runnable last)
      implements StreamObserver<String> {
    @Override
    public void onNext(String word) {
      next.accept(word);
    }

    @Override
    public void onError(Throwable cause) {
      cause.printStackTrace();
      System.exit(1);
    }

    @Override
    public void onCompleted() {
      last.run();
    }
  }

  private static void ask(int port, int rounds) throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    System.out.println("ready");
    System.in.read();
    for (int i = 0; i < rounds; i++) {
      expect("x".equals(ClientCalls.blockingUnaryCall(channel, ONE, CallOptions.DEFAULT, "x")));
      expect(talk(channel, MANY, ClientCalls::asyncClientStreamingCall) == 1);
      expect(count(ClientCalls.blockingServerStreamingCall(channel, LIST, CallOptions.DEFAULT, "x")) == 3);
      if (i < LARGE_ROUNDS)
        expect(
            count(ClientCalls.blockingServerStreamingCall(channel, LARGE, CallOptions.DEFAULT, "x"))
                == 3);
      expect(talk(channel, TALK, ClientCalls::asyncBidiStreamingCall) == 3);
      expect(fails(channel));
    }
    System.in.read();
    channel.shutdownNow();
  }

  private static boolean fails(ManagedChannel channel) {
    try {
      ClientCalls.blockingUnaryCall(channel, FAIL, CallOptions.DEFAULT, "x");
      return false;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.NOT_FOUND;
    }
  }

  private static int count(java.util.Iterator<String> words) {
    int count = 0;
    for (; words.hasNext(); words.next()) count++;
    return count;
  }

  private interface Start
      extends BiFunction<
          io.grpc.ClientCall<String, String>, StreamObserver<String>, StreamObserver<String>> {}

  /** Sends three messages and returns how many came. */
  private static int talk(ManagedChannel channel, MethodDescriptor<String, String> method, Start start)
      throws InterruptedException {
    int[] count = {0};
    CountDownLatch ended = new CountDownLatch(1);
    StreamObserver<String> to =
        start.apply(
            channel.newCall(method, CallOptions.DEFAULT),
            new Each(word -> count[0]++, ended::countDown));
    for (String word : List.of("x", "y", "z")) to.onNext(word);
    to.onCompleted();
    ended.await();
    return count[0];
  }

  private static void expect(boolean holds) {
    if (!holds) throw new AssertionError("not what was asked for");
  }
}
