# The HTTP transport's tests: pure ones over bytes, and ones over loopback sockets on free ports.
set(event_draft_http_tests
    http_garbage_test.cpp
    http_limits_test.cpp
    http_request_head_test.cpp
    http_response_text_test.cpp
    http_server_test.cpp
    http_site_guard_test.cpp
    http_stop_test.cpp
    http_worker_pool_test.cpp)
list(TRANSFORM event_draft_http_tests PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
