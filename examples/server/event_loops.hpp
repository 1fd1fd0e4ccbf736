#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "adapters/async/loop.hpp"

namespace event_draft::server {

/// The program's event loops, each for a thread of its own.
class EventLoops {
 public:
  explicit EventLoops(std::size_t count) {
    while (loops_.size() != count) loops_.push_back(std::make_unique<Each>());
  }

  [[nodiscard]] std::size_t size() const noexcept { return loops_.size(); }
  [[nodiscard]] adapters::Loop& operator[](std::size_t index) noexcept { return loops_[index]->loop; }

 private:
  struct Each {
    boost::asio::io_context context{1};
    adapters::Loop loop{context};
  };

  std::vector<std::unique_ptr<Each>> loops_;
};

}  // namespace event_draft::server
