#include "fault_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <mutex>
#include <utility>

namespace event_draft::testing {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

struct FaultProxy::State {
  State(std::string host, std::uint16_t server_port, Judge judge_it, std::uint16_t own_port)
      : server{asio::ip::make_address(host), server_port},
        acceptor{context, {asio::ip::address_v4::loopback(), own_port}},
        port{acceptor.local_endpoint().port()},
        judge{std::move(judge_it)} {}

  asio::io_context context;
  Tcp::endpoint server;
  Tcp::acceptor acceptor;
  std::uint16_t port;
  Judge judge;
  std::atomic<bool> stopping = false;
  std::atomic<std::size_t> accepted = 0;
  std::atomic<std::size_t> open = 0;
};

namespace {

constexpr int look_around_ms = 20;  // how often a thread sees that it is to stop

/// False when the connection is over.
template <class State>
bool pass_on(State& state, std::size_t connection, Tcp::socket& from, Tcp::socket& to, Piece::Way way) {
  std::array<char, 16 * 1024> bytes;
  boost::system::error_code error;
  const auto size = from.read_some(asio::buffer(bytes), error);
  if (error) return false;
  const Passage passage = state.judge({connection, way, {bytes.data(), size}});
  if (passage.delay.count() != 0) std::this_thread::sleep_for(passage.delay);
  const auto what = passage.instead.empty() ? asio::const_buffer{bytes.data(), std::min(size, passage.most)}
                                            : asio::const_buffer{passage.instead.data(), passage.instead.size()};
  asio::write(to, what, error);
  return !error && !passage.cut;
}

template <class State>
void carry(State& state, std::size_t connection, Tcp::socket client) {
  boost::system::error_code error;
  Tcp::socket server{state.context};
  server.connect(state.server, error);
  if (error) return;
  client.set_option(Tcp::no_delay{true}, error);
  server.set_option(Tcp::no_delay{true}, error);
  while (!state.stopping) {
    std::array<pollfd, 2> ends{{{client.native_handle(), POLLIN, 0}, {server.native_handle(), POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), look_around_ms) < 0) return;
    if (ends[0].revents != 0 && !pass_on(state, connection, client, server, Piece::Way::request)) return;
    if (ends[1].revents != 0 && !pass_on(state, connection, server, client, Piece::Way::reply)) return;
  }
}

struct Carrier {
  std::atomic<bool> done = false;
  std::jthread thread;  // the last member: it ends before the others do
};

}  // namespace

FaultProxy::FaultProxy(std::string host, std::uint16_t port, Judge judge, std::uint16_t own_port)
    : state_{std::make_shared<State>(std::move(host), port, std::move(judge), own_port)} {
  acceptor_ = std::jthread{[state = state_] {
    std::list<Carrier> carriers;
    while (!state->stopping) {
      carriers.remove_if([](const Carrier& carrier) { return carrier.done.load(); });
      pollfd listener{state->acceptor.native_handle(), POLLIN, 0};
      if (::poll(&listener, 1, look_around_ms) <= 0) continue;
      boost::system::error_code error;
      Tcp::socket client = state->acceptor.accept(error);
      if (error) continue;
      const std::size_t number = ++state->accepted;
      ++state->open;
      Carrier& carrier = carriers.emplace_back();
      carrier.thread = std::jthread{[state, &carrier, number, client = std::move(client)]() mutable {
        carry(*state, number, std::move(client));
        --state->open;
        carrier.done = true;
      }};
    }
  }};
}

FaultProxy::~FaultProxy() { state_->stopping = true; }

std::uint16_t FaultProxy::port() const noexcept { return state_->port; }
std::size_t FaultProxy::accepted() const noexcept { return state_->accepted; }
std::size_t FaultProxy::open() const noexcept { return state_->open; }

}  // namespace event_draft::testing
