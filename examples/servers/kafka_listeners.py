"""The further listeners of a broker: one that says it is at another port, for a proxy, and one with TLS and passwords."""

import secrets

from server_process import StartError, reserve_port

USER = "event-service"


class Proxied:
    """A client goes to where a broker says it is. This listener names a port that is kept free, for a proxy to listen on."""

    name, protocol = "PROXIED", "PLAINTEXT"

    def __init__(self):
        self.port, self.advertised = reserve_port(), reserve_port()

    def settings(self):
        return {}

    def environment(self):
        return {"EVENT_DRAFT_KAFKA_PROXY": f"127.0.0.1:{self.advertised}",
                "EVENT_DRAFT_KAFKA_BEHIND_PROXY": f"127.0.0.1:{self.port}"}


class Secure:
    """TLS with a certificate of its own, and a user with a password (SASL/PLAIN), both made for this run."""

    name, protocol = "SECURE", "SASL_SSL"

    def __init__(self, broker):
        self.port = self.advertised = reserve_port()
        self.broker = broker
        self.password = secrets.token_urlsafe(18)

    def settings(self):
        certificate, key = self.broker.folder / "ca.pem", self.broker.folder / "key.pem"
        try:
            self.broker.run_tool("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                                 "-subj", "/CN=event-draft-kafka", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                                 "-keyout", str(key), "-out", str(certificate))
        except OSError as missing:
            raise StartError(f"Kafka's certificate can't be made (openssl): {missing}") from missing
        chain = self.broker.folder / "chain.pem"
        chain.write_text(key.read_text() + certificate.read_text())
        listener = "listener.name.secure."
        return {
            listener + "ssl.keystore.type": "PEM",
            listener + "ssl.keystore.location": chain,
            listener + "sasl.enabled.mechanisms": "PLAIN",
            listener + "plain.sasl.jaas.config":
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{self.password}";',
        }

    def environment(self):
        return {"EVENT_DRAFT_KAFKA_TLS": f"127.0.0.1:{self.port}",
                "EVENT_DRAFT_KAFKA_TLS_CA": str(self.broker.folder / "ca.pem"),
                "EVENT_DRAFT_KAFKA_TLS_USER": USER,
                "EVENT_DRAFT_KAFKA_TLS_PASSWORD": self.password}
