package eventdraft.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class DraftController {
  private static final Logger log = LoggerFactory.getLogger(DraftController.class);
  private static final int MOST_BODY = 64 * 1024;

  record Created(String eventDraftId, String objective, String storeName, String status) {}

  private final CreateRequestReader requests;
  private final DraftService service;
  private final ObjectWriter answers;

  DraftController(CreateRequestReader requests, DraftService service, ObjectMapper mapper) {
    this.requests = requests;
    this.service = service;
    this.answers = mapper.writerFor(Created.class);
  }

  /**
   * The bytes as they came: a bound body would not say which of several members is of a wrong type. And bytes back, so that the
   * answer goes out whole, with its length, rather than in chunks.
   */
  @PostMapping(path = "/api/events/purposes", produces = "application/json")
  byte[] create(InputStream stream) throws IOException {
    byte[] body = stream.readNBytes(MOST_BODY + 1);
    if (body.length > MOST_BODY) throw ApiException.tooLarge();
    Draft draft = service.create(requests.read(body));
    return answers.writeValueAsBytes(
        new Created(draft.eventDraftId(), draft.objective(), draft.storeName(), draft.status()));
  }

  @ExceptionHandler
  ResponseEntity<ApiException.Body> refuse(ApiException error) {
    if (error.status.is5xxServerError()) log.error("a request failed", error);
    return ResponseEntity.status(error.status).body(error.body);
  }
}
