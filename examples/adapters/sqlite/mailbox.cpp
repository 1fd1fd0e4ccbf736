#include "mailbox.hpp"

#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>

#include "call.hpp"

namespace event_draft::sqlite {

void Mailbox::put(std::span<std::shared_ptr<Call>> calls) {
  const std::lock_guard lock{mutex_};
  if (!is_open_) return;
  calls_.insert(calls_.end(), std::move_iterator{calls.begin()}, std::move_iterator{calls.end()});
  if (is_posted_) return;
  boost::asio::post(context_, [self = shared_from_this()] { self->answer_all(); });
  is_posted_ = true;
}

void Mailbox::close() {
  {
    const std::lock_guard lock{mutex_};  // so that nobody is posting
    is_open_ = false;
  }
  answer_all();  // the calls hold on to the mailbox
}

void Mailbox::answer_all() {
  std::vector<std::shared_ptr<Call>> calls;
  {
    const std::lock_guard lock{mutex_};
    calls.swap(calls_);
    is_posted_ = false;
  }
  for (const auto& each : calls) each->answer();
}

}  // namespace event_draft::sqlite
