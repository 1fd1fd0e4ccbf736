#include "admin_client.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace event_draft::admin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::string read(const std::filesystem::path& data) {
  std::ifstream file{data / "admin"};
  if (file) return {std::istreambuf_iterator<char>{file}, {}};
  if (errno == ENOENT) throw std::runtime_error{fmt::format("no server is running on {}", data.string())};
  throw std::runtime_error{
      fmt::format("can't read {}: {}", (data / "admin").string(), std::generic_category().message(errno))};
}

asio::awaitable<Answer> ask(const asio::ip::tcp::endpoint& server, const http::request<http::empty_body>& request) {
  boost::beast::tcp_stream stream{co_await asio::this_coro::executor};
  stream.expires_after(std::chrono::seconds{10});  // for all of it
  co_await stream.async_connect(server, asio::use_awaitable);
  co_await http::async_write(stream, request, asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  co_return Answer{response.result_int(), std::move(response.body())};
}

}  // namespace

AdminClient::AdminClient(const std::filesystem::path& data) : data_{data} {
  const auto text = read(data);
  try {
    const auto access = boost::json::parse(text);
    address_ = boost::json::value_to<std::string>(access.at("address"));
    port_ = boost::json::value_to<std::uint16_t>(access.at("port"));
    token_ = boost::json::value_to<std::string>(access.at("token"));
  } catch (const std::exception&) {
    throw std::runtime_error{fmt::format("{} is not what a server writes", (data / "admin").string())};
  }
}

Answer AdminClient::call(const std::string& method, const std::string& target) const {
  Answer answer{};
  try {
    const asio::ip::tcp::endpoint server{asio::ip::make_address(address_), port_};
    http::request<http::empty_body> request{http::string_to_verb(method), target, 11};
    request.set(http::field::host, server.address().is_v6() ? fmt::format("[{}]:{}", address_, port_)
                                                            : fmt::format("{}:{}", address_, port_));
    request.set(http::field::authorization, "Bearer " + token_);
    request.set(http::field::connection, "close");
    request.prepare_payload();
    std::exception_ptr failure;
    asio::io_context context;
    asio::co_spawn(context, ask(server, request), [&](std::exception_ptr thrown, Answer answered) {
      failure = std::move(thrown);
      answer = std::move(answered);
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {  // as after a server that was killed
    throw std::runtime_error{fmt::format("no server answers for {}: {}", data_.string(), error.what())};
  }
  if (answer.status == 401) throw std::runtime_error{fmt::format("another server has {}'s port", data_.string())};
  return answer;
}

}  // namespace event_draft::admin
