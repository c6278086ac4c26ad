import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;

/**
 * Apache Kafka, one node of its own: `KafkaBroker FOLDER PORT CONTROLLER_PORT TOPIC...`. Says `ready`, and to each line it reads
 * the end of each partition, as `TOPIC PARTITION OFFSET` and `end`.
 */
public class KafkaBroker {
    private static final int PARTITIONS = 2;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Path settings = folder.resolve("server.properties");
        Files.writeString(settings, settings(folder, args[1], args[2]));
        String[] format = {"format", "-t", "AAAAAAAAQACAAAAAAAAAAA", "-c", settings.toString()};
        StorageTool.execute(format, System.err);
        new Thread(() -> kafka.Kafka.main(new String[] {settings.toString()})).start();
        Map<String, Object> client = Map.of("bootstrap.servers", "127.0.0.1:" + args[1], "client.id", "truth");
        try (Admin admin = Admin.create(client)) {
            answer(admin, Arrays.asList(args).subList(3, args.length));
        }
        Runtime.getRuntime().halt(0);
    }

    private static String settings(Path folder, String port, String controller) {
        return String.join("\n",
            "process.roles=broker,controller",
            "node.id=1",
            "controller.quorum.voters=1@127.0.0.1:" + controller,
            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller,
            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
            "controller.listener.names=CONTROLLER",
            "log.dirs=" + folder.resolve("data"),
            "num.network.threads=1",
            "num.io.threads=2",
            "offsets.topic.num.partitions=1",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.num.partitions=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
            "group.initial.rebalance.delay.ms=0",
            "log.cleaner.dedupe.buffer.size=4194304",
            "auto.create.topics.enable=false");
    }

    /** Groups and transactions have a topic each, which is made when it is first asked for. */
    private static void awaitCoordinators(Admin admin) throws Exception {
        admin.listConsumerGroupOffsets("nobody").partitionsToOffsetAndMetadata().get();
        try {
            admin.describeTransactions(List.of("nobody")).all().get();
        } catch (ExecutionException nobody) {
            if (!(nobody.getCause() instanceof TransactionalIdNotFoundException)) throw nobody;
        }
    }

    private static void answer(Admin admin, List<String> topics) throws Exception {
        List<NewTopic> wanted = new ArrayList<>();
        for (String topic : topics) wanted.add(new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()));
        admin.createTopics(wanted).all().get();
        awaitCoordinators(admin);
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        while (lines.readLine() != null) {
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (String topic : topics)
                for (int i = 0; i < PARTITIONS; i++) ends.put(new TopicPartition(topic, i), OffsetSpec.latest());
            admin.listOffsets(ends).all().get().forEach((at, end) ->
                System.out.println(at.topic() + " " + at.partition() + " " + end.offset()));
            System.out.println("end");
        }
    }
}
