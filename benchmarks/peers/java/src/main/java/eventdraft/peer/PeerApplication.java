package eventdraft.peer;

import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.net.URI;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.jackson.Jackson2ObjectMapperBuilderCustomizer;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.boot.web.servlet.context.ServletWebServerInitializedEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/** The example server's POST /api/events/purposes, to be measured against. */
@SpringBootApplication
public class PeerApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(PeerApplication.class, arguments);
  }

  @EventListener
  void announce(ServletWebServerInitializedEvent event) {
    System.out.println("listening on http://127.0.0.1:" + event.getWebServer().getPort());
  }

  /** A number or a truth value is no text. */
  @Bean
  Jackson2ObjectMapperBuilderCustomizer textsAreTexts() {
    return builder -> builder.postConfigurer(mapper -> {
      var texts = mapper.coercionConfigFor(LogicalType.Textual);
      for (var shape : new CoercionInputShape[] {CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean}) {
        texts.setCoercion(shape, CoercionAction.Fail);
      }
    });
  }

  /** The address as libpq writes it, for JDBC takes no user in it. */
  @Bean
  JdbcConnectionDetails database() {
    URI url = URI.create(System.getenv("EVENT_DRAFT_POSTGRES"));
    String[] user = url.getUserInfo() == null ? new String[] {"postgres"} : url.getUserInfo().split(":", 2);
    return new JdbcConnectionDetails() {
      @Override
      public String getJdbcUrl() {
        String properties = url.getRawQuery() == null ? "" : "?" + url.getRawQuery(); // whether with TLS, above all
        return "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath() + properties;
      }

      @Override
      public String getUsername() {
        return user[0];
      }

      @Override
      public String getPassword() {
        return user.length > 1 ? user[1] : null;
      }
    };
  }
}
