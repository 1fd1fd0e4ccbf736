# The Kafka publisher: its parts without a broker, against librdkafka's mock in the process, and against a real one.
if(TARGET event_draft_kafka)
  event_draft_add_test(
    NAME kafka_parts
    PROGRAM kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_parts_test.cpp"
    LIBRARIES event_draft_kafka
    LABELS integration
  )
  event_draft_add_test(
    NAME kafka_mock
    PROGRAM kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_mock_test.cpp"
    LIBRARIES event_draft_kafka
    LABELS integration
  )
  event_draft_add_server_test(
    NAME kafka
    PROGRAM kafka
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_test.cpp"
    LIBRARIES event_draft_kafka event_draft::controller
    LABELS integration
  )
  # A program by itself: on librdkafka's mock it ends before it begins (kafka_real_only.hpp).
  event_draft_add_server_test(
    NAME kafka_real
    PROGRAM kafka_real
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_real_test.cpp"
    LIBRARIES event_draft_kafka event_draft::controller
    LABELS integration
  )
  event_draft_add_server_test(
    NAME kafka_acknowledgement
    PROGRAM kafka_real
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_acknowledgement_test.cpp" "${CMAKE_CURRENT_LIST_DIR}/fault_proxy.cpp"
    LIBRARIES event_draft_async_kafka event_draft_memory event_draft::controller
    LABELS integration
  )
  event_draft_add_server_test(
    NAME kafka_secure
    PROGRAM kafka_real
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_secure_test.cpp"
    LIBRARIES event_draft_kafka event_draft::controller
    LABELS integration
  )
  event_draft_add_server_test(
    NAME kafka_failover
    PROGRAM kafka_real
    SERVERS kafka-brokers
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_failover_test.cpp"
    LIBRARIES event_draft_async_kafka event_draft::controller
    LABELS integration
  )
endif()

if(TARGET event_draft_consumer)
  event_draft_add_test(
    NAME consumer_parts
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/consumer_parts_test.cpp"
    LIBRARIES event_draft_analytics
    LABELS integration
  )
  add_test(
    NAME consumer
    COMMAND "${Python3_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/examples/servers/run" --kafka --
            "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_LIST_DIR}/consumer_test.py"
  )
  set_tests_properties(
    consumer
    PROPERTIES TIMEOUT ${EVENT_DRAFT_TEST_TIMEOUT}
               ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;PYTHONUTF8=1;EVENT_DRAFT_CONSUMER=$<TARGET_FILE:event_draft_consumer>"
               LABELS "servers;integration"
               SKIP_RETURN_CODE 77
               SKIP_REGULAR_EXPRESSION "${event_draft_skip_regex}"
  )
endif()

if(TARGET event_draft_async_kafka)
  event_draft_add_server_test(
    NAME async_kafka
    PROGRAM kafka
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/async_kafka_test.cpp"
    LIBRARIES event_draft_async_kafka event_draft::controller
    LABELS integration
  )
endif()
