if(TARGET event_draft_redis)
  event_draft_add_test(NAME redis_wire PROGRAM redis SOURCES redis_wire_test.cpp LIBRARIES event_draft_redis LABELS integration)
  event_draft_add_server_test(
    NAME redis
    PROGRAM redis
    SERVERS redis
    SOURCES redis_test.cpp redis_outage_test.cpp fault_proxy.cpp
    LIBRARIES event_draft_redis event_draft_memory
    LABELS integration
  )
endif()
if(TARGET event_draft_async_redis AND TARGET event_draft_server)
  event_draft_add_server_test(
    NAME redis_backend
    SERVERS redis
    SOURCES redis_backend_test.cpp fault_proxy.cpp ${PROJECT_SOURCE_DIR}/examples/server/redis_backend.cpp
    LIBRARIES event_draft_async_redis event_draft_memory event_draft_observers event_draft_http
    LABELS integration
  )
  target_compile_definitions(redis_backend_test PRIVATE EVENT_DRAFT_WITH_REDIS)
  target_include_directories(redis_backend_test PRIVATE ${PROJECT_SOURCE_DIR}/examples/server)
endif()

if(TARGET event_draft_async_redis)
  event_draft_add_server_test(
    NAME async_redis
    PROGRAM redis
    SERVERS redis
    SOURCES async_redis_test.cpp async_redis_outage_test.cpp fault_proxy.cpp
    LIBRARIES event_draft_async_redis
    LABELS integration
  )
endif()
