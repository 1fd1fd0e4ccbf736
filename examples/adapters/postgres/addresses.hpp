#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace event_draft::postgres {

/// Where to connect to, in libpq's lists with commas between: the hosts, their addresses and their ports. It looks up no name
/// whose address it is told.
struct Addresses {
  std::string hosts{};
  std::string addresses{};
  std::string ports{};

  void add(std::string_view host, std::string_view address, std::string_view port) {
    const auto to = [this](std::string& list, std::string_view value) {
      if (count_ != 0) list += ',';
      list += value;
    };
    to(hosts, host);
    to(addresses, address);
    to(ports, port);
    ++count_;
  }

 private:
  std::size_t count_ = 0;
};

}  // namespace event_draft::postgres
