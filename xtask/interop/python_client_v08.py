"""Drives the official Python client of InfluxDB 0.8 through all its calls and checks the answers.

Usage: python_client_v08.py http://127.0.0.1:PORT
It expects an empty server whose cluster administrator is root with the password root.
"""

import faulthandler
import sys
import warnings
from copy import copy
from urllib.parse import urlsplit

from influxdb.influxdb08 import InfluxDBClient
from influxdb.influxdb08.client import InfluxDBClientError

DATABASE = "interop"
START = 1_400_000_000

checks = 0


def main(address):
    # If the server hangs, print the stack and exit with a failure.
    faulthandler.dump_traceback_later(120, exit=True)
    server = urlsplit(address)
    root = InfluxDBClient(server.hostname, server.port, "root", "root", timeout=10)
    databases(root)
    root.switch_database(DATABASE)
    other_names(root, server.netloc)
    writes(root)
    queries(root)
    continuous_queries(root)
    cluster_admins(root)
    database_users(root)
    permissions(root)
    deletions(root)
    print(f"{checks} checks passed")


def databases(root):
    check("create_database", root.create_database(DATABASE), True)
    refused("create_database twice", 409, lambda: root.create_database(DATABASE))
    check("get_list_database", root.get_list_database(), [{"name": DATABASE}])


def other_names(root, host_and_port):
    """Deprecated names of other calls, and the call that only later servers answer."""
    from_dsn = InfluxDBClient.from_dsn(f"influxdb://root:root@{host_and_port}/{DATABASE}", timeout=10)
    point = series("deprecated", ["time", "value"], [[START, 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        check("get_database_list", from_dsn.get_database_list(), [{"name": DATABASE}])
        check("write_points_with_precision", from_dsn.write_points_with_precision([point], "s"), True)
        from_dsn.switch_db(DATABASE)
    check("a client from a DSN reads what it wrote", select(from_dsn, "deprecated"), [{"time": START, "value": 1}])
    refused("write", 404, lambda: root.write("cpu value=1"))


def writes(root):
    cpu = series("cpu", ["time", "host", "value"], [[START + i, f"web-{i}", i + 0.5] for i in range(5)])
    check("write_points", root.write_points([cpu]), True)
    check("write_points: all are there", [row["value"] for row in select(root, "cpu")], [0.5, 1.5, 2.5, 3.5, 4.5])

    batch = series("batch", ["time", "value"], [[START + i, i] for i in range(7)])
    check("write_points in batches", root.write_points([batch], batch_size=3), True)
    check("write_points in batches: all are there", [row["value"] for row in select(root, "batch")], list(range(7)))

    pair = [series("indoor", ["time", "value"], [[START, 1]]), series("outdoor", ["time", "value"], [[START, 2]])]
    check("write_points of two series", root.write_points(pair), True)
    check("write_points of two series: both are there", [select(root, "indoor"), select(root, "outdoor")],
          [[{"time": START, "value": 1}], [{"time": START, "value": 2}]])

    # The server reads `m` as milliseconds.
    for precision, factor in [("s", 1), ("m", 1000), ("ms", 1000), ("u", 1_000_000)]:
        point = series(f"precision_{precision}", ["time", "value"], [[START * factor, 1]])
        check(f"write_points in {precision}", root.write_points([point], time_precision=precision), True)
        check(f"write_points in {precision}: the time is right",
              select(root, f"precision_{precision}"), [{"time": START, "value": 1}])

    values = [1, -1, 2**53 + 1, 0.1, -2.5, True, False, "", "text", 'quotes " and \\', "ünïcödé ☃ 😀"]
    kinds = series("kinds", ["time", "value"], [[START + i, value] for i, value in enumerate(values)])
    check("write_points of every type", root.write_points([kinds]), True)
    # Their texts are compared, as Python takes True for equal to 1.
    check("write_points of every type: the values are the same",
          [repr(row["value"]) for row in select(root, "kinds")], [repr(value) for value in values])

    sparse = series("sparse", ["time", "a", "b"], [[START, 1, None], [START + 1, None, 2]])
    check("write_points with null", root.write_points([sparse]), True)
    check("write_points with null: the cells are null", select(root, "sparse"),
          [{"time": START, "a": 1, "b": None}, {"time": START + 1, "a": None, "b": 2}])

    check("write_points without a time", root.write_points([series("timeless", ["value"], [[1], [2]])]), True)
    check("write_points without a time: both are there", sorted(row["value"] for row in select(root, "timeless")), [1, 2])

    ragged = series("ragged", ["time", "value"], [[START]])
    refused("write_points of a ragged row", 400, lambda: root.write_points([ragged]))
    elsewhere = copy(root)
    elsewhere.switch_database("missing")
    refused("write_points to a missing database", 400, lambda: elsewhere.write_points([cpu]))
    stranger = as_user(root, "root", "wrong")
    refused("write_points with a wrong password", 401, lambda: stranger.write_points([cpu]))


def queries(root):
    check("query of one column", [row["host"] for row in select(root, "cpu", "host")], [f"web-{i}" for i in range(5)])
    check("query in ms", [row["time"] for row in select(root, "indoor", time_precision="ms")], [START * 1000])
    check("query in u", [row["time"] for row in select(root, "indoor", time_precision="u")], [START * 1_000_000])
    check("query with a limit", len(rows(root.query("select * from cpu limit 2"))), 2)
    check("query with a condition", rows(root.query("select value from cpu where value > 3")),
          [{"time": START + 3, "value": 3.5}, {"time": START + 4, "value": 4.5}])

    # More points than the 200 that the server puts into one chunk.
    many = series("many", ["time", "value"], [[START + i, i] for i in range(1000)])
    root.write_points([many])
    chunks = root.query("select * from many", chunked=True)
    check("query chunked: several chunks", len(chunks) > 1, True)
    check("query chunked: one series in all of them", {chunk["name"] for chunk in chunks}, {"many"})
    check("query chunked: every point once", sorted(row["value"] for row in rows(chunks)), list(range(1000)))

    names = root.get_list_series()
    check("get_list_series", {"cpu", "batch", "indoor", "outdoor", "many"} <= set(names), True)
    check("get_list_series: each name once", len(names), len(set(names)))
    refused("query of a missing series", 400, lambda: root.query("select * from nowhere"))
    refused("query with a syntax error", 400, lambda: root.query("select from where"))
    refused("query with a wrong password", 401, lambda: as_user(root, "root", "wrong").query("list series"))


def continuous_queries(root):
    check("get_list_continuous_queries, none", root.get_list_continuous_queries(), [])
    root.query("select * from cpu into cpu_copy")
    created = root.get_list_continuous_queries()
    check("get_list_continuous_queries, one", len(created), 1)
    check("get_list_continuous_queries: its text", created[0].endswith("into cpu_copy"), True)
    number = rows(root.query("list continuous queries"))[0]["id"]
    root.query(f"drop continuous query {number}")
    check("get_list_continuous_queries, dropped", root.get_list_continuous_queries(), [])


def cluster_admins(root):
    check("add_cluster_admin", root.add_cluster_admin("paul", "first password"), True)
    refused("add_cluster_admin twice", 400, lambda: root.add_cluster_admin("paul", "first password"))
    refused("add_cluster_admin with a short password", 400, lambda: root.add_cluster_admin("short", "abc"))
    check("get_list_cluster_admins", sorted(user["name"] for user in root.get_list_cluster_admins()), ["paul", "root"])

    paul = as_user(root, "paul", "first password")
    check("a new cluster admin may list databases", paul.get_list_database(), [{"name": DATABASE}])
    check("update_cluster_admin_password", root.update_cluster_admin_password("paul", "second password"), True)
    refused("the old password is void", 401, paul.get_list_database)
    paul.switch_user("paul", "second password")
    check("the new password works", paul.get_list_database(), [{"name": DATABASE}])

    check("delete_cluster_admin", root.delete_cluster_admin("paul"), True)
    refused("delete_cluster_admin twice", 400, lambda: root.delete_cluster_admin("paul"))
    check("get_list_cluster_admins after the deletion", root.get_list_cluster_admins(), [{"name": "root"}])


def database_users(root):
    check("get_database_users, none", root.get_database_users(), [])
    check("add_database_user", root.add_database_user("jane", "first password"), True)
    refused("add_database_user twice", 400, lambda: root.add_database_user("jane", "first password"))
    check("get_database_users", root.get_database_users(),
          [{"name": "jane", "isAdmin": False, "writeTo": ".*", "readFrom": ".*"}])

    jane = as_user(root, "jane", "first password")
    check("a database user may query", [row["value"] for row in select(jane, "indoor")], [1])
    check("a database user may write", jane.write_points([series("hers", ["time", "value"], [[START, 1]])]), True)
    refused("a database user may not list users", 403, jane.get_database_users)
    refused("a database user may not list databases", 401, jane.get_list_database)

    check("set_database_admin", root.set_database_admin("jane"), True)
    check("a database admin may list users", jane.get_database_users()[0]["isAdmin"], True)
    check("unset_database_admin", root.unset_database_admin("jane"), True)
    refused("no longer an admin", 403, jane.get_database_users)
    check("alter_database_admin", root.alter_database_admin("jane", True), True)
    check("alter_database_admin back", root.alter_database_admin("jane", False), True)

    check("update_database_user_password", root.update_database_user_password("jane", "second password"), True)
    refused("the user's old password is void", 401, lambda: jane.query("list series"))
    # The client takes over a new password of its own user.
    jane.switch_user("jane", "second password")
    check("a user changes its own password", jane.alter_database_user("jane", password="third password"), True)
    check("the user's new password works", [row["value"] for row in select(jane, "indoor")], [1])

    check("delete_database_user", root.delete_database_user("jane"), True)
    refused("delete_database_user twice", 400, lambda: root.delete_database_user("jane"))
    refused("a deleted user is unknown", 401, lambda: jane.query("list series"))


def permissions(root):
    check("add_database_user with permissions", root.add_database_user("reader", "password", ("^cpu$", "^$")), True)
    reader = as_user(root, "reader", "password")
    check("a permitted series is read", len(select(reader, "cpu")), 5)
    refused("another series is not", 403, lambda: reader.query("select * from indoor"))
    point = series("cpu", ["time", "value"], [[START, 1]])
    refused("nothing is written", 403, lambda: reader.write_points([point]))
    refused("nothing is dropped", 403, lambda: reader.delete_series("cpu"))

    check("alter_database_user", root.alter_database_user("reader", permissions=("^indoor$", "^theirs$")), True)
    check("alter_database_user: the permissions are new", root.get_database_users(),
          [{"name": "reader", "isAdmin": False, "writeTo": "^theirs$", "readFrom": "^indoor$"}])
    check("the other series is read now", [row["value"] for row in select(reader, "indoor")], [1])
    check("a permitted series is written", reader.write_points([series("theirs", ["time", "value"], [[START, 1]])]), True)
    root.delete_database_user("reader")


def deletions(root):
    check("delete_series", root.delete_series("cpu"), True)
    refused("a deleted series is gone", 400, lambda: root.query("select * from cpu"))
    check("delete_points", root.delete_points("batch"), True)
    check("get_list_series after the deletions", {"cpu", "batch"} & set(root.get_list_series()), set())
    check("delete_series of a missing one", root.delete_series("nowhere"), True)
    check("delete_database", root.delete_database(DATABASE), True)
    refused("delete_database twice", 400, lambda: root.delete_database(DATABASE))
    check("get_list_database after the deletion", root.get_list_database(), [])


def series(name, columns, points):
    return {"name": name, "columns": columns, "points": points}


def select(client, name, columns="*", **options):
    return rows(client.query(f"select {columns} from {name}", **options))


def rows(answer):
    """The points of an answer as dictionaries, the oldest first, without the server's own numbers."""
    found = [dict(zip(part["columns"], point)) for part in answer for point in part["points"]]
    for row in found:
        row.pop("sequence_number", None)
    return sorted(found, key=lambda row: row["time"])


def as_user(client, username, password):
    """The same client with other credentials."""
    other = copy(client)
    other.switch_user(username, password)
    return other


def check(name, actual, expected):
    if actual != expected:
        raise AssertionError(f"{name}: expected {expected!r}, got {actual!r}")
    passed(name)


def refused(name, status, call):
    """The server must refuse the call with exactly this status."""
    try:
        answer = call()
    except InfluxDBClientError as error:
        if error.code != status:
            raise AssertionError(f"{name}: expected status {status}, got {error}") from error
        passed(name)
    else:
        raise AssertionError(f"{name}: expected status {status}, got the answer {answer!r}")


def passed(name):
    global checks
    checks += 1
    print(f"ok {name}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
