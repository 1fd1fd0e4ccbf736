// A creation over real servers: the service with the adapters of the examples, against the raw clients doing the same by hand.
//
//   examples/servers/run --redis --postgres --kafka -- benchmarks/compare build/benchmarks/benchmarks/backends_benchmark
#include <benchmark/benchmark.h>
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>

#include <adapters/kafka/kafka_publisher.hpp>
#include <adapters/kafka/record.hpp>
#include <adapters/postgres/postgres_draft_repository.hpp>
#include <adapters/postgres/statements.hpp>
#include <adapters/redis/redis_draft_cache.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <event_draft.hpp>
#include <event_draft/formatters.hpp>

#include "allocations.hpp"
#include "sample.hpp"

using namespace event_draft;

namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{std::string{name} + " is not set: run this with examples/servers/run"};
  return value;
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::runtime_error{what};
}

std::int64_t next_user() {
  static std::int64_t user = std::chrono::system_clock::now().time_since_epoch().count();
  return ++user;
}

/// What the commands in a row are with nothing around them: no deadline, no pool, no look at what came back but for errors.
class ByHand {
 public:
  explicit ByHand(bool prepared) : prepared_{prepared} {
    const auto address = redis::parse_url(environment("EVENT_DRAFT_REDIS"));
    redis_.reset(redisConnect(address.host.c_str(), address.port));
    expect(redis_ && redis_->err == 0, "no Redis");
    postgres_.reset(PQconnectdb(environment("EVENT_DRAFT_POSTGRES").c_str()));
    expect(PQstatus(postgres_.get()) == CONNECTION_OK, "no PostgreSQL");
    if (prepared_) {
      const Rows made{PQprepare(postgres_.get(), "save", postgres::sql::save.text, 11, nullptr)};
      expect(PQresultStatus(made.get()) == PGRES_COMMAND_OK, "not prepared");
    }
    auto* const conf = rd_kafka_conf_new();
    for (const auto& [name, value] : {std::pair{"bootstrap.servers", environment("EVENT_DRAFT_KAFKA").c_str()},
                                      std::pair{"enable.idempotence", "true"}, std::pair{"acks", "all"},
                                      std::pair{"partitioner", "murmur2_random"}, std::pair{"linger.ms", "0"}}) {
      expect(rd_kafka_conf_set(conf, name, value, nullptr, 0) == RD_KAFKA_CONF_OK, name);
    }
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
      *static_cast<rd_kafka_resp_err_t*>(message->_private) = message->err;
    });
    kafka_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0));
    expect(kafka_ != nullptr, "no Kafka");
    topic_.reset(rd_kafka_topic_new(kafka_.get(), "event-topic", nullptr));
  }

  void create(std::int64_t user) {
    const std::string user_key = "draft:event:" + std::to_string(user);
    const Reply cached{command("GET %b", user_key.data(), user_key.size())};
    expect(cached->type == REDIS_REPLY_NIL, "a hit");
    EventDraft draft = sample::draft();
    draft.user_id = UserId::make(user).value();
    draft.created_at = SystemClock::now();
    draft.id = save(draft);
    const CacheEntry entry = encode_cache_entry(draft);
    const std::string draft_key = "draft:event:" + std::string{draft.id.view()};
    append("SET %b %b EX 86400", draft_key, entry.view());
    append("SET %b %b EX 1800", user_key, entry.view());
    for (int i = 0; i != 2; ++i) {
      void* reply = nullptr;
      expect(redisGetReply(redis_.get(), &reply) == REDIS_OK, "no reply");
      expect(
          Reply { static_cast<redisReply*>(reply) } -> type == REDIS_REPLY_STATUS, "not cached");
    }
    const EventMessage message{draft_created(draft), "/event-draft"};
    auto error = RD_KAFKA_RESP_ERR__IN_PROGRESS;
    expect(kafka::produce(kafka_.get(), topic_.get(), message, &error) == RD_KAFKA_RESP_ERR_NO_ERROR, "not queued");
    while (error == RD_KAFKA_RESP_ERR__IN_PROGRESS) rd_kafka_poll(kafka_.get(), 100);
    expect(error == RD_KAFKA_RESP_ERR_NO_ERROR, "not acknowledged");
  }

 private:
  template <class Handle, auto free>
  struct Free {
    void operator()(Handle* handle) const noexcept { free(handle); }
  };
  static void free_reply(redisReply* reply) { freeReplyObject(reply); }
  using Reply = std::unique_ptr<redisReply, Free<redisReply, free_reply>>;
  using Rows = std::unique_ptr<PGresult, Free<PGresult, PQclear>>;

  template <class... Arguments>
  redisReply* command(const char* format, Arguments... arguments) {
    return static_cast<redisReply*>(redisCommand(redis_.get(), format, arguments...));
  }
  void append(const char* format, const std::string& key, std::string_view value) {
    redisAppendCommand(redis_.get(), format, key.data(), key.size(), value.data(), value.size());
  }

  DraftId save(const EventDraft& draft) {
    const std::string user = std::to_string(draft.user_id.value());
    const std::string objective{to_string(draft.objective)};
    const std::string name{draft.store.name()}, industry{draft.store.industry()}, address{draft.store.address()};
    const std::string created_at{to_text(draft.created_at).view()};
    const std::array<const char*, 11> values{user.c_str(),
                                             objective.c_str(),
                                             name.c_str(),
                                             industry.c_str(),
                                             address.c_str(),
                                             created_at.c_str(),
                                             "1800000",
                                             nullptr,
                                             nullptr,
                                             "1000",
                                             "7"};
    const Rows rows{prepared_ ? PQexecPrepared(postgres_.get(), "save", 11, values.data(), nullptr, nullptr, 0)
                              : PQexecParams(postgres_.get(), postgres::sql::save.text, 11, nullptr, values.data(),
                                             nullptr, nullptr, 0)};
    expect(PQresultStatus(rows.get()) == PGRES_TUPLES_OK && PQntuples(rows.get()) == 1, "not saved");
    return DraftId::numbered(std::stoull(PQgetvalue(rows.get(), 0, 1)));
  }

  bool prepared_;
  std::unique_ptr<redisContext, Free<redisContext, redisFree>> redis_;
  std::unique_ptr<PGconn, Free<PGconn, PQfinish>> postgres_;
  std::unique_ptr<rd_kafka_t, Free<rd_kafka_t, rd_kafka_destroy>> kafka_;
  std::unique_ptr<rd_kafka_topic_t, Free<rd_kafka_topic_t, rd_kafka_topic_destroy>> topic_;
};

template <class Create>
void measure_warm(benchmark::State& state, Create create) {
  for (int i = 0; i != 50; ++i) create(next_user());  // a broker is slow at first
  measure(state, [&] { create(next_user()); });
}

void with_the_service(benchmark::State& state, bool prepared) {
  postgres::PostgresDraftRepository repository{
      postgres::Config{.url = environment("EVENT_DRAFT_POSTGRES"), .prepared_statements = prepared}};
  redis::RedisDraftCache cache{redis::parse_url(environment("EVENT_DRAFT_REDIS"))};
  kafka::KafkaPublisher publisher{kafka::Config{.brokers = environment("EVENT_DRAFT_KAFKA")}};
  Options options;
  options.budget = {.request = std::chrono::seconds{20}, .cache = std::chrono::seconds{5}};
  EventDraftService service{repository, cache, publisher, options};
  measure_warm(state, [&](std::int64_t user) {
    CreateEventDraft command = sample::command;
    command.user_id = user;
    const auto receipt = service.create_event_draft(command);
    expect(receipt && receipt.value().event == EventDelivery::acknowledged && receipt.value().degraded.empty(),
           "not created");
  });
  static_cast<void>(repository.settle({}, Deadline::after(std::chrono::seconds{5})));
}

void by_hand(benchmark::State& state, bool prepared) {
  ByHand hand{prepared};
  measure_warm(state, [&](std::int64_t user) { hand.create(user); });
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  {
    const postgres::PostgresDraftRepository makes_the_tables{
        postgres::Config{.url = environment("EVENT_DRAFT_POSTGRES")}};
  }
  for (const bool prepared : {false, true}) {
    const std::string group = prepared ? "create, prepared statements" : "create";
    benchmark::RegisterBenchmark((group + "/event_draft").c_str(), with_the_service, prepared)->UseRealTime();
    benchmark::RegisterBenchmark((group + "/by hand").c_str(), by_hand, prepared)->UseRealTime();
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
