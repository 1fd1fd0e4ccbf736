package eventdraft.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.data.redis.connection.RedisStringCommands.SetOption;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.types.Expiration;
import org.springframework.stereotype.Repository;

@Repository
class DraftCache {
  private static final String PREFIX = "draft:event:";
  private static final Expiration OF_DRAFT = Expiration.from(Duration.ofHours(24));
  private static final Expiration OF_USER = Expiration.from(Draft.WINDOW);

  private final StringRedisTemplate redis;
  private final ObjectReader reader;
  private final ObjectWriter writer;

  DraftCache(StringRedisTemplate redis, ObjectMapper mapper) {
    this.redis = redis;
    this.reader = mapper.readerFor(Draft.class);
    this.writer = mapper.writerFor(Draft.class);
    redis.hasKey(PREFIX); // connects, which the first requests would wait for otherwise
  }

  /** Null if there is none, or none that can be read. */
  Draft draftOf(long userId) {
    String value = redis.opsForValue().get(PREFIX + userId);
    if (value == null) return null;
    try {
      return reader.readValue(value);
    } catch (JsonProcessingException damaged) {
      return null;
    }
  }

  /** Both keys in one round trip. */
  void remember(Draft draft) {
    byte[] value;
    try {
      value = writer.writeValueAsBytes(draft);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
    redis.executePipelined((RedisCallback<Object>) connection -> {
      connection.stringCommands().set(key(draft.eventDraftId()), value, OF_DRAFT, SetOption.upsert());
      connection.stringCommands().set(key(Long.toString(draft.userId())), value, OF_USER, SetOption.upsert());
      return null;
    });
  }

  private static byte[] key(String name) {
    return (PREFIX + name).getBytes(StandardCharsets.UTF_8);
  }
}
