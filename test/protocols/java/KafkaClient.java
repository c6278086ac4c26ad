import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What a program does with Kafka through its own client: `KafkaClient PORT ROUNDS`. Sends, in transactions too, and consumes all of it. */
public class KafkaClient {
    private static final byte[] PARENT = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01".getBytes();

    private static final List<String> CODECS = List.of("gzip", "snappy", "lz4", "zstd");

    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[1]);
        Map<String, Object> base = new HashMap<>();
        base.put("bootstrap.servers", "127.0.0.1:" + args[0]);
        base.put("client.id", "java");
        for (String codec : CODECS) {
            try (KafkaProducer<String, String> producer = producer(base, Map.of("compression.type", codec))) {
                for (int i = 0; i < rounds; i++) producer.send(record("java", i));
            }
        }
        try (KafkaProducer<String, String> producer = producer(base, Map.of("acks", "0"))) {
            for (int i = 0; i < rounds; i++) producer.send(record("java-0", i)).get();
        }
        try (KafkaProducer<String, String> producer = producer(base, Map.of("transactional.id", "tx"))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < rounds; i++) producer.send(record("java-tx", i));
            producer.commitTransaction();
        }
        consume(base, (CODECS.size() + 1) * rounds);
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> base, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(base);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static ProducerRecord<String, String> record(String topic, int i) {
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, i % 2, "SECRET-" + i, "SECRET".repeat(20));
        record.headers().add("traceparent", PARENT);
        return record;
    }

    private static void consume(Map<String, Object> base, int wanted) {
        Map<String, Object> settings = new HashMap<>(base);
        settings.put("group.id", "java-group");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        // Of an answer 64 KiB are captured.
        settings.put("fetch.max.bytes", "32768");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("java", "java-tx"));
            for (int seen = 0; seen < wanted; ) seen += consumer.poll(Duration.ofSeconds(1)).count();
            consumer.commitSync();
        }
    }
}
