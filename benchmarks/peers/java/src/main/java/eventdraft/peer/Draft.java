package eventdraft.peer;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What is stored; its JSON is what is cached. */
record Draft(
    int version,
    String eventDraftId,
    long userId,
    String objective,
    String storeName,
    String industry,
    String address,
    String status,
    @JsonFormat(pattern = TIME, timezone = "UTC") Instant createdAt) {

  static final List<String> OBJECTIVES = List.of("신규 고객 유치", "재방문 유도", "매출 증대", "인지도 향상");
  static final String TIME = "yyyy-MM-dd'T'HH:mm:ss.SSSX";

  /** In which a user has one draft in progress. */
  static final Duration WINDOW = Duration.ofMinutes(30);

  /** A cached value may be of another user or version, or from before the window. */
  boolean isInProgressFor(long user, Instant now) {
    return version == 1
        && userId == user
        && "DRAFT".equals(status)
        && createdAt != null
        && Duration.between(createdAt, now).abs().compareTo(WINDOW) < 0
        && OBJECTIVES.contains(objective);
  }
}
