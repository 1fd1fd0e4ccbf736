#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <boost/context/fiber.hpp>
#include <boost/context/stack_context.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define EVENT_DRAFT_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EVENT_DRAFT_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

namespace event_draft::simulation {

/// A stack of its own for code that knows nothing of it: the code suspends in the middle of a port call and goes on there.
/// One fiber runs one body after the other, so that stacks are used again.
/// A body must not suspend while it handles an exception: the runtime keeps those a thread, not a fiber.
class Fiber {
 public:
  Fiber()
      : stack_{new std::byte[stack_size]},
        context_{std::allocator_arg, Stack{stack_.get()}, [this](boost::context::fiber&& owner) {
                   owner_ = std::move(owner);
                   arrive_on_fiber();
                   while (body_) {
                     body_();
                     body_ = nullptr;
                     suspend();
                   }
                   leave_fiber_for_good();
                   return std::move(owner_);
                 }} {}
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() { resume(); }  // without a body, the stack is left

  /// Sets what the next `resume` begins.
  void begin(std::function<void()> body) { body_ = std::move(body); }

  [[nodiscard]] bool is_done() const noexcept { return body_ == nullptr; }

  /// Runs until the body suspends or ends. From outside of any fiber.
  void resume() {
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, stack_.get(), stack_size);
#endif
    context_ = std::move(context_).resume();
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
  }

  /// Back to whoever resumed this fiber. From the fiber's own body.
  void suspend() {
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    void* fake_stack = nullptr;
    __sanitizer_start_switch_fiber(&fake_stack, owner_stack_, owner_stack_size_);
#endif
    owner_ = std::move(owner_).resume();
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(fake_stack, &owner_stack_, &owner_stack_size_);
#endif
  }

 private:
  static constexpr std::size_t stack_size = 256 * 1024;

  /// Hands out memory that the fiber owns.
  struct Stack {
    std::byte* memory;

    [[nodiscard]] boost::context::stack_context allocate() const noexcept {
      boost::context::stack_context context;
      context.size = stack_size;
      context.sp = memory + stack_size;
      return context;
    }
    static void deallocate(boost::context::stack_context&) noexcept {}
  };

  void arrive_on_fiber() noexcept {
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(nullptr, &owner_stack_, &owner_stack_size_);
#endif
  }
  void leave_fiber_for_good() noexcept {
#ifdef EVENT_DRAFT_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(nullptr, owner_stack_, owner_stack_size_);
#endif
  }

  std::unique_ptr<std::byte[]> stack_;
  std::function<void()> body_;
  boost::context::fiber owner_;
  [[maybe_unused]] const void* owner_stack_ = nullptr;
  [[maybe_unused]] std::size_t owner_stack_size_ = 0;
  boost::context::fiber context_;  // last: its body uses all of the above
};

}  // namespace event_draft::simulation
