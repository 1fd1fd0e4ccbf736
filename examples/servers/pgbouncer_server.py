import os
import urllib.parse

from postgres_server import answers
from server_process import ServerProcess, StartError


class PgBouncerServer(ServerProcess):
    """In transaction mode, before the PostgreSQL server that was started first."""

    name = "pgbouncer"

    def prepare(self):
        if "EVENT_DRAFT_POSTGRES" not in os.environ:
            raise StartError("pgbouncer comes after postgres: --postgres --pgbouncer")
        postgres = urllib.parse.urlsplit(os.environ["EVENT_DRAFT_POSTGRES"])
        (self.folder / "users").write_text('"postgres" ""\n')
        (self.folder / "pgbouncer.ini").write_text(f"""\
[databases]
* = host={postgres.hostname} port={postgres.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = trust
auth_file = users
pool_mode = transaction
default_pool_size = 4
server_login_retry = 0.1
server_check_delay = 0
""")

    def command(self):
        return ["/usr/sbin/pgbouncer", "pgbouncer.ini"]

    def is_ready(self):
        return answers(self.url())

    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/event_draft"
