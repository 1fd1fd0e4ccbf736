// librdkafka's mock cluster as a process: kafka_mock CONTROL ADDRESS_FILE TOPIC PARTITIONS
//
// CONTROL is made, a FIFO; a line of it is one command:
//   error API CODE COUNT    the next COUNT requests of that kind (0 is Produce, 3 Metadata) fail with that error
//   down | up               the broker hangs up and takes no connections; takes them again
//   delay MS                every answer takes that much longer
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int broker = 1;

void obey(rd_kafka_mock_cluster_t* cluster, const std::string& line) {
  std::istringstream words{line};
  std::string command;
  words >> command;
  if (command == "error") {
    int api = 0, code = 0;
    std::size_t count = 0;
    words >> api >> code >> count;
    const std::vector<rd_kafka_resp_err_t> errors(count, static_cast<rd_kafka_resp_err_t>(code));
    rd_kafka_mock_push_request_errors_array(cluster, static_cast<std::int16_t>(api), errors.size(), errors.data());
  } else if (command == "down") {
    rd_kafka_mock_broker_set_down(cluster, broker);
  } else if (command == "up") {
    rd_kafka_mock_broker_set_up(cluster, broker);
  } else if (command == "delay") {
    int milliseconds = 0;
    words >> milliseconds;
    rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds);
  } else {
    std::cerr << "what is " << line << "?\n";
  }
}

// Its reader must never see half of it.
void tell(const std::string& path, const std::string& address) {
  std::ofstream{path + ".new"} << address << '\n';
  if (std::rename((path + ".new").c_str(), path.c_str()) != 0) std::exit(1);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  char error[256];
  rd_kafka_t* const owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof error);
  if (owner == nullptr) {
    std::cerr << error << '\n';
    return 1;
  }
  rd_kafka_mock_cluster_t* const cluster = rd_kafka_mock_cluster_new(owner, 1);
  rd_kafka_mock_topic_create(cluster, arguments[3], std::atoi(arguments[4]), 1);
  tell(arguments[2], rd_kafka_mock_cluster_bootstraps(cluster));
  ::mkfifo(arguments[1], 0600);                                      // or it is there from before
  std::fstream control{arguments[1], std::ios::in | std::ios::out};  // both, so that no writer's end is its end
  for (std::string line; std::getline(control, line);) obey(cluster, line);
  return 1;
}
