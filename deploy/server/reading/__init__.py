"""Answer POST /read: a file in, its series out as POST /forecast takes them.

In: the bytes of a file, and what is said of it in the query. Out: JSON that a reader makes, in a process of
its own. The service itself reads no files: whoever starts it may hand it a reader, as `forecaster serve`
does. May import: deploy.server.{models, http} and all below them.

    reading_endpoint  the endpoint: who waits, who is refused, how long it may take
    asked_reading     the query of a request, checked
    readers           the reader that the service is handed, and one that is a process
    reading_child     that process: it holds memory, files and time within limits
"""
