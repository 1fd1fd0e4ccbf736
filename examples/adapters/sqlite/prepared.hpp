#pragma once

#include <sqlite3.h>

#include "outbox_statements.hpp"
#include "statement.hpp"
#include "statements.hpp"

namespace event_draft::sqlite {

/// The statements, prepared for one connection.
struct Prepared {
  sqlite3* database;
  Statement holder{database, sql::holder};
  Statement insert{database, sql::insert};
  Statement take_window{database, sql::take_window};
  Statement find{database, sql::find};
  Statement approve{database, sql::approve};
  Statement end_window{database, sql::end_window};
  Statement ready{database, sql::ready};
  Statement insert_event{database, sql::insert_event};
  Statement is_unpublished{database, sql::is_unpublished};
  Statement has_due{database, sql::has_due};
  Statement due{database, sql::due};
  Statement claim{database, sql::claim};
  Statement park_corrupt{database, sql::park_corrupt};
  Statement settle_published{database, sql::settle_published};
  Statement settle_retry{database, sql::settle_retry};
  Statement settle_parked{database, sql::settle_parked};
  Statement release{database, sql::release};
  Statement remove_published{database, sql::remove_published};
  Statement pending{database, sql::pending};
  Statement count_parked{database, sql::count_parked};
  Statement parked{database, sql::parked};
  Statement replay{database, sql::replay};
  Statement discard{database, sql::discard};
};

}  // namespace event_draft::sqlite
