# The Kafka publisher: its parts without a broker, against librdkafka's mock in the process, and against a real one.
if(TARGET event_draft_kafka)
  event_draft_add_test(
    NAME kafka_mock
    SOURCES "${CMAKE_CURRENT_LIST_DIR}/kafka_mock_test.cpp"
    LIBRARIES event_draft_kafka
    LABELS integration
  )
endif()
