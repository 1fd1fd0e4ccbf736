# The embedded adapters' own tests: durability, damage, faults of the disk.
if(TARGET event_draft_sqlite)
  event_draft_add_test(
    NAME sqlite
    PROGRAM sqlite
    SOURCES
      "${CMAKE_CURRENT_LIST_DIR}/sqlite_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/sqlite_migration_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/sqlite_outbox_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/disk_faults.cpp"
    LIBRARIES event_draft_sqlite
    LABELS integration
  )
endif()

if(TARGET event_draft_async_sqlite)
  event_draft_add_test(
    NAME async_sqlite
    PROGRAM sqlite
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/async_sqlite_test.cpp" "${CMAKE_CURRENT_LIST_DIR}/disk_faults.cpp"
    LIBRARIES event_draft_async_sqlite
    LABELS integration
  )
endif()

if(TARGET event_draft_event_log)
  event_draft_add_test(
    NAME event_log
    PROGRAM event_log
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/event_log_test.cpp" "${CMAKE_CURRENT_LIST_DIR}/disk_faults.cpp"
    LIBRARIES event_draft_event_log event_draft::controller
    LABELS integration
  )
endif()

if(TARGET event_draft_async_event_log)
  event_draft_add_test(
    NAME async_event_log
    PROGRAM event_log
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/async_event_log_test.cpp" "${CMAKE_CURRENT_LIST_DIR}/disk_faults.cpp"
    LIBRARIES event_draft_async_event_log event_draft::controller
    LABELS integration
  )
endif()

if(TARGET event_draft_async_sqlite AND TARGET event_draft_async_event_log AND TARGET event_draft_async_memory)
  event_draft_add_test(
    NAME embedded_memory
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/embedded_memory_test.cpp"
            "${CMAKE_CURRENT_LIST_DIR}/../unit/allocation_limit.cpp"
    LIBRARIES event_draft_async_sqlite event_draft_async_event_log event_draft_async_memory
    LABELS integration
  )
endif()

if(TARGET event_draft_postgres)
  event_draft_add_test(
    NAME postgres_wire
    PROGRAM postgres
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/postgres_wire_test.cpp"
    LIBRARIES event_draft_postgres
    LABELS integration
  )
  event_draft_add_server_test(
    NAME postgres
    PROGRAM postgres
    SERVERS postgres pgbouncer
    SOURCES
      "${CMAKE_CURRENT_LIST_DIR}/postgres_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/postgres_migration_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/postgres_outbox_test.cpp"
      "${CMAKE_CURRENT_LIST_DIR}/postgres_tls_test.cpp"
    LIBRARIES event_draft_postgres
    LABELS integration
  )
  event_draft_add_server_test(
    NAME postgres_outage
    PROGRAM postgres
    SERVERS postgres pgbouncer
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/postgres_outage_test.cpp" "${CMAKE_CURRENT_LIST_DIR}/fault_proxy.cpp"
    LIBRARIES event_draft_async_postgres
    LABELS integration
  )
  event_draft_add_server_test(
    NAME postgres_disk
    PROGRAM postgres
    SERVERS postgres-on-small-disk
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/postgres_disk_test.cpp"
    LIBRARIES event_draft_async_postgres
    LABELS integration
  )
  target_compile_definitions(postgres_test PRIVATE EVENT_DRAFT_DOCS="${PROJECT_SOURCE_DIR}/docs")
endif()

if(TARGET event_draft_async_postgres)
  event_draft_add_server_test(
    NAME async_postgres
    PROGRAM postgres
    SERVERS postgres
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/async_postgres_test.cpp"
    LIBRARIES event_draft_async_postgres
    LABELS integration
  )
endif()
