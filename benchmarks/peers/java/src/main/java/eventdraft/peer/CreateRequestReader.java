package eventdraft.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Reads and judges the body of a create request. */
@Component
class CreateRequestReader {
  private static final List<String> TEXTS = List.of("objective", "storeName", "industry", "address");
  private static final Pattern BLANK = Pattern.compile("\\p{IsWhite_Space}*");
  private static final Pattern AROUND = Pattern.compile("^\\p{IsWhite_Space}+|\\p{IsWhite_Space}+$");

  private final ObjectMapper mapper;
  private final ObjectReader requests;

  CreateRequestReader(ObjectMapper mapper) {
    this.mapper = mapper;
    this.requests = mapper.readerFor(CreateRequest.class);
  }

  CreateRequest read(byte[] body) {
    CreateRequest request = parse(body);
    String objective = objectiveOf(request.objective());
    checkStore(request);
    return new CreateRequest(request.userId(), objective, request.storeName(), request.industry(), request.address());
  }

  private CreateRequest parse(byte[] body) {
    try {
      CreateRequest request = requests.readValue(body);
      if (request != null && request.userId() > 0) return request;
    } catch (IOException malformed) {
      // What is wrong with it is found out below, all of it.
    }
    throw ApiException.badRequest("MALFORMED_REQUEST", faultyMembers(body));
  }

  /** Every member of a wrong type, where Jackson tells the first alone; none of what is no JSON. */
  private List<String> faultyMembers(byte[] body) {
    JsonNode root;
    try {
      root = mapper.readTree(body);
    } catch (IOException malformed) {
      return List.of();
    }
    if (root.isMissingNode()) return List.of();
    List<String> faults = new ArrayList<>();
    JsonNode userId = root.path("userId");
    if (!userId.isIntegralNumber() || !userId.canConvertToLong() || userId.longValue() <= 0) faults.add("userId");
    for (String name : TEXTS) {
      JsonNode member = root.path(name);
      if (!member.isTextual() && !member.isNull() && !member.isMissingNode()) faults.add(name);
    }
    return faults;
  }

  private static String objectiveOf(String text) {
    if (text != null) {
      if (Draft.OBJECTIVES.contains(text)) return text; // as nearly everybody sends it
      String label = Normalizer.normalize(AROUND.matcher(text).replaceAll(""), Normalizer.Form.NFC);
      if (Draft.OBJECTIVES.contains(label)) return label;
    }
    throw ApiException.badRequest("EVENT_001", List.of());
  }

  private static void checkStore(CreateRequest request) {
    List<String> missing = new ArrayList<>(3);
    List<String> invalid = new ArrayList<>(3);
    checkText("storeName", request.storeName(), 100, missing, invalid);
    checkText("industry", request.industry(), 50, missing, invalid);
    checkText("address", request.address(), 200, missing, invalid);
    if (!missing.isEmpty()) throw ApiException.badRequest("EVENT_002", missing);
    if (!invalid.isEmpty()) throw ApiException.badRequest("INVALID_STORE_INFO", invalid);
  }

  private static void checkText(String name, String text, int mostCodePoints, List<String> missing, List<String> invalid) {
    if (text == null || BLANK.matcher(text).matches()) {
      missing.add(name);
    } else if (text.codePointCount(0, text.length()) > mostCodePoints || text.chars().anyMatch(Character::isISOControl)) {
      invalid.add(name);
    }
  }
}
