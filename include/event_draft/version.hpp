#pragma once

/// The library's version, as in the CMake package.
#define EVENT_DRAFT_VERSION_MAJOR 0
#define EVENT_DRAFT_VERSION_MINOR 1
#define EVENT_DRAFT_VERSION_PATCH 0
