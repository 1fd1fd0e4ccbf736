"""A real Kafka, one broker or three, or else the stand-in of librdkafka.

Real is Apache Kafka on Java 17, its jars fetched by Maven at the first use and kept in build/kafka. Without Java or the
jars librdkafka's mock cluster serves instead: it has no disk, so its records and its address end with it.
EVENT_DRAFT_KAFKA_BROKER, `real` or `mock`, requires one of them. Which one it is stands in FOLDER/kafka/kind.
EVENT_DRAFT_KAFKA_JAVA_FLAGS, if it is set, is for a broker that runs for long: nothing, say, in place of what lets it be ready soon.
"""

import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import kafka_listeners
import kafka_protocol
from server_process import ServerProcess, StartError, reserve_port

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "build" / "kafka"
TOPIC, PARTITIONS = "event-topic", 3
CLUSTER_ID = "ZXZlbnQtZHJhZnQta2Fma2"
READY_SOON = "-XX:TieredStopAtLevel=1"  # and slower for good: half as quick as it could be
JAVA = ["java", "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", *os.environ.get("EVENT_DRAFT_KAFKA_JAVA_FLAGS", READY_SOON).split(), "-XX:-UsePerfData", "-Xshare:auto",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


class Unavailable(StartError):
    """A real broker can't be had here."""


def run_or_fail(command, why, **options):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, **options)
    except subprocess.TimeoutExpired as late:
        raise Unavailable(f"{why}: it takes longer than {late.timeout} s") from late
    if done.returncode != 0:
        raise Unavailable(f"{why}:\n{done.stdout[-2000:]}")


def class_path():
    """Fetches the jars if they are not there; several processes may ask at once."""
    if not shutil.which("java"):
        raise Unavailable("a Kafka broker needs Java (openjdk-17-jre-headless)")
    wanted = (HERE / "kafka_jars.xml").read_text()
    jars, complete = CACHE / "jars", CACHE / "jars" / "complete"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or complete.read_text() != wanted:
            if not shutil.which("mvn"):
                raise Unavailable("Kafka's jars are fetched with Maven (maven), which is not here")
            shutil.rmtree(jars, ignore_errors=True)
            print("kafka: fetching its jars, once", file=sys.stderr)
            run_or_fail(["mvn", "-q", "-B", "-f", HERE / "kafka_jars.xml", "dependency:copy-dependencies",
                         f"-DoutputDirectory={jars}", "-DincludeScope=runtime"], "Maven can't fetch Kafka's jars",
                        timeout=300)
            complete.write_text(wanted)
    return f"{jars}/*"


class Broker(ServerProcess):
    """One process that is broker and controller."""

    start_time = 90
    stop_signal = signal.SIGKILL  # its folder goes with it; an orderly end takes a second, and without the others never comes

    def __init__(self, folder, name="kafka", node=1, voters=None):
        self.name = name
        super().__init__(folder)
        self.class_path = class_path()
        self.node = node
        self.voters = voters or {1: reserve_port()}
        self.further = [] if voters else [kafka_listeners.Proxied(), kafka_listeners.Secure(self)]

    @staticmethod
    def user():
        return None  # it runs as anybody, and the jars may be where others can't read

    def prepare(self):
        (self.folder / "kind").write_text("real\n")
        replicas = len(self.voters)
        settings = {
            "process.roles": "broker,controller",
            "node.id": self.node,
            "controller.quorum.voters": ",".join(f"{node}@127.0.0.1:{port}" for node, port in self.voters.items()),
            **self._listeners(),
            "controller.listener.names": "CONTROLLER",
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "false",
            "min.insync.replicas": min(replicas, 2),
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            # A broker that was killed is not taken back before its old session ends.
            "broker.session.timeout.ms": 2000 if replicas > 1 else 1000,
            "broker.heartbeat.interval.ms": 200,
            "request.timeout.ms": 1000,  # of its requests to a controller that may hang
            "num.network.threads": 1,
            "num.io.threads": 2,
            "num.recovery.threads.per.data.dir": 1,
            "log.cleaner.enable": "false",
        }
        (self.folder / "settings").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self._format()

    def _listeners(self):
        at, settings = "{}://127.0.0.1:{}".format, {}
        for each in self.further:
            settings |= each.settings()
        return {
            "listeners": ",".join([at("PLAINTEXT", self.port), at("CONTROLLER", self.voters[self.node]),
                                   *(at(each.name, each.port) for each in self.further)]),
            "advertised.listeners": ",".join([at("PLAINTEXT", self.port),
                                              *(at(each.name, each.advertised) for each in self.further)]),
            "listener.security.protocol.map": ",".join(["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT",
                                                        *(f"{each.name}:{each.protocol}" for each in self.further)]),
            **settings,
        }

    def _format(self):
        """A formatted folder is the same each time, so it is made once: that takes a second of Java's."""
        kept = CACHE / f"formatted-{self.node}"
        with open(CACHE / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (kept / "meta.properties").exists():
                run_or_fail([*JAVA, "-cp", self.class_path, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c",
                             self.folder / "settings"], "Kafka's storage can't be formatted", timeout=60)
                shutil.copytree(self.folder / "data", kept)
        shutil.copytree(kept, self.folder / "data", dirs_exist_ok=True)

    def command(self):
        return [*JAVA, "-cp", self.class_path, "kafka.Kafka", str(self.folder / "settings")]

    def is_ready(self):
        try:
            return (kafka_protocol.create_topic(self.port, TOPIC, PARTITIONS, len(self.voters))
                    and kafka_protocol.leaders(self.port, TOPIC) == (PARTITIONS, len(self.voters)))
        except OSError:
            return False

    def url(self):
        return f"127.0.0.1:{self.port}"

    def environment(self):
        variables = super().environment()
        for each in self.further:
            variables |= each.environment()
        return variables


class Mock(ServerProcess):
    """librdkafka's mock cluster. FOLDER/kafka/control takes commands that make it fail: see kafka_mock/main.cpp."""

    name = "kafka"

    def prepare(self):
        (self.folder / "kind").write_text("mock\n")
        source, self.program = HERE / "kafka_mock" / "main.cpp", self.folder / "kafka_mock"
        compiler = shutil.which("c++") or shutil.which("g++")
        if not compiler:
            raise StartError("Kafka's stand-in needs a C++ compiler (g++) and librdkafka-dev")
        self.run_tool(compiler, "-std=c++20", "-O1", "-Wall", "-Wextra", str(source), "-lrdkafka", "-o", str(self.program))

    def command(self):
        return [str(self.program), str(self.folder / "control"), str(self.folder / "address"), TOPIC, str(PARTITIONS)]

    def is_ready(self):
        try:
            port = int(self.url().rpartition(":")[2])
            return kafka_protocol.leaders(port, TOPIC)[0] == PARTITIONS
        except (OSError, ValueError):
            return False

    def url(self):
        return (self.folder / "address").read_text().strip()


class Brokers:
    """Several that replicate to each other: kafka, kafka-2, kafka-3, each with its own folder and process id."""

    name = "kafka"

    def __init__(self, folder, count=3):
        voters = {node: reserve_port() for node in range(1, count + 1)}
        self.brokers = [Broker(folder, "kafka" if node == 1 else f"kafka-{node}", node, voters) for node in voters]

    def start(self):
        for broker in self.brokers:  # each of them waits for the others
            broker.launch()
        for broker in self.brokers:
            broker.await_ready()

    def stop(self):
        for broker in reversed(self.brokers):
            broker.stop()

    def environment(self):
        return {"EVENT_DRAFT_KAFKA": self.url()}

    def url(self):
        return ",".join(broker.url() for broker in self.brokers)


def real_or_mock(folder, real):
    wanted = os.environ.get("EVENT_DRAFT_KAFKA_BROKER", "")
    if wanted not in ("", "real", "mock"):
        raise StartError(f"EVENT_DRAFT_KAFKA_BROKER is {wanted!r}; it can be real or mock")
    try:
        server = Mock(folder) if wanted == "mock" else real(folder)
    except Unavailable as reason:
        if wanted == "real":
            raise
        print(f"kafka: no real broker, so librdkafka's mock serves: {reason}", file=sys.stderr)
        server = Mock(folder)
    print(f"kafka: {'librdkafka mock cluster' if isinstance(server, Mock) else 'Apache Kafka'}", file=sys.stderr)
    return server


def kafka(folder):
    return real_or_mock(folder, Broker)


def kafka_brokers(folder):
    return real_or_mock(folder, Brokers)
