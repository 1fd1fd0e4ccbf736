# The Kafka publisher: its parts without a broker, against librdkafka's mock in the process, and against a real one.
if(TARGET event_draft_kafka)
  event_draft_add_test(
    NAME kafka_parts
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_parts_test.cpp"
    LIBRARIES event_draft_kafka
    LABELS integration
  )
  event_draft_add_test(
    NAME kafka_mock
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_mock_test.cpp"
    LIBRARIES event_draft_kafka
    LABELS integration
  )
  event_draft_add_server_test(
    NAME kafka
    SERVERS kafka
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_test.cpp"
    LIBRARIES event_draft_kafka event_draft::controller
    LABELS integration
  )
endif()
