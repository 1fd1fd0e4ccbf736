package eventdraft.peer;

import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Service;

/** The flow: cache, save, cache, publish. It goes on without the cache. The request has been judged. */
@Service
class DraftService {
  private static final Logger log = LoggerFactory.getLogger(DraftService.class);

  private final DraftRepository repository;
  private final DraftCache cache;
  private final DraftPublisher publisher;

  DraftService(DraftRepository repository, DraftCache cache, DraftPublisher publisher) {
    this.repository = repository;
    this.cache = cache;
    this.publisher = publisher;
  }

  Draft create(CreateRequest request) {
    Draft cached = cached(request.userId());
    if (cached != null) return cached;

    DraftRepository.Saved saved;
    try {
      saved = repository.save(request);
    } catch (DataAccessException error) {
      throw ApiException.unavailable("STORAGE_UNAVAILABLE", error);
    }
    if (!saved.created()) return saved.draft();
    remember(saved.draft());
    try {
      publisher.publish(saved.draft());
    } catch (DraftPublisher.NotPublished error) {
      throw ApiException.unavailable("PUBLISHER_UNAVAILABLE", error);
    }
    return saved.draft();
  }

  private Draft cached(long userId) {
    try {
      Draft draft = cache.draftOf(userId);
      return draft != null && draft.isInProgressFor(userId, Instant.now()) ? draft : null;
    } catch (DataAccessException error) {
      log.warn("cache failed: {}", error.toString());
      return null;
    }
  }

  private void remember(Draft draft) {
    try {
      cache.remember(draft);
    } catch (DataAccessException error) {
      log.warn("cache failed: {}", error.toString());
    }
  }
}
