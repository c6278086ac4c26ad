import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.xerial.snappy.Snappy;

/** Stands in front of a server that does not compress, and does it for that: each answer as its request was. */
public class CompressedMongo {
    private static final int HEADER = 16;
    private static final int REPLY = 1;
    private static final int COMPRESSED = 2012;
    /** In front of the document of an answer: of OP_REPLY, and of OP_MSG. */
    private static final int REPLY_FRONT = 20;
    private static final int MESSAGE_FRONT = 5;

    /** By the request's id. */
    private final Map<Integer, Byte> codecs = new ConcurrentHashMap<>();
    private final Socket client;
    private final Socket server;

    private CompressedMongo(Socket client, Socket server) {
        this.client = client;
        this.server = server;
    }

    private interface Change {
        ByteBuffer of(ByteBuffer message) throws IOException;
    }

    public static void serve(int port, int to) throws IOException {
        ServerSocket listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                CompressedMongo own = new CompressedMongo(client, new Socket("127.0.0.1", to));
                start(() -> own.pump(own.client, own.server, own::plain));
                start(() -> own.pump(own.server, own.client, own::compressed));
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException end) {
                // The connection has ended.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private void pump(Socket from, Socket to, Change change) throws IOException {
        try (from; to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            while (true) {
                byte[] length = in.readNBytes(4);
                if (length.length < 4) return;
                ByteBuffer message = little(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt());
                in.readFully(message.array(), 4, message.capacity() - 4);
                out.write(change.of(message.put(0, length)).array());
            }
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same ids, another operation. */
    private static ByteBuffer message(ByteBuffer like, int operation, int bytes) {
        ByteBuffer made = little(HEADER + bytes);
        return made.putInt(HEADER + bytes).putInt(like.getInt(4)).putInt(like.getInt(8)).putInt(operation);
    }

    private ByteBuffer plain(ByteBuffer message) throws IOException {
        if (message.getInt(12) != COMPRESSED) return message;
        byte codec = message.get(HEADER + 8);
        codecs.put(message.getInt(4), codec);
        int bytes = message.getInt(HEADER + 4);
        byte[] packed = new byte[message.capacity() - HEADER - 9];
        message.get(HEADER + 9, packed);
        return message(message, message.getInt(HEADER), bytes).put(unpack(codec, packed, bytes));
    }

    private ByteBuffer compressed(ByteBuffer message) throws IOException {
        Byte codec = codecs.remove(message.getInt(8));
        if (codec == null) return offering(message);
        byte[] body = new byte[message.capacity() - HEADER];
        message.get(HEADER, body);
        byte[] packed = pack(codec, body);
        ByteBuffer made = message(message, COMPRESSED, 9 + packed.length);
        return made.putInt(message.getInt(12)).putInt(body.length).put(codec).put(packed);
    }

    /** To who is greeted, what there is to choose from is said at the end of the document. */
    private static ByteBuffer offering(ByteBuffer message) {
        if (!new String(message.array(), StandardCharsets.ISO_8859_1).contains("maxWireVersion")) return message;
        byte[] codecs = array("snappy", "zlib", "zstd");
        int end = message.capacity() - 1;
        ByteBuffer made = message(message, message.getInt(12), end - HEADER + codecs.length + 1);
        made.put(message.array(), HEADER, end - HEADER).put(codecs).put((byte) 0);
        int document = HEADER + (message.getInt(12) == REPLY ? REPLY_FRONT : MESSAGE_FRONT);
        return made.putInt(document, message.getInt(document) + codecs.length);
    }

    private static byte[] array(String... words) {
        ByteBuffer made = little(256).put((byte) 4).put("compression\0".getBytes());
        int begin = made.position();
        made.putInt(0);
        for (int i = 0; i < words.length; i++)
            made.put((byte) 2).put((i + "\0").getBytes()).putInt(words[i].length() + 1).put((words[i] + "\0").getBytes());
        made.put((byte) 0).putInt(begin, made.position() - begin);
        byte[] bytes = new byte[made.position()];
        made.get(0, bytes);
        return bytes;
    }

    private static byte[] unpack(byte codec, byte[] packed, int bytes) throws IOException {
        if (codec == 1) return Snappy.uncompress(packed);
        if (codec == 3) return Zstd.decompress(packed, bytes);
        return new InflaterInputStream(new ByteArrayInputStream(packed)).readAllBytes();
    }

    private static byte[] pack(byte codec, byte[] plain) throws IOException {
        if (codec == 1) return Snappy.compress(plain);
        if (codec == 3) return Zstd.compress(plain);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}
