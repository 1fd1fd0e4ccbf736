package eventdraft.peer;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;

/** An error that the client is told: its code, and the fields at fault. */
class ApiException extends RuntimeException {
  private static final Map<String, String> MESSAGES = Map.of(
      "EVENT_001", "유효하지 않은 목적입니다. 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상 중 하나를 선택하세요.",
      "EVENT_002", "매장 정보가 누락되었습니다.",
      "INVALID_STORE_INFO", "매장 정보가 올바르지 않습니다. 길이와 문자를 확인하세요.",
      "MALFORMED_REQUEST", "요청 형식이 올바르지 않습니다.",
      "BODY_TOO_LARGE", "The body is too large.",
      "STORAGE_UNAVAILABLE", "이벤트 초안을 저장하거나 읽을 수 없습니다. 잠시 후 다시 시도하세요.",
      "PUBLISHER_UNAVAILABLE", "이벤트 발행이 확인되지 않았습니다.");

  record Body(String code, String message, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> fields) {}

  final HttpStatus status;
  final Body body;

  private ApiException(HttpStatus status, String code, List<String> fields, Throwable cause) {
    // Without a stack trace where it is the client's fault: that is no surprise.
    super(code, cause, false, status.is5xxServerError());
    this.status = status;
    this.body = new Body(code, MESSAGES.get(code), fields);
  }

  static ApiException badRequest(String code, List<String> fields) {
    return new ApiException(HttpStatus.BAD_REQUEST, code, fields, null);
  }

  static ApiException tooLarge() {
    return new ApiException(HttpStatus.PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE", List.of(), null);
  }

  static ApiException unavailable(String code, Throwable cause) {
    return new ApiException(HttpStatus.SERVICE_UNAVAILABLE, code, List.of(), cause);
  }
}
