import os
import pathlib
import signal
import subprocess

import small_disk
from server_process import ServerProcess

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


def answers(url):
    asked = subprocess.run([BIN / "psql", "--no-psqlrc", "--quiet", "--command", "SELECT 1", url],
                           env=os.environ | {"PGCONNECT_TIMEOUT": "2"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    return asked.returncode == 0


class PostgresServer(ServerProcess):
    """Durable, as its defaults are: what it acknowledged is there after a kill. Speaks TLS with who asks for it: its folder has
    server.crt, to trust it by, and other.crt, which is somebody else's."""

    name = "postgres"
    stop_signal = signal.SIGINT  # at SIGTERM it would wait for its clients to leave

    def prepare(self):
        self.run_tool(BIN / "initdb", "--pgdata", "data", "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
                      "--locale", "C.UTF-8", "--no-instructions")
        for name in ("server", "other"):
            self.run_tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                          "-subj", "/CN=event_draft", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key",
                          "-out", f"{name}.crt")
        # A server in single-user mode, so that nobody finds the port open before the database is there.
        self.run_tool("sh", "-c", f"echo 'CREATE DATABASE event_draft' | {BIN}/postgres --single -D data postgres")

    def command(self):
        # Started again after a kill it may find the old one's children still at the shared memory, and ends; it is started
        # again until they are gone. A stale postmaster.pid it removes by itself.
        tls = ["-c", "ssl=on", "-c", f"ssl_cert_file={self.folder}/server.crt", "-c", f"ssl_key_file={self.folder}/server.key"]
        return [BIN / "postgres", "-D", "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", self.folder, *tls]

    def is_ready(self):
        return answers(self.url())

    def url(self):
        return f"postgresql://postgres@127.0.0.1:{self.port}/event_draft?sslmode=disable"  # its clients would prefer TLS


class PostgresServerOnSmallDisk(PostgresServer):
    """All that it stores, its log of writes too, is on a file system of its own, in the folder `data`."""

    megabytes = 128  # a new database has 40, and an empty log of writes 16

    def prepare(self):
        data = self.folder / "data"
        data.mkdir()
        small_disk.mount(data, self.megabytes, self.user())
        super().prepare()

    def stop(self):
        super().stop()
        small_disk.unmount(self.folder / "data")
