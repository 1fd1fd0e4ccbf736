"""The ports that examples/servers/run keeps for its servers are theirs alone, also while a server is down."""

import errno
import pathlib
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples" / "servers"))
import server_process

IP_LOCAL_PORT_RANGE = 51  # since Linux 6.3; Python has no name for it


def socket_that_may_be_given_only(port):
    """What the kernel gives it by itself, as a free port or for a connection, can be no other port."""
    narrow = socket.socket()
    try:
        narrow.setsockopt(socket.IPPROTO_IP, IP_LOCAL_PORT_RANGE, (port | port << 16).to_bytes(4, sys.byteorder))
    except OSError as error:
        narrow.close()
        if error.errno != errno.ENOPROTOOPT:
            raise
        raise unittest.SkipTest("which port a socket is given can't be narrowed before Linux 6.3") from error
    return narrow


class Ports(unittest.TestCase):
    def setUp(self):
        self.port = server_process.reserve_port()

    def test_nobody_is_given_a_reserved_port(self):
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            for reuse in (0, 1):
                with socket_that_may_be_given_only(self.port) as narrow:
                    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
                    with self.assertRaises(OSError) as refused:
                        narrow.bind(("127.0.0.1", 0))
                    self.assertEqual(errno.EADDRINUSE, refused.exception.errno)
                with socket_that_may_be_given_only(self.port) as narrow:
                    with self.assertRaises(OSError) as refused:
                        narrow.connect(elsewhere.getsockname())
                    self.assertEqual(errno.EADDRNOTAVAIL, refused.exception.errno)

    def test_its_server_listens_there_again_and_again_and_clients_are_refused_meanwhile(self):
        for _ in range(2):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port), 1)
            with socket.create_server(("127.0.0.1", self.port)) as server:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    server.accept()[0].close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
