package eventdraft.peer;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.stereotype.Component;

@Component
class DraftPublisher {
  private static final String TOPIC = "event-topic";
  private static final String TYPE = "EventDraftCreated";
  private static final long TIMEOUT_MS = 500;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(Draft.TIME).withZone(ZoneOffset.UTC);

  static class NotPublished extends Exception {
    NotPublished(Throwable cause) {
      super(cause);
    }
  }

  /** The specification's payload, and nothing else in it. */
  record Payload(
      String eventDraftId, long userId, String objective,
      @JsonFormat(pattern = Draft.TIME, timezone = "UTC") Instant createdAt) {}

  private final KafkaTemplate<String, byte[]> kafka;
  private final ObjectWriter writer;

  DraftPublisher(KafkaTemplate<String, byte[]> kafka, ObjectMapper mapper) {
    this.kafka = kafka;
    this.writer = mapper.writerFor(Payload.class);
    kafka.partitionsFor(TOPIC); // what the first event would wait for otherwise
  }

  /** Returns when the broker has acknowledged the event: CloudEvents 1.0 in binary mode. */
  void publish(Draft draft) throws NotPublished {
    try {
      kafka.send(toRecord(draft)).get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
      throw new NotPublished(error);
    } catch (ExecutionException | TimeoutException | KafkaException | JsonProcessingException error) {
      throw new NotPublished(error);
    }
  }

  private ProducerRecord<String, byte[]> toRecord(Draft draft) throws JsonProcessingException {
    String id = draft.eventDraftId();
    Payload payload = new Payload(id, draft.userId(), draft.objective(), draft.createdAt());
    ProducerRecord<String, byte[]> record = new ProducerRecord<>(TOPIC, id, writer.writeValueAsBytes(payload));
    header(record, "ce_specversion", "1.0");
    header(record, "ce_id", id + "." + TYPE);
    header(record, "ce_source", "/event-draft");
    header(record, "ce_type", TYPE);
    header(record, "ce_time", TIME.format(draft.createdAt()));
    header(record, "ce_subject", id);
    header(record, "content-type", "application/json");
    return record;
  }

  private static void header(ProducerRecord<?, ?> record, String name, String value) {
    record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
