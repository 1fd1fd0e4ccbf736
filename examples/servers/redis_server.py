import socket

from server_process import ServerProcess


class RedisServer(ServerProcess):
    name = "redis"

    def command(self):
        # It is a cache: nothing of it needs to outlive a restart.
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", "",
                "--appendonly", "no", "--unixsocket", str(self.folder / "redis.sock")]

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"
