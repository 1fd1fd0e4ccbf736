"""What a system leaves behind: in its cache, in its database and where it publishes."""

import json
import os
import re
import sqlite3
import subprocess

from systems import ON_DISK, ON_SERVERS, psql, variable


def without_what_is_new(text):
    """In every run: the drafts' numbers and times."""
    text = re.sub(r"draft-\d+", "draft-N", text)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME", text)


def ask(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def events_of(records, user):
    """Each counts once: the example server's relay sends one again whose acknowledgement came late."""
    found = {json.dumps([record["key"], record["payload"], record["headers"]], ensure_ascii=False) for record in records
             if json.loads(record["payload"])["userId"] == user}
    return sorted(map(without_what_is_new, found))


class OnServersTraces:
    """The topic is everybody's, so what is in it before is left out: users and drafts have the same names in all."""

    def __init__(self, system):
        self.system = system
        self.before = {(record["partition"], record["offset"]) for record in self.records()}

    def records(self):
        lines = ask("kcat", "-C", "-b", os.environ[variable("kafka")], "-t", "event-topic", "-e", "-q", "-J").splitlines()
        return [json.loads(line) for line in lines]

    def redis(self, *command):
        return ask("redis-cli", "-u", self.system.redis, *command)

    def forget(self, key):
        self.redis("DEL", key)

    def damage(self, key):
        self.redis("SET", key, '{"version":1,"damaged')

    def cached(self, key):
        lifetime = int(self.redis("TTL", key))
        hour = 3600
        lives = "24 h" if 23.9 * hour < lifetime <= 24 * hour else "30 min" if 1700 < lifetime <= 1800 else lifetime
        return without_what_is_new(self.redis("GET", key)), lives

    def stored(self, user):
        return psql(self.system.postgres, f"""
            SELECT row_to_json(found) FROM (
              SELECT d.user_id, objective, store_name, industry, address, status, p.draft_id = d.id AS claims,
                     abs(extract(epoch FROM p.until - d.created_at) - 1800) < 5 AS for_half_an_hour,
                     abs(extract(epoch FROM now() - d.created_at)) < 600 AS just_now
              FROM {self.system.schema}.drafts d LEFT JOIN {self.system.schema}.in_progress_drafts p ON p.user_id = d.user_id
              WHERE d.user_id = {user} ORDER BY d.id) found""").splitlines()

    def published(self, user):
        return events_of((each for each in self.records() if (each["partition"], each["offset"]) not in self.before), user)


class OnDiskTraces:
    """The cache is in the process; what it holds shows in the answers alone."""

    def __init__(self, system):
        self.system = system

    def stored(self, user):
        database = sqlite3.connect(self.system.database)
        try:
            return database.execute("""
                SELECT d.user_id, objective, store_name, industry, address, status, p.draft_id = d.id,
                       abs(p.until - d.created_at - 1800000) < 5000, abs(unixepoch() * 1000 - d.created_at) < 600000
                FROM drafts d LEFT JOIN in_progress_drafts p ON p.user_id = d.user_id
                WHERE d.user_id = ? ORDER BY d.id""", [user]).fetchall()
        finally:
            database.close()

    def published(self, user):
        lines = (self.system.database.parent / "events.jsonl").read_text(encoding="utf-8").splitlines()
        records = map(json.loads, lines)
        return events_of(({**each, "payload": json.dumps(each["payload"], ensure_ascii=False)} for each in records), user)


TRACES = {ON_SERVERS: OnServersTraces, ON_DISK: OnDiskTraces}
