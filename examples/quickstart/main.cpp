#include <event_draft.hpp>
#include <event_draft/formatters.hpp>  // so that fmt prints drafts, receipts and errors

#include "adapters/memory/memory_draft_cache.hpp"
#include "adapters/memory/memory_draft_repository.hpp"
#include "adapters/memory/recording_publisher.hpp"

int main() {
  // [quickstart]
  event_draft::memory::MemoryDraftRepository repository;
  event_draft::memory::MemoryDraftCache cache;
  event_draft::memory::RecordingPublisher publisher;
  event_draft::EventDraftService service{repository, cache, publisher};

  const event_draft::CreateEventDraft command{.user_id = 123,
                                              .objective = "신규 고객 유치",
                                              .store_name = "맛있는집",
                                              .industry = "음식점",
                                              .address = "서울시 강남구"};
  auto giveaway = command;
  giveaway.user_id = 124;
  giveaway.objective = "무료 나눔";

  for (const auto& each : {command, command, giveaway}) {
    const auto receipt = service.create_event_draft(each);
    if (receipt)
      fmt::print("{} {}\n", receipt.value().draft.id, receipt.value().origin);
    else
      fmt::print("{}\n", receipt.error());
  }
  // draft-1 created
  // draft-1 in_progress
  // EVENT_001 The objective is not one of 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상. (objective)
  // [/quickstart]

  // [relay]
  event_draft::OutboxRelay relay{repository, publisher};
  const event_draft::RelayPass pass = relay.run_once();  // again and again, from a thread of yours
  fmt::print("{} claimed, the next pass in {} ms\n", pass.claimed, pass.wait.count());
  // 0 claimed, the next pass in 200 ms
  // [/relay]

  // [approval]
  const auto approval = service.approve_event_draft(event_draft::DraftId::numbered(1), 123);
  if (approval) fmt::print("{}, {}\n", approval.value().approval, approval.value().event);
  const auto next = service.create_event_draft(command);  // the window is free for another draft
  if (next) fmt::print("{} {}\n", next.value().draft.id, next.value().origin);
  // approved, acknowledged
  // draft-2 created
  // [/approval]
}
