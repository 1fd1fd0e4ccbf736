#pragma once

#include <string>
#include <string_view>
#include <vector>

// What a transport hands to the controller, and what it gets back. How the bytes travel is the transport's own affair.
namespace event_draft {

/// A request's parts that the controller reads, empty where the request had none. A header that came on several lines is
/// joined with commas. The views live as long as the call.
struct ApiRequest {
  std::string_view body = {};
  std::string_view accept = {};
  std::string_view accept_language = {};
  std::string_view traceparent = {};
};

struct ApiHeader {
  std::string_view name;  ///< a literal
  std::string value;
};

struct ApiResponse {
  unsigned status = 500;
  std::string_view content_type = "application/json";  ///< a literal
  std::vector<ApiHeader> headers = {};                 ///< without Content-Type
  std::string body = {};                               ///< UTF-8
};

}  // namespace event_draft
