# SPDX-License-Identifier: Apache-2.0
"""A Snowflake SQL API for tests: what the statements do is decided by snowduck (Snowflake's SQL on DuckDB).

snowduck's own server (snowduck[server]) has no requestId, no MULTI_STATEMENT_COUNT, no asynchronous statements, no
authentication and no rights, and the transaction of a request is what the destination rests on. So this front runs the
statements in snowduck's connector itself and does the rest as the documentation says:
https://docs.snowflake.com/en/developer-guide/sql-api/reference

- the token: RS256 by the public key, iss, sub, at most an hour (PyJWT, not our code)
- a requestId is run once; asked for again with retry=true it is answered again
- BEGIN .. COMMIT only within one request; a failure rolls back
- 1,000,000 bytes a request at most
- the role, the warehouse, rights on tables (what snowduck lacks)
- DuckDB has neither triggers nor, after CREATE, checks: a table that refuses a key is played here, after the MERGE
- faults, told through /test: see Faults

Usage: server.py PUBLIC_KEY_PEM; prints its port. Ends when its standard input does.
"""
import base64
import datetime
import decimal
import hashlib
import json
import re
import socket
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import jwt
from cryptography.hazmat.primitives import serialization
from snowduck.connector import Connector
from snowduck.dialect.preprocess import syntax
from snowflake.connector.errors import Error

ACCOUNT, USER, ROLE, WAREHOUSE, DATABASE = "TESTORG-ACCOUNT", "PENSTOCK", "LOADER", "LOAD_XS", "DWH"
MAX_REQUEST = 1_000_000

# snowduck copies the whole array for each of its elements, which takes 19 GB for 10,000 rows. VALUE is what we use.
syntax._FLATTEN_TEMPLATE = ("SELECT 1 AS SEQ, NULL AS KEY, NULL AS PATH, NULL AS INDEX, UNNEST(_INPUT) AS VALUE, "
                            "NULL AS THIS")


class Refused(Exception):
    """An answer that is no result: HTTP status, Snowflake's code, SQLSTATE, message."""

    def __init__(self, http, code, state, message):
        super().__init__(message)
        self.http, self.body = http, {"code": code, "sqlState": state, "message": message}


class Faults:
    """What the next requests meet. Each is a number of requests, or a set."""

    def __init__(self):
        self.answer_with = []  # HTTP statuses: instead of doing anything
        # requestIds: the connection closes whenever they come (curl itself asks again on a new one)
        self.lose_before = 0  # with a COMMIT: and nothing is done
        self.lose_after = 0  # with a COMMIT: it is done
        self.lose_once = 0  # of any kind: it is done, and the next time it is answered
        self.later = 0  # statements: 202, and 202 once more when polled
        self.refused_keys = set()  # (schema, table, column, key)
        self.denied = set()  # (schema, table, right)
        self.cut = 0  # answers: half of the body


def cell(value):
    """As jsonv2 has it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        return "%d.%06d000" % (value.timestamp() // 1, value.microsecond)
    return str(value)


def plain(value):
    """As the contract's Query has it."""
    if value is None:
        return "<null>"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc) if value.tzinfo else value
        text = text.strftime("%Y-%m-%dT%H:%M:%S.%f")
        return (text[:-3] if text.endswith("000") else text) + "Z"
    if isinstance(value, decimal.Decimal) and value == value.to_integral_value():
        return str(int(value))
    return str(value)


class Server:
    def __init__(self, public_key):
        self.key = public_key
        der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()
        self.connection = Connector(db_file=":memory:").connect(DATABASE, "PUBLIC")
        self.connection._duck_conn.execute("SET memory_limit = '2GB'; SET threads = 1; SET temp_directory = ''")
        self.lock = threading.RLock()
        self.faults = Faults()
        self.by_request = {}  # requestId -> (HTTP status, body)
        self.results = {}  # handle -> (HTTP status, body)
        self.lost = {}  # requestId -> when
        self.waiting = {}  # handle -> how often it is polled in vain
        self.counts = {"requests": 0, "statements": 0, "merges": 0, "largest": 0, "bytes": 0,
                       "repeated": 0}

    def authenticate(self, headers, now):
        if headers.get("X-Snowflake-Authorization-Token-Type") != "KEYPAIR_JWT":
            raise Refused(401, "390303", "08001", "Invalid OAuth access token.")
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, self.key, algorithms=["RS256"], options={
                "verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "iat", "exp"]})
        except jwt.InvalidTokenError as error:
            raise Refused(401, "390144", "08001", "JWT token is invalid. [%s]" % type(error).__name__)
        subject = "%s.%s" % (ACCOUNT, USER)
        if (claims["sub"] != subject or claims["iss"] != subject + "." + self.fingerprint
                or not claims["iat"] <= now < claims["exp"] or claims["exp"] - claims["iat"] > 3600):
            raise Refused(401, "390144", "08001", "JWT token is invalid. [claims]")

    # What SQL does to a table, by the words of the statement.
    def check_rights(self, sql):
        for schema, table, right in self.faults.denied:
            named = '"%s"."%s"' % (schema, table)
            first = sql.removeprefix("EXPLAIN USING TEXT ").split(None, 1)[0]
            uses = {"INSERT": {"INSERT"}, "MERGE": {"INSERT", "UPDATE"}, "UPDATE": {"UPDATE"}, "DELETE": {"DELETE"}}
            target = re.match(r'(INSERT INTO|MERGE INTO|UPDATE|DELETE FROM)\s+("\w+"\.)?' + re.escape(named),
                              sql.removeprefix("EXPLAIN USING TEXT "))
            if target and right in uses.get(first, set()):
                raise Refused(422, "003001", "42501", "SQL access control error: Insufficient privileges to operate on "
                              "table '%s'." % table)

    def check_keys(self, sql):
        if not sql.startswith("MERGE INTO"):
            return
        for schema, table, column, key in self.faults.refused_keys:
            named = '"%s"."%s"."%s"' % (DATABASE, schema, table)
            if not sql.startswith("MERGE INTO " + named):
                continue
            cursor = self.connection.cursor()
            cursor.execute('SELECT COUNT(*) FROM %s WHERE "%s" = \'%s\'' % (named, column, key))
            if cursor.fetchall()[0][0] > 0:
                raise Refused(422, "100078", "22000", "String '%s' is too long and would be truncated, refused by the "
                              "test" % key)

    def run(self, sql, values=None):
        """One statement's result body."""
        self.counts["statements"] += 1
        self.counts["merges"] += sql.startswith("MERGE INTO")
        self.check_rights(sql)
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql.removeprefix("EXPLAIN USING TEXT ") if sql.startswith("EXPLAIN USING TEXT SELECT")
                           else "SELECT 1" if sql.startswith("EXPLAIN") else sql, values or None)
            rows = cursor.fetchall()
        except Error as error:
            message = str(error)
            code = "%06d" % (error.errno or 1)
            state = error.sqlstate or "42000"
            # Names as Snowflake's sentence has them.
            missing = re.search(r'Table with name "?([\w.]+)"? does not exist', message)
            if missing:
                code, state, message = "002003", "42S02", "Object '%s' does not exist or not authorized." % missing[1]
            elif "Referenced column" in message or "does not have a column" in message:
                code, state, message = "000904", "42000", "SQL compilation error: " + message.split("\n")[0]
            elif "Catalog \"" in message or "database does not exist" in message.lower():
                code, state, message = "002003", "02000", "Database does not exist or not authorized."
            raise Refused(422, code, state, message)
        self.check_keys(sql)
        return {"resultSetMetaData": {"numRows": len(rows), "format": "jsonv2", "partitionInfo": [{}]},
                "data": [[cell(value) for value in row] for row in rows], "code": "090001", "sqlState": "00000",
                "message": "Statement executed successfully."}

    def keep(self, http, body):
        handle = str(uuid.uuid4())
        body = dict(body, statementHandle=handle, createdOn=0, statementStatusUrl="/api/v2/statements/" + handle)
        self.results[handle] = (http, body)
        return handle, body

    def rollback(self):
        try:
            self.connection.cursor().execute("ROLLBACK")
        except Error:
            pass  # there was none

    def submit(self, request):
        if request.get("role") != ROLE:
            raise Refused(422, "390189", "08001", "Role '%s' specified in the connect string does not exist or not "
                          "authorized." % request.get("role"))
        if request.get("warehouse") != WAREHOUSE:
            raise Refused(422, "000606", "57P03", "No active warehouse selected in the current session.")
        statements = [part.strip() for part in request["statement"].split(";\n")]
        wanted = int(request.get("parameters", {}).get("MULTI_STATEMENT_COUNT", "1"))
        if len(statements) != wanted:
            raise Refused(422, "000008", "0A000", "Actual statement count %d did not match the desired statement count "
                          "%d." % (len(statements), wanted))
        bindings = request.get("bindings", {})
        if wanted == 1:
            if re.match(r"(BEGIN|COMMIT|ROLLBACK)\b", statements[0]):
                raise Refused(422, "391911", "0A000", "Unsupported statement type.")
            values = tuple(bindings[str(i + 1)]["value"] for i in range(len(bindings)))
            try:
                return self.keep(200, self.run(statements[0], values))[1]
            except Refused:
                self.rollback()
                raise
        if bindings:
            raise Refused(422, "000006", "0A000", "Variable bindings are not supported in multi-statement requests.")
        handles = []
        try:
            for statement in statements:
                handles.append(self.keep(200, self.run(statement.replace("BEGIN TRANSACTION", "BEGIN")))[0])
        except Refused:
            self.rollback()
            raise
        return self.keep(200, {
            "resultSetMetaData": {"numRows": 1, "format": "jsonv2", "partitionInfo": [{}]},
            "data": [["Multiple statements executed successfully."]], "code": "090001", "sqlState": "00000",
            "statementHandles": handles, "message": "Statement executed successfully."})[1]

    def statement(self, request_id, retry, text):
        """(HTTP status, body) of a POST."""
        if request_id in self.by_request and retry:
            self.counts["repeated"] += 1
            return self.by_request[request_id]
        try:
            answer = (200, self.submit(json.loads(text)))
        except Refused as refused:
            answer = (refused.http, self.keep(refused.http, refused.body)[1])
        if self.faults.later > 0:
            self.faults.later -= 1
            handle = answer[1]["statementHandle"]
            self.waiting[handle] = 1
            answer = (202, {"code": "333334", "sqlState": "00000", "message": "Asynchronous execution in progress.",
                            "statementHandle": handle, "statementStatusUrl": "/api/v2/statements/" + handle})
        self.by_request[request_id] = answer
        return answer

    def loses(self, request_id, text):
        """None, "before" or "after"."""
        for when, name in (("before", "lose_before"), ("after", "lose_after"), ("after", "lose_once")):
            if request_id not in self.lost and getattr(self.faults, name) > 0 and (
                    "COMMIT" in text or name == "lose_once"):
                setattr(self.faults, name, getattr(self.faults, name) - 1)
                if name == "lose_once":
                    return when
                self.lost[request_id] = when
        return self.lost.get(request_id)

    def result(self, handle):
        if self.waiting.get(handle, 0) > 0:
            self.waiting[handle] -= 1
            return (202, {"code": "333334", "message": "Asynchronous execution in progress.",
                          "statementHandle": handle})
        return self.results.get(handle, (404, {"code": "000404", "message": "Statement not found"}))

    # The test's own way in.
    def test(self, request):
        faults = self.faults
        if "sql" in request:
            cursor = self.connection.cursor()
            for statement in request["sql"]:
                cursor.execute(statement)
            return {"data": [[plain(value) for value in row] for row in cursor.fetchall()]}
        for name in ("lose_before", "lose_after", "lose_once", "later", "answer_with", "cut"):
            if name in request:
                setattr(faults, name, request[name])
        if "refuse" in request:
            faults.refused_keys.add(tuple(request["refuse"]))
        if "accept" in request:
            faults.refused_keys -= {key for key in faults.refused_keys if key[3] == request["accept"]}
        if "deny" in request:
            faults.denied.add(tuple(request["deny"]))
        return {"data": [[name, str(count)] for name, count in self.counts.items()]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state = None

    def log_message(self, *_):
        pass

    def answer(self, http, body, headers=()):
        text = json.dumps(body).encode()
        if self.server_state.faults.cut > 0 and self.path.startswith("/api"):
            self.server_state.faults.cut -= 1
            text = text[: len(text) // 2]
        self.send_response(http)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def handle_request(self, text):
        state = self.server_state
        url = urlparse(self.path)
        with state.lock:
            if url.path == "/test":
                return self.answer(200, state.test(json.loads(text)))
            state.counts["requests"] += 1
            state.counts["bytes"] += len(text)
            state.counts["largest"] = max(state.counts["largest"], len(text))
            if state.faults.answer_with:
                http = state.faults.answer_with.pop(0)
                return self.answer(http, {"message": "played"}, [("Retry-After", "7")] if http == 429 else [])
            try:
                state.authenticate(self.headers, float(self.headers.get("X-Test-Now", time.time())))
                if len(text) > MAX_REQUEST:
                    raise Refused(422, "000001", "42000", "The request has more than 1,000,000 bytes.")
                if url.path == "/api/v2/statements":
                    query = parse_qs(url.query)
                    request_id = str(uuid.UUID(query["requestId"][0]))
                    loses = state.loses(request_id, text)
                    if loses != "before":
                        answer = state.statement(request_id, query.get("retry") == ["true"], text)
                    if loses:
                        self.close_connection = True
                        return self.connection.shutdown(socket.SHUT_RDWR)
                    return self.answer(*answer)
                return self.answer(*state.result(url.path.rsplit("/", 1)[1]))
            except Refused as refused:
                return self.answer(refused.http, refused.body)

    def do_POST(self):
        self.handle_request(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def do_GET(self):
        self.handle_request("")


def main():
    with open(sys.argv[1], "rb") as file:
        Handler.server_state = Server(serialization.load_pem_public_key(file.read()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
