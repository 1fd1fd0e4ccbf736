#include "inbox.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

namespace event_draft::adapters {

void Inbox::put(std::shared_ptr<Letter> letter) noexcept {
  const std::lock_guard lock{mutex_};  // while posting, too: the loop may end once this is closed
  if (!is_open_) return;
  Letter* const last = letter.get();
  (first_ ? last_->next_ : first_) = std::move(letter);
  last_ = last;
  if (is_posted_) return;
  try {
    boost::asio::post(context_, [self = shared_from_this()] { self->answer_all(); });
    is_posted_ = true;
  } catch (const std::exception&) {  // no memory: the next one tries again; whoever waits has a deadline
  }
}

void Inbox::close() noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_open_ = false;
  }
  answer_all();
}

void Inbox::answer_all() noexcept {
  std::shared_ptr<Letter> letter;
  {
    const std::lock_guard lock{mutex_};
    letter = std::move(first_);
    is_posted_ = false;
  }
  while (letter) {  // each goes before the next: the list may be long
    letter->answer();
    letter = std::move(letter->next_);
  }
}

}  // namespace event_draft::adapters
