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
}
