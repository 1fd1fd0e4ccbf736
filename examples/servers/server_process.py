"""A server of somebody else's, as a child of this process: on a loopback port, in a folder of its own, and never longer than
this process."""

import ctypes
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import threading
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
RESERVED = []  # the sockets that keep ports


class StartError(Exception):
    """Why a server does not run, as a user can read it."""


class NotHere(Exception):
    """Why a server can't be had on this machine, which is no fault of anybody's."""


def end_with_parent():
    """For a child to call: it is killed when the thread that made it ends."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def reserve_port():
    """A free port of 127.0.0.1, kept as long as this process for whoever binds to it with SO_REUSEADDR, as servers do.

    It is bound, so nobody is given it by chance, be it before its server starts or while that is down; and nothing listens
    there, so a client is refused until a server does.
    """
    port = socket.socket()
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port.bind(("127.0.0.1", 0))
    RESERVED.append(port)
    return port.getsockname()[1]


class ServerProcess:
    """One server. A subclass says how it is started and when it is ready.

    Its process id is in FOLDER/NAME.pid, for tests that pause and kill it. A server that ends by itself, or is killed, is
    started again in the same folder and on the same port.
    """

    name = ""  # as the flag calls it
    start_time = 30  # seconds
    stop_signal = signal.SIGTERM

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / self.name
        self.port = reserve_port()
        self.process = None
        self.stopping = threading.Event()
        self.supervisor = threading.Thread(target=self._supervise, daemon=True)

    # -- what a subclass says

    def prepare(self):
        """Once, in an empty folder that belongs to the server's user."""

    def command(self):
        raise NotImplementedError

    def is_ready(self):
        raise NotImplementedError

    def url(self):
        """What the example server is told."""
        raise NotImplementedError

    def environment(self):
        """By which variables the command is told where it is."""
        return {f"EVENT_DRAFT_{self.name.upper()}": self.url()}

    # -- what a user of it calls

    def start(self):
        self.launch()
        self.await_ready()

    def launch(self):
        self.folder.mkdir(parents=True)
        if user := self.user():
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.prepare()
        self._launch()

    def await_ready(self):
        until = time.monotonic() + self.start_time
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise StartError(f"{self.name} does not start:\n{self.log_end()}")
            time.sleep(0.02)
        self.supervisor.start()

    def stop(self):
        self.stopping.set()
        if self.supervisor.is_alive():
            self.supervisor.join()
        self._terminate()

    # -- for subclasses

    @staticmethod
    def user():
        """Whom a server runs as that refuses to run as root."""
        return pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def run_tool(self, *command):
        """A command that prepares something, as the server's user."""
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, preexec_fn=self._become, text=True, timeout=120)
        if done.returncode != 0:
            raise StartError(f"{command[0]} failed:\n{done.stdout}")
        return done.stdout

    def accepts_connections(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 0.5).close()
            return True
        except OSError:
            return False

    def log_end(self):
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-20:])

    # -- its own

    def _become(self):
        if user := self.user():
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        end_with_parent()  # after setuid, which undoes it

    def _launch(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=self._become)
        # Its readers must never see half of it.
        pid = self.folder.parent / f"{self.name}.pid"
        pid.with_suffix(".new").write_text(f"{self.process.pid}\n")
        pid.with_suffix(".new").rename(pid)

    def _supervise(self):
        while not self.stopping.wait(0.05):
            if self.process.poll() is not None:
                self._launch()
        self._terminate()  # here, for this thread's end would kill what it launched

    def _terminate(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGCONT)  # a paused one would not hear the next
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
