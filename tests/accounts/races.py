"""Several calls at the same moment, each on its own connection, as the web role."""

from threading import Barrier, Thread

from django.db import connection

from tests.conftest import look


def race(calls):
    """The results of the calls, or the exceptions that they ended with, in the calls' order."""
    start, results = Barrier(len(calls)), [None] * len(calls)

    def run(position, call):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_web")
            look("yes")
            start.wait()
            results[position] = call()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
