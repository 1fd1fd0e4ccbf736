#include <doctest/doctest.h>

#include <adapters/postgres/outbox_listener.hpp>
#include <chrono>
#include <string>

#include "postgres_fixture.hpp"

// A server that is talked to over TLS, by what the URL says.
namespace {

using namespace event_draft;
using namespace event_draft::testing;

/// The server's certificate is for 127.0.0.1, and signed by itself.
std::string tls_url(const PostgresSchema& schema, const std::string& trusted) {
  const std::string url = schema.url();
  return url.substr(0, url.find('?')) + "?sslmode=verify-full&sslrootcert=" + RealServer{"postgres"}.folder() + "/" +
         trusted;
}

std::string with_password(std::string url) { return url.insert(url.find('@'), ":s3cret"); }

TEST_CASE("with sslmode=verify-full drafts are saved, found and approved over TLS alone") {
  const PostgresSchema schema;
  PostgresDraftRepository repository{{.url = tls_url(schema, "server.crt")}};
  const EventDraft draft = saved(repository);
  CHECK(repository.find(draft.id, in_good_time()).value() == draft);
  CHECK(repository.approve({draft.id, draft.user_id, draft.created_at}, in_good_time()));
  CHECK(PostgresShell{schema.admin_url()}.ask("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                                              "WHERE application_name = 'event_draft' AND usename = '" +
                                              schema.name() + "'") == "t");
}

TEST_CASE("a listener hears of events over TLS") {
  const PostgresSchema schema;
  Causes causes;
  postgres::OutboxListener listener{tls_url(schema, "server.crt"), causes.collector()};
  CHECK(listener.wait(in_good_time()));  // it listens
  PostgresShell{schema.url()}.run("NOTIFY event_draft_outbox");
  CHECK(listener.wait(in_good_time()));
  CHECK(causes.take().empty());
}

TEST_CASE("a server that another authority vouches for, or that has another name, is refused with the reason") {
  const PostgresSchema schema;
  Causes causes;
  postgres::Config config{.url = with_password(tls_url(schema, "other.crt"))};
  config.on_failure = causes.collector();
  std::string told = open_error(config);
  CHECK(told.find("certificate verify failed") != std::string::npos);

  config.url = with_password(tls_url(schema, "server.crt"));
  config.url.replace(config.url.find("127.0.0.1"), 9, "localhost") += "&hostaddr=127.0.0.1";
  const std::string of_name = open_error(config);
  CHECK(of_name.find("does not match host name \"localhost\"") != std::string::npos);

  told += of_name;
  for (const std::string& cause : causes.take()) told += cause;
  CHECK(told.find("s3cret") == std::string::npos);
}

TEST_CASE("a server that hangs while TLS begins is waited for until the deadline") {
  RealServer server{"postgres"};
  const PostgresSchema schema;
  const std::string url = tls_url(schema, "server.crt");
  REQUIRE(postgres::Connection::open(url, false, in_good_time(), nobody).has_value());
  server.pause();
  const Deadline deadline = Deadline::after(std::chrono::milliseconds{200});
  const auto connection = postgres::Connection::open(url, false, deadline, nobody);
  CHECK_FALSE(Deadline{deadline.at() + std::chrono::seconds{1}}.expired());
  server.resume();
  REQUIRE(connection.has_error());
  CHECK(connection.assume_error() == Error{Errc::deadline_exceeded});
}

}  // namespace
