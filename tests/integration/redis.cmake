if(TARGET event_draft_redis)
  event_draft_add_test(NAME redis_wire SOURCES redis_wire_test.cpp LIBRARIES event_draft_redis LABELS integration)
  event_draft_add_server_test(
    NAME redis
    SERVERS redis
    SOURCES redis_test.cpp redis_outage_test.cpp fault_proxy.cpp
    LIBRARIES event_draft_redis event_draft_memory
    LABELS integration
  )
endif()

if(TARGET event_draft_async_redis)
  event_draft_add_server_test(
    NAME async_redis
    SERVERS redis
    SOURCES async_redis_test.cpp async_redis_outage_test.cpp fault_proxy.cpp
    LIBRARIES event_draft_async_redis
    LABELS integration
  )
endif()
