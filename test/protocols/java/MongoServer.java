import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A server of MongoDB's protocol: `MongoServer PORT COMPRESSED_PORT`. Says `ready`, and to each line it reads how often each command came since
 * the line before, as `COUNT COMMAND COLLECTION DATABASE` and `end`.
 */
public class MongoServer {
    private static final Map<String, Integer> COUNTS = new ConcurrentSkipListMap<>();

    private static class CountingBackend extends MemoryBackend {
        @Override
        public Document handleMessage(MongoMessage message) {
            Document document = message.getDocument();
            String command = document.keySet().iterator().next();
            Object collection = document.get(command.equals("getMore") ? "collection" : command);
            String name = collection instanceof String ? (String) collection : "-";
            COUNTS.merge(command + " " + name + " " + document.get("$db"), 1, Integer::sum);
            return super.handleMessage(message);
        }
    }

    /** The wire version of MongoDB 4.4, the oldest that drivers of today talk to. */
    private static class NewEnough implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(4, 4, 0);
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    }

    public static void main(String[] args) throws Exception {
        CountingBackend backend = new CountingBackend();
        backend.version(new NewEnough());
        var server = new de.bwaldvogel.mongo.MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(args[0]));
        CompressedMongo.serve(Integer.parseInt(args[1]), Integer.parseInt(args[0]));
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            Map<String, Integer> counts = new TreeMap<>(COUNTS);
            COUNTS.clear();
            counts.forEach((command, count) -> System.out.println(count + " " + command));
            System.out.println("end");
        }
        server.shutdownNow();
    }
}
