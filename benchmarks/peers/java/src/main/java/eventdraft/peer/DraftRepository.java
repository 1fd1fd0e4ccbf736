package eventdraft.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Repository;

@Repository
class DraftRepository {
  private static final int TRIES = 5;

  record Saved(boolean created, Draft draft) {}

  private final JdbcTemplate jdbc;
  private final String statement;

  DraftRepository(JdbcTemplate jdbc) throws IOException {
    this.jdbc = jdbc;
    this.statement = new ClassPathResource("save.sql").getContentAsString(StandardCharsets.UTF_8);
  }

  /** Claims the user's window and stores the draft; where the window is held, it gives the draft that holds it. */
  Saved save(CreateRequest request) {
    long user = request.userId();
    OffsetDateTime now = Instant.now().atOffset(ZoneOffset.UTC);
    for (int tries = 0; tries < TRIES; ++tries) {
      List<Saved> rows = jdbc.query(
          statement, (row, number) -> toSaved(row), user, user, Draft.WINDOW.toMillis(), user, request.objective(),
          request.storeName(), request.industry(), request.address(), now);
      if (!rows.isEmpty()) return rows.get(0);
    }
    throw new ConcurrencyFailureException("the window changed hands all the time");
  }

  private static Saved toSaved(ResultSet row) throws SQLException {
    Draft draft = new Draft(
        1,
        "draft-" + row.getLong("id"),
        row.getLong("user_id"),
        row.getString("objective"),
        row.getString("store_name"),
        row.getString("industry"),
        row.getString("address"),
        row.getString("status"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
    return new Saved(row.getBoolean("created"), draft);
  }
}
