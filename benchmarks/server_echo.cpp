// What Boost.Beast costs with nothing behind it: reads a request, answers 200 with the request's body, keeps the connection.
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(Tcp::socket socket) : stream_{std::move(socket)} {
    stream_.socket().set_option(Tcp::no_delay{true});
  }

  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->write();
    });
  }

 private:
  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "application/json");
    response_.keep_alive(request_.keep_alive());
    response_.body() = std::move(request_.body());
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error && self->response_.keep_alive()) self->read();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(Tcp::acceptor& acceptor, asio::io_context& context) {
  acceptor.async_accept(asio::make_strand(context), [&](beast::error_code error, Tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->read();
    accept(acceptor, context);
  });
}

}  // namespace

int main(int argc, char** argv) try {
  const int threads = argc > 1 ? std::stoi(argv[1]) : 1;
  asio::io_context context{threads};
  Tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  accept(acceptor, context);
  asio::signal_set signals{context, SIGINT, SIGTERM};
  signals.async_wait([&](beast::error_code, int) { context.stop(); });
  std::printf("listening on http://127.0.0.1:%d\n", int{acceptor.local_endpoint().port()});
  std::fflush(stdout);
  std::vector<std::jthread> workers;
  for (int i = 1; i < threads; ++i) workers.emplace_back([&] { context.run(); });
  context.run();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "server_echo: %s\n", error.what());
  return 1;
}
